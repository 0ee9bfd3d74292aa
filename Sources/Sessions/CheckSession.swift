// SPDX-License-Identifier: GPL-3.0-or-later

package import Engine
import Handshakes
import Sockets
package import Transport

/// A check whether ports accept connections.
package struct CheckSession {
  /// A host with the ports to check, or a Unix socket, which counts as one port.
  package struct Target: Sendable {
    fileprivate let dialing: DialSettings
    fileprivate let ports: [UInt16]
    fileprivate var layers = StreamLayers()
    fileprivate let files: NeededFiles

    /// Creates a target.
    ///
    /// - Parameters:
    ///   - protection: The protection that is agreed on for a port to count as open; `nil` for none.
    ///   - header: Sends a header that precedes everything else; `nil` for none.
    ///   - probe: How a port of datagrams is checked.
    package init(
      _ dialing: DialSettings, ports: [UInt16], _ protection: Protection? = nil, header: StreamLayer? = nil,
      probe: DatagramProbe.Settings = DatagramProbe.Settings()
    ) {
      self.dialing = dialing
      self.ports = ports
      layers.header = header
      layers.protect = protection?.protect
      files = protection?.files ?? NeededFiles()
      if dialing.settings.kind == .datagram {
        layers.makeTransport = { socket, _ in DatagramProbe(socket, probe) }
      }
    }
  }

  /// Which ports must be open for the check to succeed.
  package enum Requirement: Sendable {
    /// All of them.
    case all
    /// At least one.
    case any
  }

  /// Which ports must be open.
  package var requirement = Requirement.all
  /// The pause between two ports, which are then checked one after another; `nil` to check many at a time.
  package var interval: Duration?
  private let targets: [Target]
  private let limit: Duration?
  private let observer: any SessionObserver
  private let output: PortScan.Report

  /// Creates a check.
  ///
  /// - Parameters:
  ///   - limit: The maximum total time; `nil` for no limit.
  ///   - output: Receives the state of each port as soon as it is known.
  package init(
    of targets: [Target], within limit: Duration?, _ observer: any SessionObserver,
    output: @escaping PortScan.Report
  ) {
    self.targets = targets
    self.limit = limit
    self.observer = observer
    self.output = output
  }

  /// Checks the ports.
  ///
  /// - Returns: Success if all ports are open; for a single port, its own status.
  /// - Throws: A failure of the check itself, or a failure if its time is over.
  package func run() throws(Failure) -> SessionOutcome {
    let deadline = limit.map(Deadline.after) ?? .never
    for target in targets { target.dialing.proxies?.prepare() }
    try Sandbox.begin(needs, observer).report()
    let isOfOne = targets.count == 1 && targets[0].ports.count == 1
    var scans: [PortScan] = []
    for target in targets {
      var dialer = try target.dialing.dialer(until: deadline, observer)
      dialer.connector.closesInOrder = true
      var scan = try scan(of: target, by: dialer)
      scan.interval = interval
      scans.append(scan)
    }
    var status = ExitStatus.success
    var unknownHost: String?
    var areOpen: Bool
    var isAnyOpen = false
    do throws(IOFailure) {
      areOpen = try HostScans(scans).run { (state) throws(IOFailure) in
        // Reported once for all ports of a host. With -v, the event of each port also contains the reason.
        if let failure = state.failure, unknownHost != state.host {
          observer.report(.failed(failure))
          unknownHost = state.host
        }
        for error in state.attempts { observer.report(.attemptFailed(error)) }
        observer.report(.checked(state))
        isAnyOpen = isAnyOpen || state.verdict == .open
        try output(state)
        status = isOfOne ? state.status : .unavailable
      }
    } catch {
      return try SessionOutcome(of: error)
    }
    if requirement == .any { areOpen = isAnyOpen }
    guard !areOpen else { return .success }
    if deadline.hasPassed {
      let names = targets.map { "\($0.dialing.endpoint)" }.joined(separator: " ")
      throw Failure(.timedOut, "check of \(names): not finished within the time allowed (--timeout)")
    }
    return .exited(status)
  }

  private var needs: SandboxNeeds {
    var needs = SandboxNeeds()
    for target in targets {
      let dialing = target.dialing
      needs.families.formUnion(dialing.needs.families)
      needs.files.add(dialing.needs.files)
      needs.files.add(target.files)
      if dialing.source.host != nil || dialing.source.port != nil {
        needs.bind(port: dialing.source.port ?? "0")
      }
      if case .unix(let path) = dialing.endpoint, path.hasPrefix("@") { needs.usesAbstractSockets = true }
      if let proxy = dialing.proxies?.first { needs.connect(to: proxy) }
      for port in target.ports where needs.targets != .all { needs.targets.add(port) }
    }
    return needs
  }

  private func scan(of target: Target, by dialer: Dialer) throws(Failure) -> PortScan {
    let layers = target.layers
    guard let proxies = target.dialing.proxies, case .internet(let host, _) = target.dialing.endpoint else {
      var scan = PortScan(of: dialer, ports: target.ports)
      scan.makeStream = layers.makeStream
      return scan
    }
    let name = host ?? "localhost"
    let place = try proxies.host(name, by: target.dialing.resolver, until: dialer.lookupEnd)
    return PortScan(of: name, ports: target.ports, through: dialer) { port in
      let target = ProxyTarget(place, port: port)
      return { layers.stream(over: proxies.makeStream(over: SocketStream($0, acknowledged: $1), to: target)) }
    }
  }
}
