// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import TestSupport
import Testing

/// Scripts of the kinds that people have for `ncat`: each does the same with the original and with our program under its
/// name.
@Suite(.takingTurns)
struct NcatScriptTests {
  private let oracle: Oracle

  init() throws { oracle = try Oracle("ncat", program: "ncat", package: "ncat", announcesPort: false) }

  /// Shell functions: `listening` starts a listener on a port that was free, and waits until it listens; `until_logged`
  /// waits until that has reported something so often.
  private static let functions = """
    listening() {
      port=$(python3 -c 'import socket; print(socket.create_server(("127.0.0.1", 0)).getsockname()[1])')
      log=log.$1; shift; : > "$log"
      "$@" 127.0.0.1 $port 2> "$log" <&0 & listener=$!
      until_logged 1 "Listening on 127.0.0.1:$port"
    }
    until_logged() { until [ "$(grep -c "$2" "$log")" -ge "$1" ]; do sleep 0.05; done; }

    """

  private func same(_ script: String, wants: String, peer: String? = nil) async throws {
    let (original, ours) = try await oracle.run(Self.functions + script, with: peer)
    #expect(ours == original)
    #expect(ours.contains(wants), "\(ours)")
  }

  @Test func `one answer over HTTP by a command`() async throws {
    try await same(
      """
      answer='read -r request; while read -r line && [ ${#line} -gt 1 ]; do :; done
        printf "HTTP/1.0 200 OK\\r\\n\\r\\n%s\\n" "$request"'
      listening 1 ncat -lv -c "$answer"
      curl -s http://127.0.0.1:$port/page; echo $?; wait $listener; echo $?
      """, wants: #"GET /page HTTP/1.1\r\n0\n0\n"#)
  }

  // Here as in the next ones, the original loses what a command writes once the client has half-closed.
  @Test func `an answer for each of many`() async throws {
    try await same(
      """
      printf '#!/bin/sh\\nread -r word; echo "$word"\\n' > echo; chmod +x echo
      listening 1 ncat -lkv -e ./echo
      for word in one two three; do echo $word | ncat --no-shutdown 127.0.0.1 $port; done
      kill $listener; wait $listener; echo $?
      """, wants: #"one\ntwo\nthree\n143\n"#)
  }

  @Test func `a file is received, and another one sent`() async throws {
    try await same(
      """
      head -c 3000000 /dev/urandom > file
      listening 1 ncat -lv --recv-only > got
      ncat --send-only 127.0.0.1 $port < file; echo sent $?; wait $listener; echo received $?
      cmp file got && echo same
      listening 2 ncat -lv --send-only < file
      ncat --recv-only 127.0.0.1 $port > again; echo received $?; wait $listener; echo sent $?
      cmp file again && echo same
      """, wants: #"sent 0\nreceived 0\nsame\nreceived 0\nsent 0\nsame\n"#)
  }

  @Test func `a broker, and a chat`() async throws {
    try await same(
      """
      for mode in --broker --chat; do
        listening 1 ncat -lv $mode
        for name in a b; do ncat --recv-only 127.0.0.1 $port > $name & receivers="$receivers $!"; done
        until_logged 2 'Connection from 127.0.0.1:[0-9]*'
        echo hello | ncat --send-only 127.0.0.1 $port
        until grep -q hello a && grep -q hello b; do sleep 0.05; done
        sed -n 's/^<user[0-9]*>/<userN>/; /hello/p' a b
        kill $receivers; wait $receivers; kill $listener; receivers=
      done
      """, wants: #"hello\nhello\n<userN> hello\n<userN> hello\n"#)
  }

  @Test func `TLS with a client of OpenSSL, and with itself`() async throws {
    try await same(
      """
      openssl req -x509 -newkey rsa:2048 -nodes -keyout key -out cert -subj /CN=localhost 2> /dev/null
      listening 1 ncat -lkv --ssl --ssl-cert cert --ssl-key key -c 'read -r word; echo got $word'
      echo one | openssl s_client -quiet -connect 127.0.0.1:$port 2> /dev/null
      echo two | ncat --no-shutdown --ssl-verify --ssl-trustfile cert localhost $port
      kill $listener
      """, wants: #"got one\ngot two\n"#)
  }

  @Test func `a wait for a port, and its check`() async throws {
    try await same(
      """
      listening 1 ncat -lkv > /dev/null
      until ncat -z 127.0.0.1 $port; do sleep 0.1; done; echo up
      for p in 1 $port; do ncat -z -w 1 127.0.0.1 $p && echo open || echo closed $?; done
      kill $listener
      """, wants: #"up\nclosed 1\nopen\n"#)
  }

  @Test func `a service for some hosts only`() async throws {
    try await same(
      """
      listening 1 ncat -lkv --allow 127.0.0.1 --deny 127.0.0.3 -c 'echo welcome'
      for source in 127.0.0.1 127.0.0.2 127.0.0.3; do
        ncat -s $source --recv-only 127.0.0.1 $port; echo $source $?
      done
      kill $listener
      """, wants: #"welcome\n127.0.0.1 0\n127.0.0.2 0\n127.0.0.3 0\n"#)
  }

  @Test(arguments: ["http", "socks4", "socks5"])
  func `a question through a proxy`(kind: String) async throws {
    let proxy = RunningProgram.sockkit("proxy", "-v", "127.0.0.1:0")
    let place = "127.0.0.1:\(try await proxy.announcedPort())"
    try await same(
      """
      echo question | ncat --no-shutdown --proxy \(place) --proxy-type \(kind) 127.0.0.1 PORT; echo $?
      """, wants: #"answer\n0\n"#, peer: "got = c.recv(99)\nc.sendall(b'answer\\n')\nreturn got")
    proxy.signal(SIGTERM)
    _ = try await proxy.finished()
  }

  @Test func `a repository is cloned and pulled from through a proxy`() async throws {
    let proxy = RunningProgram.sockkit("proxy", "-v", "127.0.0.1:0")
    let place = "127.0.0.1:\(try await proxy.announcedPort())"
    try await same(
      GitScript.text(tunnel: "ncat --proxy \(place) --proxy-type socks5", check: "ncat"),
      wants: GitScript.output)
    proxy.signal(SIGTERM)
    _ = try await proxy.finished()
  }
}

/// A script that clones a repository through a tunnel, and pulls from it.
enum GitScript {
  /// What it prints.
  static let output = #"0\none\n0\none\ntwo\n"#

  /// The script.
  ///
  /// - Parameters:
  ///   - tunnel: The command that connects to a host and a port, which follow.
  ///   - check: The program that waits for a port.
  static func text(tunnel: String, check: String) -> String {
    """
    rm -rf repository copy
    export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b
    git -c init.defaultBranch=main init -q repository
    commit() { git -C repository commit -q --allow-empty -m $1; }
    commit one
    port=$(python3 -c 'import socket; print(socket.create_server(("127.0.0.1", 0)).getsockname()[1])')
    git daemon --listen=127.0.0.1 --port=$port --export-all --base-path=. . 2> /dev/null & server=$!
    until \(check) -z 127.0.0.1 $port; do sleep 0.05; done
    printf '#!/bin/sh\\nexec \(tunnel) "$1" "$2"\\n' > tunnel; chmod +x tunnel
    GIT_PROXY_COMMAND=$PWD/tunnel git clone -q git://127.0.0.1:$port/repository copy; echo $?
    git -C copy log --format=%s --reverse
    commit two
    git -C copy -c core.gitProxy="$PWD/tunnel" pull -q; echo $?
    git -C copy log --format=%s --reverse
    kill $server
    """
  }
}
