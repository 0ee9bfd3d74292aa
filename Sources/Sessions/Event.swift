// SPDX-License-Identifier: GPL-3.0-or-later

package import Engine
package import HTTP
package import Handshakes
package import Sockets
package import TLS
package import Transport

/// An event of a connection or of the program, for people and logs.
package enum Event {
  /// A socket listens or receives datagrams on an address.
  case listening(Address, StreamTransport)
  /// A connection to a peer is open.
  case connected(from: Address, to: Address, over: StreamTransport)
  /// A proxy has named the client of its connection.
  case proxyHeader(ProxyHeader, from: Address)
  /// A proxy has connected to a target.
  case proxied(to: Endpoint, through: String)
  /// A line or a packet of the plain dialogue with which a peer is asked for TLS.
  case negotiating(TrafficDirection, String, peer: Address)
  /// The TLS handshake with a peer is complete.
  case secured(TLSSummary, peer: Address)
  /// TLS with a peer has failed; the failure itself is reported by another event, or ends the session.
  case securingFailed(TLSFailure, peer: Address)
  /// A new certificate was made for the server.
  case certificateMade(CertificateSummary)
  /// Clients may refuse the server's certificate because of its OCSP response, for this reason.
  case stapleDoubtful(String)
  /// A client was accepted.
  case accepted(from: Address, on: Address, over: StreamTransport)
  /// An attempt to connect or bind failed, while others are still to be made.
  case attemptFailed(IOFailure)
  /// The state of a port was checked.
  case checked(PortState)
  /// A look-up failed and is repeated.
  case lookupRepeated(ResolutionError)
  /// The kernel's value of a socket option.
  case option(EffectiveOption)
  /// A connection has ended, with the numbers of bytes transferred, how the peer has ended TLS, and whether a failure
  /// has ended it.
  case closed(
    peer: Address, sent: Int, received: Int, duration: Duration, end: StreamEnd? = nil, isFailed: Bool = false
  )
  /// The peer of a chat has left, with the reason if it did not close the connection itself.
  case left(Address, reason: String?)
  /// A client was refused by the access list.
  case refused(Address)
  /// A client was reset for lack of descriptors.
  case overloaded(Address)
  /// A client was closed because there are as many as the limit.
  case full(Address, limit: Int)
  /// The access lists were read again, with the numbers of their networks.
  case accessReread(allowed: Int?, denied: Int)
  /// The access lists could not be read again, and remain as they were.
  case accessKept(because: Failure)
  /// The certificate was read again.
  case certificateReread
  /// The certificate could not be read again, and remains as it was.
  case certificateKept(because: Failure)
  /// The users were read again, with their number.
  case usersReread(Int)
  /// The users could not be read again, and remain as they were.
  case usersKept(because: Failure)
  /// What the process cannot do from then on, as far as the kernel allows.
  case sandboxed(SandboxState)
  /// The process runs as another user from then on.
  case userChanged(Account)
  /// A file that SIGHUP is to read again can no longer be read.
  case reloadPrevented(Failure)
  /// A connection was broken.
  case connectionFailed(IOFailure)
  /// A client was not served to an orderly end, because of an error.
  case clientFailed(IOFailure, peer: Address)
  /// A connection was reset, with the number of bytes that were not sent, if it is known.
  case reset(Address, unsent: Int?, reason: String)
  /// Accepting is paused for lack of resources.
  case acceptingPaused(IOFailure)
  /// A child process that served a connection did not exit in order.
  case childDied(String)
  /// A client was connected to the target of a forwarder, or that of its request to a proxy.
  case forwarding(client: Address, ProxyRequest?, from: Address, to: Address, over: StreamTransport)
  /// Datagrams are relayed for a client of a proxy, which sends them to this address.
  case associated(client: Address, ProxyRequest, at: Address)
  /// A client could not be connected to the target of a forwarder.
  case forwardFailed(client: Address, Failure)
  /// A forwarded connection broke or was given up.
  case forwardBroken(client: Address, String)
  /// The command of a connection has ended.
  case commandEnded(peer: Address, ProcessEnding, duration: Duration)
  /// The command of a connection could not be started.
  case commandNotStarted(IOFailure, peer: Address)
  /// An HTTP request was answered.
  case served(AccessLogEntry)
  /// Datagrams are sent to an address.
  case sending(to: Address)
  /// A datagram could not be sent.
  case sendingFailed(IOFailure)
  /// Datagrams can be sent again after a failure.
  case sendingRecovered(Address)
  /// An exchange of datagrams has ended, with the numbers sent and received.
  case exchanged(sent: DatagramTally, received: DatagramTally, duration: Duration)
  /// The number of datagrams that the kernel dropped at an address.
  case dropped(Int, Address)
  /// A datagram could not be answered.
  case answerFailed(IOFailure)
  /// Receiving is paused for lack of resources.
  case receivingPaused(IOFailure)
  /// A peer is not answered for a while, because it may be a server that answers the answers.
  case loopSuspected(Address)
  /// A peer gets no DTLS session, because there are as many as the limit.
  case sessionRefused(Address, limit: Int)
  /// Datagrams of a peer were dropped, because what serves it does not read them.
  case datagramsDropped(Int, from: Address)
  /// The history of lines cannot be kept.
  case historyUnavailable(IOFailure)
  /// A traced system call.
  case called(Trace.Call)
  /// A failure of the session, or of one of its look-ups or expressions.
  case failed(Failure)
}
