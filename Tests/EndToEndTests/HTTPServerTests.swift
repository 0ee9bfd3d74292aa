// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import TestSupport
import Testing

/// The web server, in every server model.
@Suite(.takingTurns)
struct HTTPServerTests {
  static let models = ["fork", "thread", "event"]

  static func server(_ flags: String...) -> RunningProgram {
    RunningProgram(.sockkit(["http-server", "-v"] + flags + ["0"]), limit: 60)
  }

  /// A directory with a page, a large file, a hidden file, and a link that leads out.
  private func site() async throws -> TemporaryDirectory {
    let directory = try TemporaryDirectory()
    let made = try await shell(
      """
      cd "$1" && mkdir -p root/sub root/empty && echo '<p>home' > root/index.html && echo secret > outside
      echo hidden > root/.hidden && ln -s ../outside root/link && echo text > 'root/sub/a & b.txt'
      head -c 3000000 /dev/urandom > root/large.bin
      """, directory.path)
    try #require(made == Finished(.exit(0)))
    return directory
  }

  @Test(arguments: models)
  func `a file of the kernel is served whole, though its reported size is none`(model: String) async throws {
    let server = Self.server("--model", model, "--root", "/proc")
    let port = "\(try await server.announcedPort())"
    // The same for every reader, unlike most of them.
    let result = try await shell(
      """
      curl --silent --show-error --fail --max-time 20 "http://127.0.0.1:$1/version" | cmp - /proc/version
      """, port)
    #expect(result == Finished(.exit(0)), "\(result)")
    server.signal(SIGTERM)
    #expect(try await server.finished().ending == .exit(0))
  }

  @Test(arguments: models)
  func `files are served whole and in ranges, on connections that are kept`(model: String) async throws {
    let site = try await site()
    let server = Self.server("--model", model, "--root", site.file("root"), "--list")
    let port = "\(try await server.announcedPort())"
    let client = try await python(
      """
      import http.client
      client = http.client.HTTPConnection("127.0.0.1", int(arguments[0]), timeout=30)
      def get(path, method="GET", **headers):
          client.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
          answer = client.getresponse()
          return answer.status, answer.read(), answer
      large = open(arguments[1] + "/root/large.bin", "rb").read()
      assert get("/")[:2] == (200, b"<p>home\\n")
      status, body, answer = get("/large.bin")
      assert (status, body) == (200, large)
      assert get("/large.bin", If_None_Match=answer.headers["ETag"])[:2] == (304, b"")
      assert get("/large.bin", Range="bytes=5-9")[:2] == (206, large[5:10])
      assert get("/large.bin", Range="bytes=-7")[:2] == (206, large[-7:])
      assert get("/large.bin", Range="bytes=9999999-")[0] == 416
      status, body, answer = get("/large.bin", "HEAD")
      assert (status, body, answer.headers["Content-Length"]) == (200, b"", "3000000")
      assert get("/sub/a%20%26%20b.txt")[:2] == (200, b"text\\n")
      assert b"a%20&amp;%20b.txt" in get("/sub/")[1] or b"a%20%26%20b.txt" in get("/sub/")[1]
      assert b"a &amp; b.txt" in get("/sub/")[1]
      for path in ["/.hidden", "/link", "/../outside", "/%2e%2e/outside", "/sub/../../outside", "/none", "/sub%00"]:
          assert get(path)[0] in (400, 404), path
      for _ in range(1000):
          assert get("/")[0] == 200
      assert get("/", "DELETE")[0] == 405
      """, port, site.path)
    #expect(client.ending == .exit(0), "\(client)")
    server.signal(SIGTERM)
    let end = try await server.finished()
    #expect(end.ending == .exit(0))
    #expect(end.errorLines.contains { $0.contains(" GET /large.bin: 206, 5 bytes in ") }, "\(end)")
  }

  @Test(arguments: models)
  func `requests are pipelined, and a wrong one gets its answer before the end`(model: String) async throws {
    let server = Self.server("--model", model, "--text", "hi")
    let port = "\(try await server.announcedPort())"
    let client = try await python(
      """
      client = connected(arguments[0])
      client.sendall(b"GET / HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n" * 100 + b"GET /\\r\\n\\r\\n" + b"x" * 100000)
      answers = received(client)
      assert answers.count(b"HTTP/1.1 200 OK\\r\\n") == 100, answers.count(b"HTTP/1.1 200")
      assert answers.count(b"HTTP/1.1 400 ") == 1
      """, port)
    #expect(client.ending == .exit(0), "\(client)")
  }

  @Test(arguments: models)
  func `a header that does not come is bounded`(model: String) async throws {
    let server = Self.server("--model", model, "--header-timeout", "500ms")
    let port = "\(try await server.announcedPort())"
    let client = try await python(
      """
      slow = connected(arguments[0])
      slow.sendall(b"GET / HTTP/1.1\\r\\nX: ")
      start = time.monotonic()
      while not select.select([slow], [], [], 0.05)[0]:
          slow.sendall(b"y")
      assert b"408" in slow.recv(1000)
      assert time.monotonic() - start < 10, time.monotonic() - start
      """, port)
    #expect(client.ending == .exit(0), "\(client)")
  }

  @Test(arguments: ServedModel.models)
  func `an answer may take longer than the header of the request after it`(model: String) async throws {
    let site = try TemporaryDirectory()
    _ = try await site.writeRandom(mebibytes: 24, to: "large")
    let server = Self.server("--model", model, "--root", site.path, "--header-timeout", "6s")
    let port = "\(try await server.announcedPort())"
    let client = try await python(
      """
      client = connected(arguments[0])
      client.sendall(b"GET /large HTTP/1.1\\r\\nHost: x\\r\\n\\r\\nGE")
      assert not select.select([], [], [], 8)[0]
      answer = bytearray()
      while len(answer) < 24 << 20:
          part = client.recv(1 << 20)
          assert part, len(answer)
          answer += part
      client.sendall(b"T /none HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n")
      answer = answer[24 << 20:] + received(client)
      assert b"HTTP/1.1 404 Not Found" in answer, answer[:1000]
      """, port)
    #expect(client.ending == .exit(0), "\(client)")
  }

  @Test func `the log is read by programs, too`() async throws {
    let server = Self.server("--json", "--text", "hi")
    let listening = try await server.errorLine(containing: "\"listening\"")
    let port = try #require(
      listening.split(separator: "\"port\":").last.flatMap { Int($0.prefix { $0.isNumber }) })
    let client = try await python(
      """
      import urllib.request
      assert urllib.request.urlopen("http://127.0.0.1:" + arguments[0] + "/a?b").read() == b"hi"
      """, "\(port)")
    #expect(client.ending == .exit(0), "\(client)")
    server.signal(SIGTERM)
    let records = try await server.finished().errorLines.map {
      try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
    }
    // One for each loopback address of the machine.
    let events = records.drop { $0?["event"] as? String == "listening" }
    #expect(events.map { $0?["event"] as? String } == ["accepted", "served", "closed"])
    let served = try #require(events.count > 1 ? events[events.startIndex + 1] : nil)
    #expect(served["method"] as? String == "GET" && served["target"] as? String == "/a?b")
    #expect(served["httpStatus"] as? Int == 200 && served["sentBytes"] as? Int == 2)
  }

  @Test func `without an address it is reached from this machine alone`() async throws {
    let server = Self.server()
    #expect(try await server.errorLine(containing: "listening on ").contains(" 127.0.0.1:"))
    let everywhere = RunningProgram.sockkit("http-server", "-v", "*", "0")
    #expect(try await everywhere.errorLine(containing: "listening on ").contains(" [::]:"))
  }

  @Test(arguments: models)
  func `a file that is made up when it is read is sent whole`(model: String) async throws {
    let server = Self.server("--model", model, "--root", "/proc/sys/kernel")
    let client = try await python(
      """
      import http.client
      client = http.client.HTTPConnection("127.0.0.1", int(arguments[0]), timeout=30)
      for method in ["GET", "HEAD", "GET"]:
          client.request(method, "/ostype")
          answer = client.getresponse()
          body = answer.read()
          assert answer.status == 200 and answer.getheader("Content-Length") == "6", answer.getheaders()
          assert body == (b"" if method == "HEAD" else b"Linux\\n"), body
      """, "\(try await server.announcedPort())")
    #expect(client.ending == .exit(0), "\(client)")
  }

  @Test(arguments: models)
  func `a file that the kernel cannot send is read, and one that cannot be read is named`(model: String)
    async throws
  {
    let site = try await site()
    let strace = try Program.other("strace", package: "strace", []).path
    for (code, log) in [("EINVAL", "closed"), ("EIO", "read a file that is being sent: Input/output error")] {
      let result = try await python(
        logWords + """

          server = Logged(
              arguments[0], "-f", "-qq", "-o", "/dev/null", "-e", "inject=sendfile:error=" + arguments[1], "sockkit",
              "http-server", "-v", "--model", arguments[2], "--root", arguments[3], "127.0.0.1:0")
          client = server.connect()
          client.sendall(b"GET /large.bin HTTP/1.0\\r\\n\\r\\n")
          try:
              body = received(client).partition(b"\\r\\n\\r\\n")[2]
              assert arguments[1] == "EINVAL" and body == open(arguments[3] + "/large.bin", "rb").read(), len(body)
          except ConnectionResetError:
              assert arguments[1] == "EIO"
          server.line(arguments[4])
          tracer = server.pid
          os.kill(int(open(f"/proc/{tracer}/task/{tracer}/children").read().split()[0]), signal.SIGTERM)
          assert server.process.wait(20) == 0
          """, strace, code, model, site.file("root"), log)
      #expect(result.ending == .exit(0), "\(result)")
    }
  }

  @Test(arguments: models)
  func `header fields are added, and other sites may read`(model: String) async throws {
    let server = Self.server(
      "--model", model, "--header", "Cache-Control: no-store", "--header=X-A:1", "--cors")
    let result = try await shell(
      """
      curl --silent --show-error --include --request OPTIONS "http://127.0.0.1:$1/" && curl --silent --head "http://127.0.0.1:$1/none"
      """, "\(try await server.announcedPort())")
    let heads = result.text.components(separatedBy: "\r\n\r\n")
    try #require(heads.count == 3, "\(result)")
    #expect(
      heads[0].hasPrefix("HTTP/1.1 204 No Content\r\n") && heads[1].hasPrefix("HTTP/1.1 404 Not Found\r\n"))
    for head in heads.prefix(2) {
      for line in ["Cache-Control: no-store", "X-A: 1", "Access-Control-Allow-Origin: *"] {
        #expect(head.contains("\r\n\(line)"), "\(result)")
      }
    }
  }

  @Test(arguments: models)
  func `a name and a password are asked for, and others are served while they are verified`(model: String)
    async throws
  {
    let site = try TemporaryDirectory()
    let made = try await shell(
      """
      cd "$1" && openssl passwd -5 -salt x right | sed 's/^/alice:/' > users
      perl -e 'print "slow:" . crypt("right", q($6$rounds=3000000$x$)), "\\n"' >> users && grep -c : users
      """, site.path)
    try #require(made == Finished(.exit(0), output: "2\n"), "\(made)")
    let server = Self.server("--model", model, "--text", "well", "--auth-file", site.file("users"))
    let client = try await python(
      """
      import base64
      def ask(credentials):
          client = connected(arguments[0])
          field = "Authorization: Basic " + base64.b64encode(credentials).decode() + "\\r\\n" if credentials else ""
          client.sendall(f"GET / HTTP/1.0\\r\\n{field}\\r\\n".encode())
          return client
      slow = ask(b"slow:right")
      assert received(ask(None)).startswith(b"HTTP/1.1 401")
      assert not select.select([slow], [], [], 0)[0], "the other had to wait"
      for client, status in [(slow, b"200"), (ask(b"alice:right"), b"200"), (ask(b"alice:wrong"), b"401")]:
          answer = received(client)
          assert answer.startswith(b"HTTP/1.1 " + status), answer
          assert answer.endswith(b"well") == (status == b"200"), answer
      """, "\(try await server.announcedPort())")
    #expect(client.ending == .exit(0), "\(client)")
  }

  @Test func `a file of users that is wrong is refused`() async throws {
    let directory = try TemporaryDirectory()
    let file = try directory.write("alice:plain\n", to: "users")
    let result = try await sockkit("http-server", "--auth-file", file, "0")
    #expect(
      result
        == Finished(
          .exit(65),
          errors:
            "sockkit: \(file), line 1: not a hash of crypt(3) ('openssl passwd -6' and 'mkpasswd' make them)\n"
        ))
    let missing = try await sockkit("http-server", "--auth-file", "/nonexistent", "0")
    #expect(missing == Finished(.exit(66), errors: "sockkit: read /nonexistent: No such file or directory\n"))
  }

  @Test(arguments: models)
  func `a directory is sent as an archive that tar and Python can read`(model: String) async throws {
    let site = try TemporaryDirectory()
    let made = try await shell(
      """
      cd "$1" && mkdir -p root/d/e .h && cd root/d && head -c 3000000 /dev/urandom > large && : > empty
      long=$(printf '%080d' 0) && mkdir -p "$long/$long/$long" && echo deep > "$long/$long/$long/$long$long"
      echo umlaut > 'ü b' && ln -s large link && echo secret > .hidden && ln -s /etc/passwd out && chmod 750 e
      i=0; while [ $i -lt 200 ]; do echo $i > "e/$i"; i=$((i + 1)); done
      chmod 600 large; touch -d @1000000000 empty
      """, site.path)
    try #require(made == Finished(.exit(0)), "\(made)")
    let server = Self.server("--model", model, "--root", site.file("root"), "--archive")
    let port = "\(try await server.announcedPort())"
    let result = try await shell(
      """
      cd "$2" && mkdir out && curl --silent --show-error --fail --location --remote-header-name --remote-name \\
        "http://127.0.0.1:$1/d?archive=tar" && ls *.tar && tar --extract --file d.tar --directory out --no-same-owner &&
        diff --recursive --no-dereference --exclude .hidden --exclude out root/d out/d && ls -A out/d | grep -e hidden -e '^out$'
      stat --format '%a %Y %n' out/d/empty | cut -d ' ' -f 2- && stat --format '%a' out/d/large out/d/e
      curl --silent --http1.0 "http://127.0.0.1:$1/d/?archive=tar" | cmp - d.tar && readlink out/d/link
      """, port, site.path)
    #expect(
      result
        == Finished(
          .exit(0), output: "d.tar\n1000000000 out/d/empty\n600\n750\nlarge\n"), "\(result)")
    let client = try await python(
      """
      import tarfile
      with tarfile.open(arguments[1] + "/d.tar") as archive:
          members = archive.getmembers()
      assert len(members) == len(set(member.name for member in members)) == 210, len(members)
      assert all(member.uid == 0 and member.uname == "" for member in members)
      slow, quick = connected(arguments[0]), connected(arguments[0])
      slow.sendall(b"GET /d/?archive=tar HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n")
      assert slow.recv(10) == b"HTTP/1.1 2"
      quick.sendall(b"GET /d/empty HTTP/1.0\\r\\n\\r\\n")
      assert received(quick).startswith(b"HTTP/1.1 200")
      """, port, site.path)
    #expect(client.ending == .exit(0), "\(client)")
    server.signal(SIGTERM)
    let end = try await server.finished()
    #expect(end.errorLines.contains { $0.contains(" GET /d/?archive=tar: 200, ") }, "\(end)")
  }

  @Test(arguments: models)
  func `a compressed copy is sent to those who accept it`(model: String) async throws {
    let site = try TemporaryDirectory()
    let server = Self.server("--model", model, "--root", site.path, "--precompressed")
    let result = try await shell(
      """
      cd "$2" && seq 100000 > page.txt && gzip --keep page.txt
      curl --silent --show-error --compressed --dump-header head "http://127.0.0.1:$1/page.txt" | cmp - page.txt &&
        curl --silent --show-error "http://127.0.0.1:$1/page.txt" | cmp - page.txt && grep -i encoding head
      """, "\(try await server.announcedPort())", site.path)
    #expect(
      result == Finished(.exit(0), output: "Vary: Accept-Encoding\r\nContent-Encoding: gzip\r\n"), "\(result)"
    )
  }

  @Test(arguments: [
    ("X-A: b\r\nX-B: c", "'NAME: VALUE', the name of a header field and a value without control characters"),
    (
      "content-length: 5",
      "a field that the server does not set itself, as it does Accept-Ranges, Allow, Connection, "
        + "Content-Disposition, Content-Encoding, Content-Length, Content-Range, Content-Type, Date, ETag, "
        + "Last-Modified, Location, Transfer-Encoding, Upgrade, WWW-Authenticate, X-Content-Type-Options"
    ),
  ])
  func `a header field that cannot be added is refused`(field: String, expected: String) async throws {
    let result = try await sockkit("http-server", "--header", field, "0")
    #expect(result.ending == .exit(64) && result.errors.contains("expected \(expected)"), "\(result)")
  }

  @Test func `a field that two options set is refused`() async throws {
    #expect(
      try await sockkit("http-server", "--cors", "--header", "access-control-allow-origin: x", "0")
        == .usage("--cors sets access-control-allow-origin, and so does --header", of: "http-server"))
  }

  @Test func `what cannot be served is refused at the start`() async throws {
    let missing = try await sockkit("http-server", "--root", "/nonexistent", "0")
    #expect(
      missing == Finished(.exit(66), errors: "sockkit: read /nonexistent: No such file or directory\n"))
    #expect(
      try await sockkit("http-server", "--root", "/", "--text", "x", "0")
        == .usage("--root, --file and --text exclude each other", of: "http-server"))
    #expect(
      try await sockkit("http-server", "--text", "x", "0", "public")
        == .usage("'public', --file and --text exclude each other", of: "http-server"))
    #expect(
      try await sockkit("http-server", "--list", "--file", "x", "0")
        == .usage("--list has no effect with --file, which serves no directory", of: "http-server"))
    #expect(
      try await sockkit("http-server", "--root", "/", "0", "/")
        == .usage("two directories are given: --root and '/'", of: "http-server"))
    #expect(
      try await sockkit("http-server", "127.0.0.1", "0", "/", "/tmp")
        == .usage("'/tmp' is one word too many: expected [HOST] PORT [DIR]", of: "http-server"))
  }

  @Test(arguments: [
    ["PORT", "DIR"], ["127.0.0.1", "PORT", "DIR"], ["127.0.0.1:PORT", "DIR"], [":PORT", "DIR"],
    ["-p", "PORT", "127.0.0.1", "DIR"], ["PORT", "--root", "DIR"], ["-U", "@DIR", "DIR"],
    ["unix:@DIR", "DIR"],
  ])
  func `the directory follows the address`(words: [String]) async throws {
    let site = try TemporaryDirectory()
    _ = try site.write("well", to: "page")
    let arguments = words.map {
      $0.replacingOccurrences(of: "PORT", with: "0").replacingOccurrences(of: "DIR", with: site.path)
    }
    let server = RunningProgram(.sockkit(["http-server", "-v"] + arguments), limit: 60)
    let isUnix = words.contains { $0.contains("@") }
    _ = try await server.errorLine(containing: "listening on ")
    let place =
      isUnix
      ? ["--abstract-unix-socket", site.path, "localhost"]
      : ["127.0.0.1:\(try await server.announcedPort())"]
    func get(_ path: String) async throws -> Finished {
      let url = "http://\(place[place.count - 1])\(path)"
      return try await RunningProgram(
        .other("curl", package: "curl", ["--silent", "--path-as-is"] + place.dropLast() + [url])
      ).finished()
    }
    #expect(try await get("/page") == Finished(.exit(0), output: "well"))
    #expect(try await get("//page") == Finished(.exit(0), output: "well"))
    #expect(String(decoding: try await get("/").output, as: UTF8.self).hasPrefix("404 "))
  }

  @Test func `without anything to serve it lists the current directory, and says where at a terminal`()
    async throws
  {
    let site = try TemporaryDirectory()
    _ = try site.write("well", to: "page")
    let result = try await python(
      """
      import urllib.request
      ours, theirs = terminal()
      os.chdir(arguments[1])
      server = subprocess.Popen([arguments[0], "http-server", "0"], stderr=theirs)
      os.close(theirs)
      seen = b""
      while b"/\\n" not in seen:
          seen += os.read(ours, 1000)
      port = int(seen.split(b"/\\n")[0].split(b":")[-1])
      expected = f"sockkit: serving the current directory at http://127.0.0.1:{port}/\\n".encode()
      assert expected in seen, seen
      page = urllib.request.urlopen(f"http://127.0.0.1:{port}/").read()
      assert b'href="page"' in page, page
      server.terminate()
      assert server.wait(30) == 0
      """, Program.sockkit([]).path, site.path)
    #expect(result.ending == .exit(0), "\(result)")
  }

  @Test(arguments: [
    (["--port", "8080"], "unknown option '--port' (the port is an argument: 'sockkit http-server 8080')"),
    (
      ["--directory", "web", "8080"],
      "unknown option '--directory' (the directory is an argument after the port: 'sockkit http-server 8080 DIR')"
    ),
    (
      ["-d", "web", "8080"],
      "unknown option '-d' (the directory is an argument after the port: 'sockkit http-server 8080 DIR')"
    ),
    (
      ["--bind", "127.0.0.1", "8080"],
      "unknown option '--bind' (the address is an argument before the port: 'sockkit http-server 127.0.0.1 8080')"
    ),
    (
      ["-p", "8080", "-h", "web"],
      "-h asks for help (the directory is an argument after the port: 'sockkit http-server 8080 DIR')"
    ),
    (["-f", "-p", "8080"], "unknown option '-f' (it stays in the foreground without -f)"),
  ])
  func `the options of other web servers are explained`(words: [String], message: String) async throws {
    #expect(try await sockkit(["http-server"] + words) == .usage(message, of: "http-server"))
  }

  @Test func `help is help, with an address behind it too`() async throws {
    for words in [["-h"], ["8080", "-h"], ["-h", "8080"], ["-h", "-v"]] {
      let help = try await sockkit(["http-server"] + words)
      #expect(
        help.ending == .exit(0) && String(decoding: help.output, as: UTF8.self).hasPrefix("Usage:"),
        "\(words)"
      )
    }
  }
}
