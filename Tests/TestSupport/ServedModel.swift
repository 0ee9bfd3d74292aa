// SPDX-License-Identifier: GPL-3.0-or-later

public import Testing

/// A service with a server model; every statement about one model has to be true of all.
public struct ServedModel: Sendable, CustomTestStringConvertible {
  /// A command that serves.
  public enum Service: String, CaseIterable, Sendable {
    /// The echo protocol.
    case echo = "echo-server"
    /// The calculation protocol.
    case calculator = "calc-server"
    /// HTTP.
    case web = "http-server"
  }

  /// The names of the models.
  public static let models = ["fork", "thread", "event"]

  /// Every service with every model.
  public static let all = Service.allCases.flatMap { service in
    models.map { ServedModel(service: service, model: $0) }
  }

  /// The service.
  public let service: Service
  /// The server model.
  public let model: String

  /// Creates a pair.
  public init(service: Service, model: String) {
    self.service = service
    self.model = model
  }

  /// The name in the results of tests, as in `echo-server --model fork`.
  public var testDescription: String { "\(service.rawValue) --model \(model)" }

  /// The arguments for a server on an address.
  public func arguments(_ flags: [String] = [], at address: String = "127.0.0.1:0") -> [String] {
    [service.rawValue, "-v", "--model", model] + (service == .web ? ["--text", "well"] : []) + flags + [
      address
    ]
  }

  /// Starts a server, for as long as a test of many clients may take.
  public func start(_ flags: String..., at address: String = "127.0.0.1:0", limit: Double = 60)
    -> RunningProgram
  {
    RunningProgram(.sockkit(arguments(flags, at: address)), limit: limit)
  }

  /// Runs a Python script that can use `request`, `answered(client)`, which reads and checks one answer, and
  /// `ask(client)`, which sends the request before; fails unless the script succeeds.
  public func clients(
    _ script: String, _ arguments: String..., limit: Double = 40,
    at location: SourceLocation = #_sourceLocation
  ) async throws {
    try await clients(script, arguments: arguments, limit: limit, at: location)
  }

  /// The same with the arguments as a list.
  public func clients(
    _ script: String, arguments: [String], limit: Double = 40, at location: SourceLocation = #_sourceLocation
  ) async throws {
    let program = try Program.python(Self.words + service.words + script, arguments)
    let finished = try await RunningProgram(program, input: .file("/dev/null"), limit: limit).finished()
    #expect(finished.ending == .exit(0), "\(finished)", sourceLocation: location)
  }

  /// Starts such a script, which the test directs by `send`.
  public func startClients(_ script: String, _ arguments: String..., limit: Double = 40) throws
    -> RunningProgram
  {
    RunningProgram(try .python(Self.words + service.words + script, arguments), limit: limit)
  }

  private static let words = """
    def ask(client):
        client.sendall(request)
        answered(client)


    """
}

extension ServedModel.Service {
  fileprivate var words: String {
    switch self {
    case .echo:
      """
      request = b"well\\n"
      def answered(client):
          answer = exactly(client, len(request))
          assert answer == request, answer


      """
    case .calculator:
      """
      request = b"\\x02" + 2 * (b"i" + struct.pack(">Iq", 8, -3))
      def answered(client):
          answer = exactly(client, 14)
          assert answer == b"\\x00i" + struct.pack(">Iq", 8, 9), answer


      """
    case .web:
      """
      request = b"GET / HTTP/1.1\\r\\nHost: here\\r\\n\\r\\n"
      def answered(client):
          answer = b""
          while not answer.endswith(b"\\r\\n\\r\\n"):
              answer += exactly(client, 1)
          assert answer.startswith(b"HTTP/1.1 200 OK\\r\\n"), answer
          assert b"\\r\\nContent-Length: 4\\r\\n" in answer, answer
          assert exactly(client, 4) == b"well"


      """
    }
  }
}
