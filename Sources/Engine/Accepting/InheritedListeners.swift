// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import SystemPackage

extension InheritedSockets {
  /// Takes over the listening sockets.
  ///
  /// - Parameter settings: The options to set.
  /// - Throws: A usage error if the sockets were not passed to this process, or cannot be listened on.
  func listeners(with settings: SocketSettings) throws(Failure) -> [Bound<Listener>] {
    if settings.isMultipath {
      throw Failure(.usage, "listen on \(self): --mptcp has no effect on a socket that is open already")
    }
    let sockets = try members("listen on")
    for socket in sockets {
      guard socket.kind != .listening(isSequenced: settings.isSequenced) else { continue }
      throw Failure(.usage, "listen on \(name(of: socket)): \(Self.problem(socket.kind))")
    }
    var listeners: [Bound<Listener>] = []
    for socket in sockets {
      listeners.append(
        try judging { () throws(IOFailure) in
          let listener = try Listener(adopting: Descriptor(adopting: socket.number), settings: settings)
          let local = listener.local
          return Bound(listener, at: local)
        })
    }
    return listeners
  }

  private static func problem(_ kind: InheritedSocketKind) -> String {
    switch kind {
    case .listening(isSequenced: true): "it keeps messages apart (use --seqpacket)"
    case .listening(isSequenced: false): "it does not keep messages apart, as --seqpacket requires"
    case .connected: "it is a connection, and does not listen"
    case .datagram: "it is a datagram socket, which accepts no connections"
    case .other: "it does not listen"
    }
  }

  /// A socket among them.
  struct Member {
    /// Its descriptor.
    let number: CInt
    /// What it can be used for.
    let kind: InheritedSocketKind
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

  private func name(of member: Member) -> String { name(of: member.number) }

  /// The name of a socket in messages, by which it can be told from the others.
  private func name(of number: CInt) -> String {
    if case .descriptor = self { "\(self)" } else { "\(self), descriptor \(number)" }
  }
}
