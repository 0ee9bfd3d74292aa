// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import TestSupport
import Testing

/// Long work delays no other client, in any server model.
@Suite(.takingTurns)
struct LongWorkTests {
  private static let models = [
    ["--model", "fork"], ["--model", "thread"], ["--model", "event"], ["--workers", "2"],
  ]

  /// `longest_wait(ask, threads)`: the longest duration of a short request until the threads have ended.
  private static let words = """
    def longest_wait(ask, threads):
        longest = 0
        for thread in threads:
            while thread.is_alive():
                start = time.monotonic()
                ask()
                longest = max(longest, time.monotonic() - start)
                thread.join(0.002)
        return longest


    """

  @Test(arguments: models)
  func `long calculations are answered in order, and short ones do not wait for them`(
    model: [String]
  ) async throws {
    let server = RunningProgram(
      .sockkit(["calc-server", "-v", "--max-operand", "1M"] + model + ["127.0.0.1:0"]), limit: 60)
    let port = "\(try await server.announcedPort())"
    let clients = try await python(
      PythonCalculator.text + Self.words + """
        large, divisor = (1 << 8 * 1048000) - 12345, (1 << 8 * 524000) + 1
        quotient = bytes([5]) + encoded(large) + encoded(divisor)
        exact = bytes([5]) + encoded((divisor + 7) * divisor) + encoded(divisor)
        product = bytes([2]) + encoded(large) + encoded(large)
        overflow = b"\\1" + encoded("overflow: the result is too large for a double")
        def answer(client):
            head = exactly(client, 6)
            return head + exactly(client, struct.unpack(">I", head[2:])[0])
        def calculate():
            client = connected(arguments[0])
            sender = threading.Thread(target=client.sendall, args=((quotient + exact + product + short) * 4 + b"\\0",))
            sender.start()
            for _ in range(4):
                assert answer(client) == overflow
                assert answer(client) == b"\\0" + encoded(divisor + 7)
                assert answer(client)[:2] == b"\\0i"
                assert answer(client) == two
            sender.join()
            assert client.recv(1) == b""
            done.append(time.monotonic())
        two = b"\\0" + encoded(2)
        short = bytes([1]) + encoded(1) + encoded(1)
        done = []
        other = connected(arguments[0])
        def ask():
            other.sendall(short)
            assert answer(other) == two
        ask()
        start = time.monotonic()
        calculators = [threading.Thread(target=calculate) for _ in range(3)]
        for thread in calculators:
            thread.start()
        longest = longest_wait(ask, calculators)
        assert len(done) == 3
        duration = max(done) - start
        say(longest, duration)
        assert longest < duration / 5, (longest, duration)
        """, port)
    #expect(clients.ending == .exit(0), "\(clients)")
  }

  @Test(arguments: models)
  func `a client that leaves during its calculation costs nobody anything`(model: [String]) async throws {
    let server = RunningProgram(
      .sockkit(["calc-server", "-v", "--max-operand", "1M"] + model + ["127.0.0.1:0"]), limit: 60)
    let port = "\(try await server.announcedPort())"
    let clients = try await python(
      PythonCalculator.text + """
        product = bytes([2]) + 2 * encoded((1 << 8 * 1000000) - 1)
        for leave in [reset, socket.socket.close] * 10:
            client = connected(arguments[0])
            client.sendall(product)
            leave(client)
            with connected(arguments[0]).makefile("rwb") as stream:
                assert ask(stream, 1, 1, 1) == 2
        """, port)
    #expect(clients.ending == .exit(0), "\(clients)")
    server.signal(SIGTERM)
    #expect(try await server.finished().ending == .exit(0))
  }

  @Test(arguments: models)
  func `a long list keeps nobody waiting`(model: [String]) async throws {
    let site = try TemporaryDirectory()
    let server = RunningProgram(
      .sockkit(["http-server", "-v", "--list"] + model + ["127.0.0.1:0", site.path]), limit: 60)
    let port = "\(try await server.announcedPort())"
    let clients = try await python(
      Self.words + """
        import http.client
        os.mkdir(arguments[1] + "/many")
        for number in range(10000):
            open(f"{arguments[1]}/many/{number}", "w").close()
        def client():
            return http.client.HTTPConnection("127.0.0.1", int(arguments[0]), timeout=30)
        def get(client, path, method="GET"):
            client.request(method, path)
            answer = client.getresponse()
            return answer.status, answer.headers, answer.read()
        other = client()
        def ask():
            assert get(other, "/none")[0] == 404
        def list_all():
            lister = client()
            while len(done) < 2 or time.monotonic() < start + 2:
                status, headers, page = get(lister, "/many/")
                assert status == 200 and page.count(b"<td><a href=") == 10001 and b'href="9999"' in page
                done.append(time.monotonic())
            status, headers, page = get(lister, "/many/", "HEAD")
            assert status == 200 and int(headers["Content-Length"]) > 500000 and page == b""
            tag = headers["ETag"]
            lister.request("GET", "/many/", headers={"If-None-Match": tag})
            answer = lister.getresponse()
            assert (answer.status, answer.read()) == (304, b"")
        done = []
        ask()
        start = time.monotonic()
        listers = [threading.Thread(target=list_all) for _ in range(2)]
        for thread in listers:
            thread.start()
        longest = longest_wait(ask, listers)
        assert len(done) > 1
        duration = max(done) - start
        say(longest, duration)
        assert longest < duration / 5, (longest, duration)
        pipelined = connected(arguments[0])
        pipelined.sendall(b"GET /many/ HTTP/1.1\\r\\nHost: x\\r\\n\\r\\nGET /none HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n"
                          b"GET /many/ HTTP/1.0\\r\\n\\r\\n")
        answers = received(pipelined)
        statuses = [part[:3] for part in answers.split(b"HTTP/1.1 ")[1:]]
        assert statuses == [b"200", b"404", b"200"], statuses
        """, port, site.path)
    #expect(clients.ending == .exit(0), "\(clients)")
    server.signal(SIGTERM)
    let log = try await server.finished()
    #expect(log.ending == .exit(0))
    #expect(log.errorLines.count { $0.contains(" GET /many/: 200, ") } >= 4, "\(log)")
  }
}
