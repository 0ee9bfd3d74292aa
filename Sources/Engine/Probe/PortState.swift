// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
package import SystemPackage
import Text

/// The result of the check of one port.
package struct PortState: Sendable {
  /// Whether the port accepts connections.
  package enum Verdict: String, Sendable {
    /// A connection was accepted.
    case open
    /// The host refused, or the network has no route to it.
    case closed
    /// No answer arrived in time.
    case timeout
    /// The host has no address to connect to.
    case unknown

    /// The verdict for the error of a failed connection.
    init(_ reason: Errno) {
      self =
        switch reason {
        // A refusal comes before a connection is established, a reset afterwards.
        case .connectionReset, .brokenPipe: .open
        case .timedOut: .timeout
        default: .closed
        }
    }
  }

  /// The host as it was given, the path of a Unix socket, or the whole address of a virtual machine's port.
  package let host: String
  /// The port of a host; 0 for other endpoints.
  package let port: UInt16
  /// The address that accepted, or the last one that did not; `nil` if the host has none, or only a proxy knows it.
  package let address: Address?
  /// Whether the port accepts connections.
  package let verdict: Verdict
  /// The duration of the last try.
  package let duration: Duration
  /// The error with which the port is closed, if any.
  package let reason: Errno?
  /// The reason why the host has no address.
  package let failure: Failure?
  /// The failure of the handshake over an established connection, or of the way through a proxy.
  package let handshakeFailure: IOFailure?
  /// The attempts at other addresses that failed before the result was known.
  package var attempts: [IOFailure] = []

  /// Creates the result of an attempt to connect.
  init(
    host: String, port: UInt16, at address: Address?, _ verdict: Verdict, after duration: Duration,
    because reason: Errno? = nil
  ) {
    (self.host, self.port, self.address, self.verdict) = (host, port, address, verdict)
    (self.duration, self.reason, failure, handshakeFailure) = (duration, reason, nil, nil)
  }

  /// Creates the result of a connection whose handshake has failed.
  init(
    host: String, port: UInt16, at address: Address?, failing handshake: IOFailure, after duration: Duration
  ) {
    (self.host, self.port, self.address) = (host, port, address)
    verdict = handshake.code == .timedOut ? .timeout : .closed
    (self.duration, reason, failure, handshakeFailure) = (duration, nil, nil, handshake)
  }

  /// Creates the result for a host without an address to connect to.
  init(host: String, port: UInt16, after duration: Duration, because failure: Failure) {
    (self.host, self.port, address, verdict) = (host, port, nil, .unknown)
    (self.duration, reason, self.failure, handshakeFailure) = (duration, nil, failure, nil)
  }

  /// The port and its state as one line: `127.0.0.1:22: open after 0.1 ms`.
  package var text: String {
    let time = Decimals.text(duration.seconds * 1000, places: 1)
    let place = address.map { "\($0)" } ?? "\(Endpoint.internet(host: host, port: "\(port)"))"
    return "\(place): \(verdict) after \(time) ms" + (cause.map { " (\($0))" } ?? "")
  }

  /// The reason why it is not open, in words, if it is known.
  package var cause: String? {
    if let handshakeFailure { return handshakeFailure.explanation }
    guard let reason, let address else { return failure?.message }
    return IOFailure(.connect(address), reason).explanation
  }

  /// The exit status of a check of this port alone.
  package var status: ExitStatus {
    switch verdict {
    case .open: .success
    case .timeout: .timedOut
    case .unknown: failure?.status ?? .unknownName
    case .closed:
      handshakeFailure.map { ExitStatus($0) } ?? address.flatMap { address in
        reason.map { ExitStatus(IOFailure(.connect(address), $0)) }
      }
        ?? .unavailable
    }
  }
}
