// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

/// Arguments and file names that are not UTF-8 keep their bytes.
@Suite(.takingTurns)
struct ArgumentBytesTests {
  /// Runs a script in a new directory; `$b` is the byte ff, `await FILE` waits for a file.
  private func script(_ text: String) async throws -> Finished {
    let directory = try TemporaryDirectory()
    return try await shell(
      """
      cd "$1" && b=$(printf '\\377') || exit 99
      await() { i=0; while [ ! -e "$1" ] && [ $i -lt 1000 ]; do i=$((i + 1)); sleep 0.02; done; }
      \(text)
      """, directory.path)
  }

  @Test func `messages are sent as they are, with --escapes too`() async throws {
    let receiver = try RunningProgram.python(
      """
      receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
      receiver.bind(("127.0.0.1", 0))
      say("port", receiver.getsockname()[1])
      for _ in range(5):
          say(repr(receiver.recv(100)))
      """)
    let port = "\(try await receiver.printedPort())"
    let sent = try await shell(
      #"""
      sockkit udp-send 127.0.0.1 "$1" "$(printf '\377\376')" "$(printf 'a\303')" "$(printf '\364\217\273\277')" &&
      sockkit udp-send --escapes 127.0.0.1 "$1" "$(printf '\377')"'\x00\n\\' '\t\r\0'
      """#, port)
    #expect(sent == Finished(.exit(0)))
    let lines = try await receiver.finished().text.split(separator: "\n").dropFirst()
    #expect(
      Array(lines) == [
        #"b'\xff\xfe'"#, #"b'a\xc3'"#, #"b'\xf4\x8f\xbb\xbf'"#, #"b'\xff\x00\n\\'"#, #"b'\t\r\x00'"#,
      ])
  }

  @Test func `records, dumps and port files have the names that were given`() async throws {
    let result = try await script(
      """
      sockkit listen --port-file "p$b" -o"o$b" --record-sent "s$b" 127.0.0.1 0 < /dev/null > received &
      await "p$b"
      printf hello | sockkit connect --hex-dump="x$b" --record-received "r$b" 127.0.0.1 "$(cat "p$b")" || exit 1
      wait $! || exit 2
      cat "o$b" received; grep -c hello "x$b"; ls -b | LC_ALL=C sort
      printf again | sockkit connect -o "o$b" unix:./none
      """)
    #expect(
      result
        == Finished(
          .exit(73), output: #"hellohello1\#no\377\#np\377\#nr\377\#nreceived\#ns\377\#nx\377\#n"#,
          errors: #"sockkit: create o\xff: File exists (--append continues it, --force replaces it)\#n"#))
  }

  @Test func `a socket file has the name that was given, and is removed`() async throws {
    let result = try await script(
      """
      sockkit udp-recv -c 1 --json --reply "r$b" "unix:s$b" > asked &
      await "s$b"
      sockkit udp-send --raw --expect 1 "unix:s$b" hi || exit 1
      wait $!
      grep -c '"path":"s\\\\\\\\xff"' asked
      sockkit listen -U "s$b" < /dev/null &
      await "s$b"
      sockkit connect --retry 30s -U "s$b" < /dev/null || exit 2
      wait $!
      ls -b | LC_ALL=C sort
      sockkit connect --log-format json "unix:s$b"
      """)
    #expect(result.ending == .exit(69), "\(result)")
    #expect(result.output == Array("r".utf8) + [0xFF] + Array("1\nasked\n".utf8), "\(result)")
    #expect(result.errors.contains(#""message":"connect to unix:s\\xff: No such file"#), "\(result)")
  }

  @Test func `a command gets its arguments and environment as they are`() async throws {
    let result = try await script(
      """
      printf '#!/bin/sh\\nprintf "%%s|%%s" "$1" "$SOCKKIT_LOCAL_ADDR"' > "c$b" && chmod +x "c$b"
      for command in '--' '--sh-exec'; do
        case $command in --) set -- -- "./c$b" "a$b" ;; *) set -- --sh-exec "./c$b a$b" ;; esac
        sockkit listen "unix:s$b" "$@" &
        await "s$b"
        sockkit connect --retry 30s "unix:s$b" < /dev/null || exit 1
        wait $!
      done
      """)
    let words: [UInt8] = [0x61, 0xFF, 0x7C, 0x73, 0xFF]
    #expect(result == Finished(.exit(0), output: words + words))
  }

  @Test func `files and directories are found under names that are not UTF-8`() async throws {
    let result = try await script(
      """
      mkdir "d$b" "out$b" && echo found > "d$b/f$b" && echo 127.0.0.1 > "allow$b" && printf answer > "reply$b"
      sockkit http-server --root "d$b" --list --port-file port 127.0.0.1 0 &
      await port
      printf 'GET / HTTP/1.0\\r\\n\\r\\n' | sockkit connect 127.0.0.1 "$(cat port)" | grep -o 'href="f[^"]*">f[^<]*'
      printf 'GET /f%%FF HTTP/1.0\\r\\n\\r\\n' | sockkit connect 127.0.0.1 "$(cat port)" | tail -n 1
      kill $! && wait $!
      sockkit listen -k --output-dir "out$b" --allow-file "allow$b" --reply-file "reply$b" --port-file second 127.0.0.1 0 &
      await second
      printf hello | sockkit connect 127.0.0.1 "$(cat second)"
      kill $! && wait $!
      cat "out$b"/*
      """)
    #expect(
      result == Finished(.exit(0), output: #"href="f%FF">f\xff\#nfound\#nanswerhello"#), "\(result)")
  }

  @Test(arguments: [
    ("connect \"$1\" 80", 68, #"look up h\xff: the name is not UTF-8"#),
    ("connect -n \"$1\" 80", 68, #"look up h\xff: not a numeric address, and name look-ups are turned off"#),
    ("connect 127.0.0.1 \"$1\"", 68, #"look up service h\xff: unknown service"#),
    ("resolve \"$1\"", 68, #"look up h\xff: the name is not UTF-8"#),
    ("getserv \"$1\"", 68, #"look up service h\xff: unknown service"#),
    ("listen --allow-file \"$1\" 127.0.0.1 0", 66, #"read h\xff: No such file or directory"#),
  ])
  func `what cannot be found is named with its bytes escaped`(
    command: String, status: Int32, message: String
  ) async throws {
    let result = try await shell("set -- \"$(printf 'h\\377')\"; sockkit \(command)")
    #expect(result == Finished(.exit(status), errors: "sockkit: \(message)\n"))
  }
}
