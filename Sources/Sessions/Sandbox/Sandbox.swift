// SPDX-License-Identifier: GPL-3.0-or-later

package import Engine
import Glibc
package import Sockets
import Synchronization
import SystemPackage

/// Takes away from this process what its session does not need, by Landlock and a filter of system calls, in two steps: at the
/// start, and before the first byte of a peer is handled.
package struct Sandbox: Sendable {
  /// Whether there is to be a sandbox.
  package enum Mode: String, CaseIterable, Sendable {
    /// As far as the kernel can.
    case on
    /// Not at all.
    case off
    /// The session fails if the kernel lacks a part of it.
    case required = "require"
  }

  /// Off unless the program chooses: what a session takes away is gone for the whole process.
  private static let chosen = Guarded(Mode.off)

  /// What has been taken away from this process, whose further sessions get nothing back.
  private static let begun = Guarded(Sandbox?.none)
  private static let isConfined = Guarded(false)

  /// Chooses whether there is to be a sandbox, before the first session begins.
  package static func choose(_ mode: Mode) { chosen.withLock { $0 = mode } }

  /// What starts the session's command; `nil` for none, or if this process does.
  package let spawner: CommandSpawner?
  private let mode: Mode
  private let needs: SandboxNeeds
  private let observer: any SessionObserver
  /// What is in force; `nil` if there is to be no sandbox.
  private let state: SandboxState?

  /// Takes the first step, before there are other threads: the process keeps the rights that a start needs, with those of the
  /// session.
  ///
  /// - Parameters:
  ///   - needs: What the session has to reach.
  ///   - command: The command that the session runs, the names of its variables, and what it gives up once the sockets are
  ///     open; `nil` for none.
  ///   - observer: Receives what is in force, by `report`.
  /// - Returns: The sandbox of the process, which its first session has begun.
  /// - Throws: A failure to start a process, or of a sandbox that is required.
  package static func begin(
    _ needs: SandboxNeeds,
    for command: (command: Command, naming: CommandEnvironment.Naming, privileges: Privileges)? = nil,
    _ observer: any SessionObserver
  ) throws(Failure) -> Sandbox {
    if let begun = begun.withLock({ $0 }) { return begun }
    let sandbox = try Sandbox(needs, for: command, observer)
    if sandbox.mode != .off { begun.withLock { $0 = sandbox } }
    return sandbox
  }

  private init(
    _ needs: SandboxNeeds,
    for command: (command: Command, naming: CommandEnvironment.Naming, privileges: Privileges)?,
    _ observer: any SessionObserver
  ) throws(Failure) {
    self.needs = needs
    mode = Self.chosen.withLock { $0 }
    self.observer = observer
    guard mode != .off else {
      (spawner, state) = (nil, nil)
      return
    }
    spawner = try command.map { (command) throws(Failure) in
      try judging { () throws(IOFailure) in
        try CommandSpawner(of: command.command, naming: command.naming, command.privileges)
      }
    }
    // It keeps a socket to the service manager.
    _ = ServiceManager.current
    var state = SandboxState()
    do throws(Errno) { state.landlock = .success(try Self.restrictStart(needs)) } catch {
      state.landlock = .failure(error)
    }
    do throws(Errno) { try Self.startFilter(needs).install() } catch { state.missingFilter = error }
    self.state = state
    if mode == .required, let lack = state.lack { throw Failure(.noResources, "--sandbox=require: \(lack)") }
    guard needs.looksUpLater else { return }
    do throws(IOFailure) {
      // What name servers answer is no more trusted than what peers send: the process reaches nothing of this one.
      try LookupProcess.start { _ = try? Self.restrictStart(SandboxNeeds()) }
    } catch {
      throw Failure(error)
    }
  }

  /// Takes the second step, before the first byte of a peer is handled: what only a start needs is taken away, in all threads
  /// that are started from then on, and as for system calls in all.
  ///
  /// - Throws: A failure of a sandbox that is required.
  package func confine() throws(Failure) {
    let isConfined = Self.isConfined.withLock { isConfined in
      defer { isConfined = true }
      return isConfined
    }
    guard mode != .off, !isConfined else { return }
    // Read before the files of time zones are out of reach.
    tzset()
    // Each part by itself: where the kernel lacks one, which the first step has told, the other is in force.
    for part in [restrictRun, runFilter.install] {
      do throws(Errno) { try part() } catch {
        guard mode == .required else { continue }
        throw Failure(.noResources, "--sandbox=require: \(error)")
      }
    }
  }

  /// Takes a third step in a process of its own that serves one connection: it keeps only the calls that this takes.
  ///
  /// - Parameter servesFiles: Whether files are opened by their paths.
  package func confineWorker(servesFiles: Bool) {
    guard let state, state.missingFilter == nil else { return }
    do throws(Errno) { try SystemCallFilter.confineWorker(servesFiles: servesFiles) } catch {
      // The server reports how a process ended.
      if mode == .required { _exit(ExitStatus.noResources.rawValue) }
    }
  }

  /// Reports what is in force, once it has been reported where the session listens or what it is connected to.
  package func report() { if let state { observer.report(.sandboxed(state)) } }

  // MARK: Rules

  private static func restrictStart(_ needs: SandboxNeeds) throws(Errno) -> Int {
    let rules = try Landlock(
      allowsConnecting: needs.targets == .all, allowsBinding: needs.listens == .all,
      scope: needs.usesAbstractSockets ? .signals : .signalsAndSockets)
    for path in SystemFiles.read { try rules.allow(.read, to: path) }
    for path in SystemFiles.written { try rules.allow(.write, to: path) }
    try rules.allowLibraries()
    try allow(needs.earlyFiles, in: rules)
    try allow(needs.files, in: rules)
    try allowTerminals(in: rules)
    if case .only(let ports) = needs.targets {
      for port in ports.union([portOfNameServers]) { try rules.allowConnecting(to: port) }
    }
    if case .only(let ports) = needs.listens { for port in ports { try rules.allowBinding(port) } }
    try rules.restrict()
    return rules.version
  }

  private func restrictRun() throws(Errno) {
    let rules = try Landlock(
      allowsConnecting: needs.connectsLater && needs.targets == .all, allowsBinding: false, scope: .none)
    try rules.allow(.write, to: SystemFiles.null)
    try rules.allow(.read, to: SystemFiles.parameters)
    try Self.allow(needs.files, in: rules)
    try Self.allowTerminals(in: rules)
    if needs.connectsLater {
      if case .only(let ports) = needs.targets { for port in ports { try rules.allowConnecting(to: port) } }
      // A source address without a port is bound too.
      try rules.allowBinding(0)
    }
    try rules.restrict()
  }

  private static func allow(_ files: NeededFiles, in rules: borrowing Landlock) throws(Errno) {
    for need in files.needs { try rules.allow(need.right, to: need.path) }
  }

  /// The terminals of the standard streams, which are opened again to have a mode of their own.
  private static func allowTerminals(in rules: borrowing Landlock) throws(Errno) {
    for stream in [FileDescriptor.standardInput, .standardOutput, .standardError]
    where isatty(stream.rawValue) == 1 {
      try rules.allow(.write, to: stream)
    }
  }

  private static func startFilter(_ needs: SandboxNeeds) -> SystemCallFilter {
    var filter = SystemCallFilter()
    // Unix sockets and the kernel's tables are for the look-up of names.
    filter.families = needs.families.union([.internet, .unix, .netlink])
    return filter
  }

  private var runFilter: SystemCallFilter {
    var filter = SystemCallFilter()
    // The first filter has refused them.
    filter.allowsAdministration = true
    filter.allowsAttributes = false
    filter.allowsMultipath = needs.usesMultipath
    // A proxy asks for the addresses of this machine, which change.
    filter.families = needs.connectsLater ? needs.families.union([.netlink]) : []
    filter.allowsConnecting = needs.connectsLater || needs.connectsOpenSockets
    filter.allowsBinding = needs.connectsLater
    return filter
  }

  /// The port of DNS.
  private static let portOfNameServers: UInt16 = 53
}
