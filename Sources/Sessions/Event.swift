// SPDX-License-Identifier: GPL-3.0-or-later

package import Engine
package import HTTP
package import Sockets

/// Something that happened to a connection, or in the program, for people and logs.
package enum Event {
  case listening(Address, SocketType)
  case connected(from: Address, to: Address)
  case accepted(from: Address, on: Address)
  case attemptFailed(SystemError)
  case checked(PortState)
  case lookupRepeated(ResolutionError)
  case option(EffectiveOption)
  case closed(peer: Address, sent: Int, received: Int, duration: Duration)
  case left(Address, reason: String?)
  case refused(Address)
  case overloaded(Address)
  case accessReread(allowed: Int?, denied: Int)
  case accessKept(because: Failure)
  case connectionFailed(SystemError)
  case clientFailed(SystemError, peer: Address)
  case reset(Address, unsent: Int?, reason: String)
  case acceptingPaused(SystemError)
  case childDied(String)
  case forwarding(client: Address, from: Address, to: Address)
  case forwardFailed(client: Address, Failure)
  case forwardBroken(client: Address, String)
  case commandEnded(peer: Address, ProcessEnding, duration: Duration)
  case commandNotStarted(SystemError, peer: Address)
  case served(AccessLogEntry)
  case sending(to: Address)
  case sendingFailed(SystemError)
  case sendingRecovered(Address)
  case exchanged(sent: DatagramTally, received: DatagramTally, duration: Duration)
  case dropped(Int, Address)
  case answerFailed(SystemError)
  case receivingPaused(SystemError)
  case loopSuspected(Address)
  case historyUnavailable(SystemError)
  case called(Trace.Call)
  case failed(Failure)
}

/// The type of a socket.
package enum SocketType: Sendable {
  /// `SOCK_STREAM`.
  case stream
  /// `SOCK_DGRAM`.
  case datagram

  /// The short name of the protocol at an address: `tcp`, `udp` or `unix`.
  package func name(at address: Address) -> String {
    guard address.family != .unix else { return "unix" }
    return self == .stream ? "tcp" : "udp"
  }
}
