// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import SystemPackage

extension InheritedSockets {
  /// Takes over the listening sockets, or the only connection.
  ///
  /// - Parameters:
  ///   - settings: The options to set.
  ///   - isBeside: Whether datagram sockets among them are left to `receivers`.
  /// - Throws: A usage error if the sockets were not passed to this process, or cannot be listened on.
  func listeners(
    with settings: SocketSettings, besideDatagrams isBeside: Bool
  ) throws(Failure) -> ListenerGroup {
    if settings.streamProtocol != .tcp {
      let option = settings.streamProtocol == .sctp ? "--sctp" : "--mptcp"
      throw Failure(.usage, "listen on \(self): \(option) has no effect on a socket that is open already")
    }
    let sockets = try members("listen on").filter { !isBeside || $0.kind != .datagram }
    guard !sockets.isEmpty else { throw Failure(.usage, "listen on \(self): no stream socket was passed") }
    if sockets.count == 1, sockets[0].kind == .connected(isSequenced: settings.isSequenced) {
      return try judging { () throws(IOFailure) in
        ListenerGroup(try StreamSocket(adopting: sockets[0].take(), settings: settings))
      }
    }
    for socket in sockets {
      guard socket.kind != .listening(isSequenced: settings.isSequenced) else { continue }
      let problem = Self.problem(socket.kind, settings)
      throw Failure(.usage, "listen on \(name(of: socket.number)): \(problem)")
    }
    var listeners: [Bound<Listener>] = []
    for socket in sockets {
      listeners.append(
        try judging { () throws(IOFailure) in
          let listener = try Listener(adopting: socket.take(), settings: settings)
          let local = listener.local
          return Bound(listener, at: local)
        })
    }
    return ListenerGroup(listeners)
  }

  /// Takes over the datagram sockets.
  ///
  /// - Parameters:
  ///   - settings: The options to set.
  ///   - detail: The details that are reported of each datagram.
  ///   - isBeside: Whether stream sockets among them are left to `listeners`.
  /// - Throws: A usage error if the sockets were not passed to this process, or do not receive datagrams.
  func receivers(
    with settings: DatagramSettings, detail: DatagramDetail, besideListeners isBeside: Bool
  ) throws(Failure) -> [Bound<DatagramSocket>] {
    let sockets = try members("receive on").filter { !isBeside || $0.kind == .datagram }
    guard !sockets.isEmpty else { throw Failure(.usage, "receive on \(self): no datagram socket was passed") }
    for socket in sockets where socket.kind != .datagram {
      throw Failure(.usage, "receive on \(name(of: socket.number)): it is not a datagram socket")
    }
    var receivers: [Bound<DatagramSocket>] = []
    for socket in sockets {
      do throws(IOFailure) {
        let receiver = try DatagramSocket(adopting: socket.take(), detail: detail, settings: settings)
        let local = receiver.local
        receivers.append(Bound(receiver, at: local))
      } catch {
        guard case .create = error.operation, error.code == .invalidArgument else { throw Failure(error) }
        throw Failure(.usage, "receive on \(name(of: socket.number)): it is not bound to a port")
      }
    }
    guard Set(receivers.map { $0.local.family == .unix }).count == 1 else {
      throw Failure(
        .usage, "receive on \(self): Unix sockets and others cannot be mixed (select some by name)")
    }
    return receivers
  }

  private static func problem(_ kind: InheritedSocketKind, _ settings: SocketSettings) -> String {
    switch kind {
    case .listening(!settings.isSequenced), .connected(!settings.isSequenced):
      settings.isSequenced
        ? "it does not keep messages apart, as --seqpacket requires"
        : "it keeps messages apart (use --seqpacket)"
    case .connected: "it is a connection, and one of several sockets"
    case .datagram: "it is a datagram socket, which accepts no connections"
    case .listening, .other: "it does not listen"
    }
  }

  /// A socket among them.
  struct Member {
    /// Its descriptor.
    let number: CInt
    /// What it can be used for.
    let kind: InheritedSocketKind

    /// Takes ownership of it. A socket that is a standard stream is moved to another descriptor.
    func take() throws(IOFailure) -> Descriptor {
      guard number <= FileDescriptor.standardError.rawValue else { return Descriptor(adopting: number) }
      return try StandardStream.detach(FileDescriptor(rawValue: number))
    }
  }

  /// The sockets, at least one.
  ///
  /// - Parameter action: The action in messages, such as `listen on`.
  /// - Throws: A usage error if there are no such sockets.
  func members(_ action: String) throws(Failure) -> [Member] {
    var members: [Member] = []
    for number in try descriptors(action) {
      do throws(IOFailure) {
        members.append(
          Member(number: number, kind: try InheritedSocketKind(of: FileDescriptor(rawValue: number))))
      } catch {
        let reason = error.code == .notSocket ? "it is not a socket" : "descriptor \(number) is not open"
        throw Failure(.usage, "\(action) \(name(of: number)): \(reason)")
      }
    }
    return members
  }

  private func descriptors(_ action: String) throws(Failure) -> [CInt] {
    guard case .activated(let name) = self else {
      guard case .descriptor(let number) = self else { return [] }
      return [number]
    }
    let passed = PassedSockets.current
    guard passed.count > 0 else {
      throw Failure(
        .usage, "\(action) \(self): no sockets were passed (a service manager sets LISTEN_FDS and LISTEN_PID)"
      )
    }
    let numbers = passed.descriptors(named: name)
    guard !numbers.isEmpty else {
      throw Failure(
        .usage,
        "\(action) \(self): no socket of this name was passed (there are: "
          + "\(passed.allNames.joined(separator: ", ")))")
    }
    return numbers
  }

  /// The name of a socket in messages, by which it can be told from the others.
  private func name(of number: CInt) -> String {
    if case .descriptor = self { "\(self)" } else { "\(self), descriptor \(number)" }
  }
}
