// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Sockets

/// What the options of `forward` come to.
struct ForwardPlan: Sendable {
  let place: Endpoint
  let target: Endpoint
  let options: ForwardOptions
  let recording: RecordPaths
  let addressing: ForwardAddressingOptions
  let admitting: AdmissionOptions
  let socket: SocketOptions
  let reporter: Reporter

  private static let defaultConnectLimit = Duration.seconds(10)
  /// Descriptors that are neither connections nor pipes: standard streams, signals, attempts, look-ups.
  private static let reservedDescriptors = 12
  /// Those that each event loop has.
  private static let descriptorsOfLoop = 5
  private static let mostPipes = 128

  /// What connections are held to.
  ///
  /// - Throws: A usage error for an option that neither side has.
  func settings() throws -> ForwardSettings {
    let reporter = reporter
    var settings = ForwardSettings()
    settings.resolver = addressing.resolver.on(interface: socket.interface)
    settings.connector.source = addressing.source
    settings.connector.settings = try socketSettings()
    // Its handshake would wait for bytes of a client, which may wait for those of the target.
    settings.connector.settings.isFastOpen = false
    settings.connector.attemptFailed = { reporter.report(.attemptFailed($0)) }
    settings.connectLimit = TimingOptions.limit(options.connectTimeout ?? Self.defaultConnectLimit)
    settings.idle = TimingOptions.limit(options.idleTimeout)
    settings.rate = options.rate
    settings.grace = admitting.grace ?? settings.grace
    settings.access = try admitting.lists.control()
    let limits = limits()
    settings.maximumConnections = limits.connections
    settings.isLimitedByDescriptors = limits.isOfDescriptors
    settings.maximumPipes = limits.pipes
    return settings
  }

  /// What binds the listeners.
  func binder(isPortReused: Bool) throws -> Binder {
    var binder = Binder(on: place)
    binder.resolver = addressing.resolver.on(interface: socket.interface)
    binder.backlog = admitting.backlog ?? binder.backlog
    binder.settings = try socketSettings()
    binder.settings.isPortReused = isPortReused
    let reporter = reporter
    binder.skipped = { reporter.report(.attemptFailed($0)) }
    return binder
  }

  /// Tells what the kernel made of the options on the listener, from which its connections have them.
  func reportOptions(of listeners: ListenerGroup, asked: SocketSettings) {
    for option in asked.effective(on: listeners.sockets[0], family: listeners.local.family) {
      // What was not asked for is nobody's concern.
      guard option.name != "fast-open", option.name != "no-delay" || socket.noDelay else { continue }
      reporter.report(.option(option))
    }
    if asked.isFastOpen {
      reporter.report(.option(EffectiveOption("fast-open", .number(listeners.fastOpenQueue))))
    }
  }

  /// Writes the statistics of a connection that has ended, if they are wanted.
  func writeStatistics(of event: ForwardEvent) {
    guard options.stats, reporter.isVerbose,
      case .closed(let client, let toTarget, let toClient, let duration) = event
    else { return }
    write(ForwardStatistics(client: client, toTarget: toTarget, toClient: toClient, over: duration))
  }

  /// Writes statistics.
  func write(_ statistics: ForwardStatistics) {
    if options.json { reporter.write(record: statistics) } else { reporter.note(statistics.line) }
  }

  /// The options of both sides; a Unix socket leaves out what is not for it.
  private func socketSettings() throws -> SocketSettings {
    var settings = try socket.settings(for: isUnix(place) ? target : place)
    // The two who talk decide by themselves what is to leave at once.
    settings.isNoDelay = true
    return settings
  }

  private func isUnix(_ endpoint: Endpoint) -> Bool {
    if case .unix = endpoint { true } else { false }
  }

  /// How many connections, with two descriptors each, and pipes there may be within the limit of descriptors, whatever
  /// is asked for: those that are accepted must not take away what the others need for the target.
  private func limits() -> (connections: Int, isOfDescriptors: Bool, pipes: Int) {
    let workers = options.workers ?? 1
    let reserved = Self.reservedDescriptors + recording.count + workers * Self.descriptorsOfLoop
    let descriptors = max(2, DescriptorLimit.raise() - reserved)
    let pipes = min(Self.mostPipes, descriptors / 8)
    let possible = max(1, descriptors / 2 - pipes)
    let wanted = options.maximumConnections ?? possible
    if wanted > possible {
      reporter.note(
        "--max-connections \(wanted) needs more descriptors than there may be (ulimit -n): "
          + "forwarding \(possible) at a time")
    }
    return (min(wanted, possible), wanted >= possible, pipes / workers)
  }
}
