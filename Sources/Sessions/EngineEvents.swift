// SPDX-License-Identifier: GPL-3.0-or-later

package import Engine
import Sockets
import SystemPackage
import Transport

/// Reports events of the engine as events of a session.
extension SessionObserver {
  /// Reports an event of a server's connections.
  package func report(connection event: ServerEvent) {
    switch event {
    case .accepted(let peer, let local, let transport):
      report(.accepted(from: peer, on: local, over: transport))
    case .refused(let peer): report(.refused(peer))
    case .handshakeFailed(let error, _): report(.connectionFailed(error))
    case .overloaded(let peer): report(.overloaded(peer))
    case .full(let peer, let limit): report(.full(peer, limit: limit))
    case .accessReread(let allowed, let denied): report(.accessReread(allowed: allowed, denied: denied))
    case .accessKept(let failure): report(.accessKept(because: failure))
    case .certificateReread: report(.certificateReread)
    case .certificateKept(let failure): report(.certificateKept(because: failure))
    case .usersReread(let count): report(.usersReread(count))
    case .usersKept(let failure): report(.usersKept(because: failure))
    case .closed(let peer, let sent, let received, let duration, let error, let end):
      if let error { report(error, of: peer) }
      report(.closed(peer: peer, sent: sent, received: received, duration: duration, end: end))
    case .commandEnded(let peer, let ending, let duration, let error):
      if let error { report(error, of: peer) }
      report(.commandEnded(peer: peer, ending, duration: duration))
    case .commandNotStarted(let error, let peer): report(.commandNotStarted(error, peer: peer))
    case .reset(let peer, let unsent, let reason): report(.reset(peer, unsent: unsent, reason: reason))
    case .short(let error): report(.acceptingPaused(error))
    case .childDied(let ending): report(.childDied(ending))
    case .stopping(let signal): stopping(because: signal)
    }
  }

  /// Errors that end a connection are normal for a client; any other error is a failure on this side.
  private func report(_ error: IOFailure, of peer: Address) {
    // What was received is incomplete, which is not normal either.
    let isTruncated = if case .truncated = error.reason { true } else { false }
    report(
      error.endsConnection && !isTruncated ? .connectionFailed(error) : .clientFailed(error, peer: peer))
  }

  /// Reports an event of forwarded connections.
  package func report(forwarded event: ForwardEvent) {
    switch event {
    case .reception(let event): report(connection: event)
    case .attemptFailed(let error): report(.attemptFailed(error))
    case .connected(let client, let request, let local, let remote, let transport):
      report(.forwarding(client: client, request, from: local, to: remote, over: transport))
    case .associated(let client, let request, let local):
      report(.associated(client: client, request, at: local))
    case .failed(let client, let failure): report(.forwardFailed(client: client, failure))
    case .broken(let client, let reason): report(.forwardBroken(client: client, reason))
    case .closed(let client, let toTarget, let toClient, let duration, let end):
      report(.closed(peer: client, sent: toClient, received: toTarget, duration: duration, end: end))
    }
  }

  /// Reports an event of datagrams that are received and answered.
  package func report(datagrams event: DatagramEvent) {
    switch event {
    case .receivingPaused(let error): report(.receivingPaused(error))
    case .answerFailed(let error): report(.answerFailed(error))
    case .loopSuspected(let peer): report(.loopSuspected(peer))
    case .sessionFailed(let error): report(.connectionFailed(error))
    case .sessionRefused(let peer, let limit): report(.sessionRefused(peer, limit: limit))
    case .dropped(let count, let peer): report(.datagramsDropped(count, from: peer))
    }
  }

  /// Reports an event of datagrams that are sent.
  package func report(sending event: DatagramSendingEvent) {
    switch event {
    case .attemptFailed(let error): report(.attemptFailed(error))
    case .failed(let error): report(.sendingFailed(error))
    case .recovered(let address): report(.sendingRecovered(address))
    case .inputIsNotText:
      note(
        "standard input is not text, and is cut at each newline: --whole sends all of it as one datagram, --block N in "
          + "blocks of N bytes")
    }
  }
}
