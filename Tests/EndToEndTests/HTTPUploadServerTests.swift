// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import TestSupport
import Testing

/// Uploads to the web server.
@Suite(.takingTurns)
struct HTTPUploadServerTests {
  @Test(arguments: HTTPServerTests.models)
  func `files are uploaded by PUT and by a form, and not over others`(model: String) async throws {
    let site = try TemporaryDirectory()
    let server = HTTPServerTests.server(
      "--model", model, "--root", site.path, "--list", "--upload", "--max-upload", "8M")
    let result = try await shell(
      """
      cd "$2" && work=$(mktemp -d) && trap 'rm -r "$work"' EXIT && url=http://127.0.0.1:$1
      head -c 3000000 /dev/urandom > "$work/a" && head -c 100 /dev/urandom > "$work/b" && head -c 9000000 /dev/zero > "$work/c"
      ask() { curl --silent --show-error --output /dev/null --write-out '%{http_code} ' "$@"; }
      ask --upload-file "$work/a" "$url/" && ask --upload-file "$work/b" "$url/a" && cmp a "$work/a"
      ask --form "x=@$work/b;filename=f" --form "x=@$work/a;filename=g" "$url/" && cmp f "$work/b" && cmp g "$work/a"
      ask --form "x=@$work/b;filename=h" --form "x=@$work/b;filename=f" "$url/"
      ask --form "x=@$work/b;filename=../evil" "$url/"
      ask --upload-file "$work/c" "$url/c"; ask --upload-file - --header Expect: "$url/c" < "$work/c"
      ask --header 'Origin: http://other' --form "x=@$work/b;filename=h" "$url/"
      curl --silent "$url/" | grep -c '<form'; ls -A
      """, "\(try await server.announcedPort())", site.path)
    #expect(
      result
        == Finished(.exit(0), output: "201 409 303 409 403 413 413 403 1\na\nf\ng\n"), "\(result)")
  }

  @Test(arguments: HTTPServerTests.models)
  func `an upload that breaks off, or a stop in the middle, leaves nothing behind`(model: String) async throws
  {
    let site = try TemporaryDirectory()
    let server = HTTPServerTests.server("--model", model, "--root", site.path, "--upload", "--grace", "1s")
    let client = try await python(
      """
      def begin(name):
          client = connected(arguments[0])
          client.sendall(f"PUT /{name} HTTP/1.1\\r\\nHost: x\\r\\nContent-Length: 1000000\\r\\n\\r\\n".encode() + b"x" * 5000)
          return client
      watch = changes(arguments[1], 0x300)  # IN_CREATE, IN_DELETE
      def wait(count):
          while len(os.listdir(arguments[1])) != count:
              assert select.select([watch], [], [], 20)[0], os.listdir(arguments[1])
              os.read(watch, 4096)
      clients = [begin("a"), begin("b")]
      wait(2)
      reset(clients[0])
      wait(1)
      clients[1].shutdown(socket.SHUT_WR)
      assert received(clients[1]).startswith(b"HTTP/1.1 400")
      wait(0)
      last = begin("c")
      wait(1)
      os.kill(int(arguments[2]), signal.SIGTERM)
      try:
          while last.recv(100):
              pass
      except ConnectionResetError:
          pass
      wait(0)
      """, "\(try await server.announcedPort())", site.path, "\(try await server.processIdentifier())")
    #expect(client.ending == .exit(0), "\(client)")
    #expect(try await server.finished().ending == .exit(0))
  }

  @Test func `several workers store uploads at the same time whole, and none over another`() async throws {
    let site = try TemporaryDirectory()
    let server = HTTPServerTests.server("--workers", "4", "--root", site.path, "--upload")
    let result = try await python(
      """
      import concurrent.futures, http.client, threading
      count, rounds = 12, 4
      start = threading.Barrier(count, timeout=20)

      def body(client, turn):
          return f"{client}.{turn} ".encode() * 40000

      def upload(client):
          connection = http.client.HTTPConnection("127.0.0.1", int(arguments[0]), timeout=20)
          def put(name, turn):
              connection.request("PUT", "/" + name, body(client, turn))
              with connection.getresponse() as answer:
                  answer.read()
                  return answer.status
          answers = []
          for turn in range(rounds):
              own = put(f"{client}.{turn}", turn)
              start.wait()
              answers.append((own, put(f"same.{turn}", turn)))
          return answers

      with concurrent.futures.ThreadPoolExecutor(count) as pool:
          answers = list(pool.map(upload, range(count)))
      stored = {name: open(os.path.join(arguments[1], name), "rb").read() for name in os.listdir(arguments[1])}
      for turn in range(rounds):
          statuses = [answers[client][turn] for client in range(count)]
          assert sorted(statuses) == [(201, 201)] + [(201, 409)] * (count - 1), statuses
          assert stored.pop(f"same.{turn}") == body(statuses.index((201, 201)), turn), turn
          for client in range(count):
              assert stored.pop(f"{client}.{turn}") == body(client, turn), (client, turn)
      say(stored)
      """, "\(try await server.announcedPort())", site.path)
    #expect(result == Finished(.exit(0), output: "{}\n"))
  }

  @Test func `a full disk is reported, and nothing is left on it`() async throws {
    let result = try await shell(
      """
      exec unshare --map-root-user --mount --net sh -c '
        ip link set lo up && cd "$(mktemp -d)" && mount -t tmpfs -o size=1m tmpfs . && cd "$PWD" &&
          head -c 3000000 /dev/zero > /tmp/zeros.$$
        sockkit http-server --root . --upload 127.0.0.1:8080 & server=$! url=http://127.0.0.1:8080/
        sockkit connect -z --retry 20s 127.0.0.1 8080
        for way in "--upload-file /tmp/zeros.$$" "--form x=@/tmp/zeros.$$;filename=x"; do
          curl --silent --show-error --output /dev/null --write-out "%{http_code} " $way $url
        done
        kill $server; wait $server; ls -A; rm /tmp/zeros.$$'
      """)
    #expect(result == Finished(.exit(0), output: "507 507 "), "\(result)")
  }

  @Test func `options for uploads that have no effect are refused`() async throws {
    for (words, flag) in [(["--force"], "--force"), (["--max-upload", "1M"], "--max-upload")] {
      #expect(
        try await sockkit(["http-server"] + words + ["0"])
          == .usage("\(flag) requires --upload", of: "http-server"))
    }
    #expect(
      try await sockkit("http-server", "--upload", "--text", "x", "0")
        == .usage("--upload has no effect with --text, which serves no directory", of: "http-server"))
  }
}
