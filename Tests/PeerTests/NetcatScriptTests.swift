// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import TestSupport
import Testing

/// Scripts of the kinds that people have for `nc`: each does the same with the original and with our program under its
/// name.
@Suite(.takingTurns)
struct NetcatScriptTests {
  private let oracle: Oracle

  init() throws { oracle = try Oracle("nc", program: "nc.openbsd", package: "netcat-openbsd") }

  /// A shell function that starts a listener on a free port, and waits until it listens.
  private static let listening = """
    listening() {
      log=log.$1; shift; : > "$log"
      "$@" 2> "$log" & listener=$!
      while ! port=$(sed -n 's/^\\(Listening\\|Bound\\) on .* \\([0-9]*\\)$/\\2/p' "$log" | grep .); do sleep 0.05; done
    }

    """

  private func same(_ script: String, wants: String, peer: String? = nil) async throws {
    let (original, ours) = try await oracle.run(Self.listening + script, with: peer)
    #expect(ours == original)
    #expect(ours.contains(wants), "\(ours)")
  }

  @Test func `a wait for a port, and a check of several`() async throws {
    try await same(
      """
      listening 1 nc -lvk 127.0.0.1 0 > /dev/null
      until nc -z 127.0.0.1 $port; do sleep 0.1; done; echo up
      if nc -z -w 1 127.0.0.1 1; then echo open; else echo closed; fi
      for p in 1 $port; do nc -z 127.0.0.1 $p && echo yes || echo no; done
      kill $listener
      """, wants: #"up\nclosed\nno\nyes\n"#)
  }

  @Test func `a banner, and an answer to a line`() async throws {
    try await same(
      "nc -w 2 127.0.0.1 PORT < /dev/null | head -1; echo ${PIPESTATUS[0]}", wants: #"220 mail\r\n0\n"#,
      peer: "c.sendall(b'220 mail\\r\\n')")
    try await same(
      "printf 'QUIT\\r\\n' | nc 127.0.0.1 PORT", wants: #"b'220 mail\r\n221 bye\r\n'"#,
      peer: "c.sendall(b'220 mail\\r\\n')\ngot = c.recv(99)\nc.sendall(b'221 bye\\r\\n')\nreturn got")
  }

  @Test func `a tree by tar`() async throws {
    try await same(
      """
      mkdir -p from/sub into; head -c 3000000 /dev/urandom > from/big; echo x > from/sub/small
      listening 1 nc -lv 127.0.0.1 0 > tree.tar
      tar cf - -C from . | nc -N 127.0.0.1 $port; echo sent $?
      wait $listener; echo received $?
      tar xf tree.tar -C into && diff -r from into && echo same
      """, wants: #"sent 0\nreceived 0\nsame\n"#)
  }

  @Test func `one answer over HTTP, in a loop`() async throws {
    try await same(
      """
      for round in 1 2; do
        listening $round sh -c 'printf "HTTP/1.0 200 OK\\r\\n\\r\\nround '$round'\\n" | exec nc -N -lv 127.0.0.1 0 > request'
        curl -s http://127.0.0.1:$port/page; wait $listener; head -1 request
      done
      """, wants: #"round 1\nGET /page HTTP/1.1\r\nround 2\nGET /page HTTP/1.1\r\n"#)
  }

  @Test func `lines of many clients, one after another`() async throws {
    try await same(
      """
      listening 1 nc -lkv 127.0.0.1 0 > lines
      for word in one two three; do echo $word | nc -N 127.0.0.1 $port; done
      while [ "$(wc -l < lines)" -lt 3 ]; do sleep 0.05; done
      kill $listener; wait $listener; echo $?; cat lines
      """, wants: #"143\none\ntwo\nthree\n"#)
  }

  @Test func `a proxy of two nc and a FIFO`() async throws {
    try await same(
      """
      mkfifo back
      nc -lv 127.0.0.1 0 < back 2> log | nc 127.0.0.1 PORT > back &
      while ! port=$(sed -n 's/^Listening on .* \\([0-9]*\\)$/\\1/p' log 2> /dev/null | grep .); do sleep 0.05; done
      echo question | nc -w 2 127.0.0.1 $port; echo $?
      """, wants: #"answer\n0\n"#, peer: "got = c.recv(99)\nc.sendall(b'answer\\n')\nreturn got")
  }

  @Test func `syslog and statsd over UDP`() async throws {
    try await same(
      """
      listening 1 nc -luv -W 1 127.0.0.1 0 > log
      echo '<14>backup: done' | nc -u -q 0 127.0.0.1 $port; echo $?
      wait $listener; cat log
      listening 2 nc -luv -W 1 127.0.0.1 0 > metric
      echo -n 'jobs:1|c' | nc -w 1 -u 127.0.0.1 $port; echo $?
      wait $listener; cat metric
      """, wants: #"0\n<14>backup: done\n0\njobs:1|c"#)
  }

  @Test func `a key-value store by hand`() async throws {
    try await same(
      "printf 'set k 0 0 1\\r\\nv\\r\\nget k\\r\\nquit\\r\\n' | nc 127.0.0.1 PORT",
      wants: #"STORED\r\nVALUE k 0 1\r\nv\r\nEND\r\n"#,
      peer: """
        got = b''
        while not got.endswith(b'quit\\r\\n'):
            got += c.recv(99)
        c.sendall(b'STORED\\r\\nVALUE k 0 1\\r\\nv\\r\\nEND\\r\\n')
        return got
        """)
  }

  @Test func `a database of keys by hand`() async throws {
    try await same(
      "printf 'SET a 1\\r\\nGET a\\r\\n' | nc -q 1 127.0.0.1 PORT; echo $?", wants: #"+OK\r\n$1\r\n1\r\n0\n"#,
      peer: """
        got = b''
        while not got.endswith(b'GET a\\r\\n'):
            got += c.recv(99)
        c.sendall(b'+OK\\r\\n$1\\r\\n1\\r\\n')
        return wait_end(c)
        """)
  }

  @Test func `a repository is cloned and pulled from through a proxy`() async throws {
    let proxy = RunningProgram.sockkit("proxy", "-v", "127.0.0.1:0")
    let place = "127.0.0.1:\(try await proxy.announcedPort())"
    for kind in ["5", "connect"] {
      try await same(
        GitScript.text(tunnel: "nc -X \(kind) -x \(place)", check: "nc"), wants: GitScript.output)
    }
    proxy.signal(SIGTERM)
    _ = try await proxy.finished()
  }

  @Test func `a Unix socket`() async throws {
    try await same(
      """
      nc -lvU here.sock > got 2> log & while ! grep -q Listening log 2> /dev/null; do sleep 0.05; done
      echo local | nc -NU here.sock; echo $?; wait; cat got
      """, wants: #"0\nlocal\n"#)
  }

  @Test func `datagrams between Unix sockets with paths`() async throws {
    try await same(
      """
      nc -luU there > got < /dev/null & listener=$!
      while [ ! -S there ]; do sleep 0.05; done
      echo hi | nc -uU -s here -w 1 there; echo $?
      kill $listener; wait $listener; echo $?; cat got
      """, wants: #"0\n143\nhi\n"#)
  }

  @Test func `a log that is followed for a while`() async throws {
    try await same(
      "(echo start; sleep 1; echo stop) | nc -N 127.0.0.1 PORT; echo $?",
      wants: "(b'start\\nstop\\n', 'end')",
      peer: "return wait_end(c)")
  }

  @Test func `a command of ssh through a proxy of SOCKS`() async throws {
    let proxy = RunningProgram.sockkit("proxy", "-v", "127.0.0.1:0")
    let port = "\(try await proxy.announcedPort())"
    for kind in ["-X 5", "-X 4", "-X connect", ""] {
      try await same(
        "echo SSH-2.0-client | nc \(kind) -x 127.0.0.1:\(port) 127.0.0.1 PORT", wants: "SSH-2.0-server",
        peer: "got = c.recv(99)\nc.sendall(b'SSH-2.0-server\\n')\nreturn got")
    }
    proxy.signal(SIGTERM)
    _ = try await proxy.finished()
  }
}
