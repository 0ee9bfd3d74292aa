// SPDX-License-Identifier: GPL-3.0-or-later

package import SystemPackage

/// A failed operation: what was attempted, on what, and why it failed.
///
/// `description` reads `connect to 127.0.0.1:9: Connection refused`.
package struct IOFailure: Error, Sendable, CustomStringConvertible {
  /// Why an operation failed.
  package enum Reason: Equatable, Sendable {
    /// A system call left this `errno`.
    case errno(Errno)
    /// The peer broke the protocol of the stream; the text says how.
    case peerProtocol(String)
    /// The peer is not trusted, or does not trust us; the text says why.
    case untrusted(String)
    /// The peer is trusted under another name than the expected one; the text says under which.
    case misnamed(String)
    /// The stream has ended without the end that its protocol prescribes; the text says which is missing.
    case truncated(String)
    /// The contents of a file are not what they must be; the text says why.
    case malformed(String)
    /// A part of the system is missing; the text says which.
    case missing(String)
    /// What was to be reached through the peer is not available; the text says why.
    case unavailable(String)
  }

  /// What was attempted and on what.
  package let operation: Operation
  /// Why it failed.
  package let reason: Reason

  /// The answer of a proxy that is the reason; `nil` if it is another one.
  package let answer: ProxyAnswer?

  /// How a proxy has refused a request.
  package enum ProxyAnswer: Equatable, Sendable {
    /// The code of SOCKS 4.
    case socks4(UInt8)
    /// The code of SOCKS 5 (RFC 1928, section 6).
    case socks5(UInt8)
    /// No method of authentication that both know, or a wrong password.
    case authentication(isNegotiated: Bool)
    /// The status line of HTTP, without its version.
    case http(status: Int, line: String)
  }

  /// Creates the failure of an operation.
  package init(_ operation: Operation, _ reason: Reason, answer: ProxyAnswer? = nil) {
    self.operation = operation
    self.reason = reason
    self.answer = answer
  }

  /// Creates the failure of an operation whose system call left an `errno`.
  package init(_ operation: Operation, _ code: Errno) { self.init(operation, .errno(code)) }

  /// The `errno` of the call, or the one that comes closest to another reason.
  package var code: Errno {
    switch reason {
    case .errno(let code): code
    case .peerProtocol: .protocolError
    case .untrusted, .misnamed: .permissionDenied
    case .truncated: .connectionAbort
    case .malformed: .illegalByteSequence
    case .missing: .noSuchFileOrDirectory
    case .unavailable: .noRouteToHost
    }
  }

  /// The operation and the reason.
  package var description: String { "\(operation): \(explanation)" }

  /// The reason, usually in the words of `strerror`; in others where these do not fit a Unix socket.
  package var explanation: String {
    switch (operation, reason) {
    case (_, .peerProtocol(let text)), (_, .untrusted(let text)), (_, .truncated(let text)),
      (_, .misnamed(let text)),
      (_, .malformed(let text)), (_, .missing(let text)), (_, .unavailable(let text)):
      text
    case (.connect, .errno(.notSocket)), (.sendDatagram, .errno(.notSocket)), (.bind, .errno(.fileExists)):
      "the file is not a socket"
    case (.bind, .errno(.fileNameTooLong)), (.connect, .errno(.fileNameTooLong)),
      (.sendDatagram, .errno(.fileNameTooLong)):
      "longer than \(KernelAddress.longestPath) bytes, the limit for a Unix socket path"
    case (.connect, .errno(.protocolWrongTypeForSocket)):
      "the socket is of another type (stream, datagram or seqpacket)"
    case (.sendDatagram, .errno(.protocolWrongTypeForSocket)):
      "the socket accepts connections and receives no datagrams"
    case (.create, .errno(.protocolNotSupported)):
      "this kernel does not support it (\(Errno.protocolNotSupported))"
    case (.connect(let address), .errno(.operationNotSupportedByDevice)) where address.family == .vsock:
      "no virtual machine or host can be reached under this CID (\(Errno.operationNotSupportedByDevice))"
    case (_, .errno(let code)): "\(code)"
    }
  }
}

extension IOFailure: Equatable {
  /// Whether users see the same failure.
  package static func == (first: IOFailure, second: IOFailure) -> Bool {
    (first.operation, first.reason) == (second.operation, second.reason)
  }
}

extension Errno {
  /// Whether the call or its descriptor is invalid, so that every further call would fail too.
  ///
  /// Any other error of an accept, a wait or a receive is transient, or concerns a single connection: it must not end a
  /// server.
  package var isPermanent: Bool {
    [.badFileDescriptor, .badAddress, .invalidArgument, .notSocket, .notSupportedOnSocket].contains(self)
  }
}

/// The operation that failed; the meaning of an error, such as its exit status, depends on it.
package enum Operation: Equatable, Sendable, CustomStringConvertible {
  /// Creating a descriptor: a socket, a pipe, a queue; the text names it.
  case create(String)
  /// Opening or replacing a file for output.
  case createFile(String)
  /// Opening a directory for output.
  case openDirectory(String)
  /// Setting a socket option; the text names option and value.
  case set(String)
  /// Binding a socket to a local address.
  case bind(Address)
  /// Opening a connection.
  case connect(Address)
  /// Having a proxy connect to a target.
  case connectThrough(proxy: String, to: String)
  /// Having a proxy relay datagrams to a target.
  case sendThrough(proxy: String, to: String)
  /// Reading the header with which a proxy names its client.
  case readHeader(from: String)
  /// Reading what a client asks a proxy for.
  case readRequest(from: String)
  /// Accepting a connection on a listening address.
  case accept(Address)
  /// Receiving bytes from a peer.
  case receive(from: String)
  /// Sending bytes to a peer.
  case send(to: String)
  /// Sending a datagram, even if its refusal is only reported later.
  case sendDatagram(to: Address)
  /// Reading a local file or stream.
  case read(String)
  /// Writing a local file or stream.
  case write(String)
  /// Starting a program.
  case run(String)
  /// Agreeing on TLS with a peer, or protecting bytes with it.
  case secure(with: String)
  /// Waiting for descriptors or signals.
  case wait

  /// The operation in words, such as `connect to 127.0.0.1:9`.
  package var description: String {
    switch self {
    case .create(let what): "create \(what)"
    case .createFile(let path): "create \(path)"
    case .openDirectory(let path): "open \(path)"
    case .set(let option): "set \(option)"
    case .bind(let address): "bind to \(address)"
    case .connect(let address): "connect to \(address)"
    case .connectThrough(let proxy, let target): "connect to \(target) through proxy \(proxy)"
    case .sendThrough(let proxy, let target): "send to \(target) through proxy \(proxy)"
    case .readHeader(let proxy): "PROXY header from \(proxy)"
    case .readRequest(let client): "request of \(client)"
    case .accept(let address): "accept on \(address)"
    case .receive(let peer): "receive from \(peer)"
    case .send(let peer): "send to \(peer)"
    case .sendDatagram(let address): "send to \(address)"
    case .read(let name): "read \(name)"
    case .write(let name): "write \(name)"
    case .run(let program): "run \(program)"
    case .secure(let peer): "TLS with \(peer)"
    case .wait: "wait"
    }
  }
}
