// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

/// How `forward` connects to its target, and what happens to clients if it cannot.
@Suite(.takingTurns)
struct UpstreamTests {
  @Test func `a client whose target refuses is reset and told of, and the target may appear later`()
    async throws
  {
    try await forwarding(
      """
      bound = socket.socket()
      bound.bind(("127.0.0.1", 0))
      target = f"127.0.0.1:{bound.getsockname()[1]}"
      forward = Forward(target=target, listener=bound)
      assert forward.turns_away()
      name = forward.line("accepted ").split()[2]
      forward.line(f"sockkit: {name}: connect to {target}: Connection refused")
      bound.listen()
      client, served = forward.pair()
      send_all(client, b"x")
      assert received(served) == b"x"
      forward.stop()
      """)
  }

  @Test func `a refusal is told of without -v too, and not too often`() async throws {
    let port = SilentPort()
    let directory = try TemporaryDirectory()
    let server = RunningProgram.sockkit(
      "forward", "--port-file", directory.file("port"), "127.0.0.1:0", "127.0.0.1:\(port.number)")
    let listening = try await directory.waitForPort("port")
    for _ in 0..<15 {
      let client = try await sockkit("connect", "127.0.0.1", "\(listening)")
      #expect(client.ending == .exit(74), "\(client)")
    }
    server.signal(15)
    let end = try await server.finished()
    #expect(end.ending == .exit(0), "\(end)")
    #expect(end.errorLines.count { $0.hasSuffix(": Connection refused") } == 10, "\(end)")
  }

  @Test func `a target that does not answer is given up after -w, and holds nobody up`() async throws {
    try await forwarding(
      """
      listener = socket.create_server(("127.0.0.1", 0), backlog=1)
      forward = Forward("-w", "500ms", listener=listener)
      client, served = forward.pair()
      # Whoever connects from here on is not answered.
      filling = []
      while True:
          filling.append(socket.socket())
          filling[-1].settimeout(0.3)
          try:
              filling[-1].connect(listener.getsockname())
          except TimeoutError:
              break
      late = forward.connect()
      for _ in range(20):
          client.sendall(b"ping")
          assert exactly(served, 4) == b"ping"
      assert is_reset(late)
      forward.line(": timed out")
      forward.stop(signal.SIGTERM, signal.SIGTERM)
      """)
  }

  @Test(arguments: ["", "unread"])
  func `a client that resets before its target has answered makes room, unless it has sent something`(
    sent: String
  ) async throws {
    try await forwarding(
      """
      listener = socket.create_server(("127.0.0.1", 0), backlog=0)
      forward = Forward("-w", "60s", "-m", "1", listener=listener)
      filling = socket.create_connection(listener.getsockname())
      first = forward.connect()
      forward.line("accepted ")
      first.sendall(arguments[0].encode())
      reset(first)
      second = forward.connect()
      if arguments[0]:
          served = (listener.accept(), listener.accept())[1][0]
          assert exactly(served, 6) == b"unread" and is_reset(served)
      forward.line(": Connection reset by peer")
      forward.line("accepted ", 2)
      forward.stop(signal.SIGTERM, signal.SIGTERM)
      """, sent)
  }

  @Test func `a Unix socket whose backlog is full is tried again`() async throws {
    let directory = try TemporaryDirectory()
    try await forwarding(
      """
      listener = socket.socket(socket.AF_UNIX)
      listener.bind(arguments[0] + "/target")
      listener.listen(0)
      filling = socket.socket(socket.AF_UNIX)
      filling.connect(arguments[0] + "/target")
      forward = Forward(listener=listener)
      client = forward.connect()
      client.sendall(b"x")
      forward.line("accepted ")
      assert not any("connected " in line for line in forward.lines)
      listener.accept()
      served = listener.accept()[0]
      assert exactly(served, 1) == b"x"
      forward.stop(signal.SIGTERM, signal.SIGTERM)
      """, directory.path)
  }

  @Test func `a connection breaks off after -i, and both sides see a reset`() async throws {
    try await forwarding(
      """
      forward = Forward("-i", "300ms")
      client, served = forward.pair()
      begin = time.monotonic()
      last = begin
      while last - begin < 0.6:
          last = time.monotonic()
          client.sendall(b"x")
          exactly(served, 1)
      assert is_reset(client) and is_reset(served)
      assert time.monotonic() - last >= 0.3
      forward.line(": timed out after 300 ms without a byte in either direction")
      forward.stop()
      """)
  }

  @Test(.onPrivateNetworks)
  func `every address of a name is tried, and -4 and -6 choose among them`() async throws {
    let network = PrivateNetwork(.none, hosts: "127.0.0.2 target\n127.0.0.3 target\n::1 target")
    let result = try await network.shell(
      """
      sockkit listen --port-file port 127.0.0.3:0 < /dev/null > received &
      listener=$!
      until [ -e port ]; do sleep 0.02; done
      sockkit forward -v --port-file place 127.0.0.1:0 target:$(cat port) 2> log &
      forward=$!
      until [ -e place ]; do sleep 0.02; done
      printf whole | sockkit connect 127.0.0.1 $(cat place) && wait $listener && cat received
      kill $forward && wait $forward && grep -c 'connect to 127.0.0.2:.*: Connection refused' log
      rm place
      sockkit forward -v -6 --port-file place [::1]:0 target:9 2> log &
      forward=$!
      until [ -e place ]; do sleep 0.02; done
      sockkit connect ::1 $(cat place)
      kill $forward && wait $forward && grep -c 'connect to \\[::1\\]:9: Connection refused' log
      """)
    #expect(result.text == "whole1\n1\n", "\(result)")
  }

  @Test(.onPrivateNetworks)
  func `a look-up that hangs holds up nobody who has no need of it, and the name is looked up each time`()
    async throws
  {
    let network = PrivateNetwork(.silent, hosts: "127.0.0.1 target")
    let result = try await network.python(
      forwardWords + """
        listener = socket.create_server(("127.0.0.1", 0))
        forward = Forward("-w", "500ms", listener=listener, target=f"target:{listener.getsockname()[1]}")
        client, served = forward.pair()
        known = open("hosts").read()
        open("hosts", "w").write("127.0.0.1 localhost\\n")
        late = forward.connect()
        for _ in range(20):
            client.sendall(b"ping")
            assert exactly(served, 4) == b"ping"
        assert is_reset(late)
        forward.line("look up target: the resolver did not answer in time")
        open("hosts", "w").write(known)
        # Those who come soon wait for the same look-up; one that is lost is not waited for much longer.
        later = [forward.connect()]
        while forward.listener not in select.select([forward.listener, later[-1]], [], [], 20)[0]:
            assert is_reset(later[-1])
            later.append(forward.connect())
        assert len(later) < 10
        forward.stop(signal.SIGTERM, signal.SIGTERM)
        """)
    #expect(result.ending == .exit(0), "\(result)")
  }

  @Test(.onPrivateNetworks) func `a name that is unknown costs its client alone`() async throws {
    let result = try await PrivateNetwork(.none).python(
      forwardWords + """
        forward = Forward(target="nowhere:80")
        assert forward.turns_away()
        forward.line("look up nowhere: ")
        open("hosts", "a").write("127.0.0.1 nowhere\\n")
        assert forward.turns_away()
        forward.line("connect to 127.0.0.1:80: Connection refused")
        forward.stop()
        """)
    #expect(result.ending == .exit(0), "\(result)")
  }
}
