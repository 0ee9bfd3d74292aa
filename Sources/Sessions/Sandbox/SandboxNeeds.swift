// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

/// What a session has to reach, beside what every session needs at its start: the files and the ports of name look-ups.
package struct SandboxNeeds: Sendable {
  /// TCP ports.
  package enum Ports: Equatable, Sendable {
    /// These.
    case only(Set<UInt16>)
    /// All of them: they are not known in advance, or too many.
    case all

    /// No port.
    static let none = Ports.only([])

    /// Each port is a rule of its own.
    private static let most = 64

    /// Adds a port; `nil` if it is not known.
    mutating func add(_ port: UInt16?) {
      guard case .only(var ports) = self else { return }
      guard let port else { return self = .all }
      ports.insert(port)
      self = ports.count > Self.most ? .all : .only(ports)
    }
  }

  /// The files that it opens once it runs.
  package var files = NeededFiles()
  /// The files that it opens only before.
  package var earlyFiles = NeededFiles()
  /// The ports that it connects to.
  package var targets = Ports.none
  /// The ports that it binds.
  package var listens = Ports.none
  /// The families of its endpoints.
  package var families: Set<SystemCallFilter.SocketFamily> = [.internet]
  /// Whether an endpoint is an abstract Unix socket.
  package var usesAbstractSockets = false
  /// Whether sockets that it has bound are connected once it runs.
  package var connectsOpenSockets = false
  /// Whether it connects to targets once it runs.
  package var connectsLater = false
  /// Whether it does so by Multipath TCP.
  package var usesMultipath = false
  /// Whether it looks names up once it runs.
  package var looksUpLater = false

  /// Creates the needs of a session that reaches nothing.
  package init() {}

  /// Creates the needs of what is done with connections.
  init(of stream: StreamInvocation) {
    files = NeededFiles(of: stream)
    earlyFiles = NeededFiles(before: stream)
    looksUpLater = stream.namesPeers
  }

  /// Adds an endpoint to connect to.
  package mutating func connect(to endpoint: Endpoint, protocol: String = "tcp") {
    if let port = add(endpoint, `protocol`) { targets.add(port) }
  }

  /// Adds a port, or the name of a service, to bind.
  mutating func bind(port: String) { listens.add(try? Resolver.port(port)) }

  /// Adds an endpoint to bind.
  package mutating func listen(on endpoint: Endpoint) {
    // The port that the kernel chooses at the first address is bound at the others too.
    if let port = add(endpoint, "tcp") { listens.add(port == 0 ? nil : port) }
    guard case .unix(let path) = endpoint, !path.hasPrefix("@") else { return }
    earlyFiles.write(path)
    files.remove(path)
  }

  /// Adds an endpoint whose datagrams are answered. The kernel gives a sender without a name of its own an abstract one.
  mutating func answer(at endpoint: Endpoint) {
    if case .unix = endpoint { usesAbstractSockets = true }
  }

  /// Adds the family of an endpoint.
  ///
  /// - Returns: Its port, if it has one of IP; the inner `nil` is a port that is not known.
  private mutating func add(_ endpoint: Endpoint, _ protocol: String) -> UInt16?? {
    switch endpoint {
    case .internet(_, let port): return .some(try? Resolver.port(port, protocol: `protocol`))
    case .unix(let path):
      families.insert(.unix)
      if path.hasPrefix("@") { usesAbstractSockets = true }
    case .vsock: families.insert(.vsock)
    case .inherited: break
    }
    return .none
  }
}
