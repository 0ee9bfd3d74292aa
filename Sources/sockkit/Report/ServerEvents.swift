// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Sockets
import SystemPackage
import Transport

extension Reporter {
  /// Reports what went wrong while datagrams were received and answered.
  func report(datagrams event: DatagramEvent) {
    switch event {
    case .receivingPaused(let error): report(.receivingPaused(error))
    case .answerFailed(let error): report(.answerFailed(error))
    case .loopSuspected(let peer): report(.loopSuspected(peer))
    }
  }

  /// Tells of what happens to connections.
  func report(connection event: ServerEvent) {
    switch event {
    case .accepted(let peer, let local): report(.accepted(from: peer, on: local))
    case .refused(let peer): report(.refused(peer))
    case .overloaded(let peer): report(.overloaded(peer))
    case .accessReread(let allowed, let denied): report(.accessReread(allowed: allowed, denied: denied))
    case .accessKept(let failure): report(.accessKept(because: failure))
    case .closed(let peer, let sent, let received, let duration, let error):
      if let error { report(error, of: peer) }
      report(.closed(peer: peer, sent: sent, received: received, duration: duration))
    case .commandEnded(let peer, let ending, let duration, let error):
      if let error { report(error, of: peer) }
      report(.commandEnded(peer: peer, ending, duration: duration))
    case .commandNotStarted(let error, let peer): report(.commandNotStarted(error, peer: peer))
    case .reset(let peer, let unsent, let reason): report(.reset(peer, unsent: unsent, reason: reason))
    case .short(let error): report(.acceptingPaused(error))
    case .childDied(let ending): report(.childDied(ending))
    }
  }

  /// Clients break off every day; what this side cannot do for one is trouble.
  private func report(_ error: SystemError, of peer: Address) {
    report(error.code.endsConnection ? .connectionFailed(error) : .clientFailed(error, peer: peer))
  }
}
