// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Engine
import Sessions
import Sockets

extension ServerModel: ExpressibleByArgument {}

/// The default model of a server.
protocol UsualModel {
  /// The model.
  static var model: ServerModel { get }
}

/// A readiness loop, for services that answer at once.
enum UsuallyEvent: UsualModel {
  /// The model with event loops.
  static let model = ServerModel.event
}

/// A child process for each connection, for services that may take long to answer.
enum UsuallyFork: UsualModel {
  /// The model with child processes.
  static let model = ServerModel.fork
}

/// How a server handles connections.
struct ServerOptions<Usual: UsualModel>: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "What serves a connection (default: \(Usual.model)).",
      discussion: "A child process, a thread, or one readiness loop for all.", valueName: "fork|thread|event")
  )
  var model: ServerModel?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Number of event loops (default: 1).", valueName: "n"),
    completion: .workers, transform: ValueArgument.workers)
  var workers: Int?

  @Option(
    name: .idleTimeout, parsing: .unconditional,
    help: ArgumentHelp(
      "Drop a client that is silent (default: 5m).",
      discussion: "Bytes in either direction count; 0: never.", valueName: "duration"),
    completion: .duration, transform: ValueArgument.duration)
  var idleTimeout: Duration?

  @Option(
    name: .maximumConnections, parsing: .unconditional,
    help: ArgumentHelp(
      "Limit on connections at a time.",
      discussion:
        "Others wait in the backlog (default: what descriptors allow, or 1000 processes or threads).",
      valueName: "n"), completion: .count, transform: ValueArgument.count)
  var maximumConnections: Int?

  // Not in a group of its own: each type of options makes every start several per cent slower.
  @Flag(help: "Use SCTP instead of TCP.")
  var sctp = false

  @OptionGroup var admitting: AdmissionOptions
  @OptionGroup var closing: LingerOptions

  @Flag(
    help: ArgumentHelp(
      "Write the log as JSON, one object per line.", discussion: "The same as --log-format json."))
  var json = false

  private static var defaultIdle: Duration { .seconds(300) }

  /// Rejects options that exclude each other.
  func validate() throws {
    if workers != nil, model == .fork || model == .thread {
      throw ValidationError("--workers requires --model event")
    }
  }

  /// The first given option that only applies to connections; `nil` if there is none.
  ///
  /// - Parameter hasSessions: Whether the peers of datagrams have sessions, which are limited like connections.
  func connectionFlag(besidesSessions hasSessions: Bool) -> String? {
    let flags = [
      (model != nil, "--model"), (sctp, "--sctp"), (workers != nil, "--workers"),
      (maximumConnections != nil && !hasSessions, "--max-connections"),
      (admitting.backlog != nil, "--backlog"), (admitting.deferAccept != nil, "--defer-accept"),
      (idleTimeout != nil && !hasSessions, "--idle-timeout"),
      (admitting.grace != nil, "--grace"), (closing.linger != nil, "--linger"),
    ]
    return flags.first { $0.0 }?.1
  }

  /// Where to listen, and how to serve.
  ///
  /// - Throws: A usage error.
  func invocation(
    on endpoint: Endpoint, _ addressing: AddressingOptions, _ listening: ListeningOptions,
    _ reporter: Reporter
  ) throws -> ServerInvocation {
    try listening.check(endpoint, workers: workers, admitting: admitting, reporter)
    var invocation = ServerInvocation(on: endpoint)
    invocation.listening = try listening.settings(addressing.resolver, admitting: admitting)
    invocation.access = admitting.lists.sources
    invocation.model = workers == nil ? model ?? Usual.model : .event
    invocation.workers = workers ?? 1
    invocation.maximumConnections = maximumConnections
    invocation.idle = TimingOptions.limit(idleTimeout ?? Self.defaultIdle)
    invocation.grace = admitting.grace
    invocation.linger = closing.linger
    if sctp {
      if let kind = endpoint.kindBesidesIP { throw ValidationError("--sctp does not apply to \(kind)") }
      try admitting.checkSCTP()
      invocation.streamProtocol = .sctp
    }
    return invocation
  }
}
