// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
package import Sockets
import Synchronization
import SystemPackage
import Text

/// Decides which peers may currently connect; it can be called from any thread.
package final class AccessControl: Sendable {
  private let sources: AccessSources
  private let list: Guarded<AccessList>
  /// Other files that new connections depend on.
  private let reloads: [ReloadedFiles]

  /// Reads the lists.
  ///
  /// - Parameter reloads: Other files, which are reloaded together with the lists; `nil` for none.
  /// - Throws: The error of a file.
  package init(
    _ sources: AccessSources, reloading reloads: ReloadedFiles?...
  ) throws(Failure) {
    self.sources = sources
    self.reloads = reloads.compactMap { $0 }
    list = Guarded(try sources.list())
  }

  /// Creates a control that admits every peer.
  package init() {
    sources = AccessSources()
    reloads = []
    list = Guarded(AccessList())
  }

  /// Whether a peer may connect; one that acts for clients may, and each of its clients is judged.
  package func admits(_ peer: Address) -> Bool { expectsHeader(from: peer) || admitsClient(peer) }

  /// Whether a client may connect, directly or through a proxy.
  package func admitsClient(_ client: Address) -> Bool { list.withLock { $0.admits(client) } }

  /// Whether a peer has to begin with the header of the PROXY protocol.
  package func expectsHeader(from peer: Address) -> Bool {
    guard let proxies = sources.proxies else { return false }
    guard let address = peer.ip else { return peer.family == .unix }
    return proxies.contains(address)
  }

  /// Whether there are such peers.
  package var expectsHeaders: Bool { sources.proxies != nil }

  /// Whether SIGHUP makes files be read again, because there are some, and has no other effect.
  package var isReread: Bool { sources.areFiles || !reloads.isEmpty }

  /// The files that SIGHUP makes be read again, and those that it makes be opened for writing.
  package var reloadedPaths: (read: [String], written: [String]) {
    (sources.allowedFiles + sources.deniedFiles + reloads.flatMap(\.paths), reloads.flatMap(\.written))
  }

  /// Reads the files again, for new connections; what has an error is left unchanged.
  ///
  /// - Returns: For each kind of file what was read, or the reason why it is unchanged.
  package func reread() -> [ServerEvent] {
    (sources.areFiles ? [rereadLists()] : []) + reloads.map { $0.reload() }
  }

  private func rereadLists() -> ServerEvent {
    do {
      let list = try sources.list()
      self.list.withLock { $0 = list }
      return .accessReread(allowed: list.allowed?.count, denied: list.denied.count)
    } catch {
      return .accessKept(because: error)
    }
  }
}

extension SignalQueue {
  /// Starts to collect signals for a server with access lists; if SIGHUP rereads the lists, it is collected even if it
  /// was ignored.
  package init(_ signals: [CInt], for access: AccessControl) throws(IOFailure) {
    try self.init(signals, evenIfIgnored: access.isReread ? [SIGHUP] : [])
  }
}

/// The peers that may connect, and the receiver of the events of connections.
package struct AccessPolicy: Sendable {
  private let access: AccessControl
  /// Whether clients are closed at once while there are as many as the limit; otherwise they wait in the backlog.
  package var turnsAwayWhenFull = false
  /// Called with the events of connections, from any thread.
  package let report: @Sendable (ServerEvent) -> Void

  /// Creates a policy from access lists.
  package init(_ access: AccessControl, report: @escaping @Sendable (ServerEvent) -> Void) {
    self.access = access
    self.report = report
  }

  /// Whether a peer may connect.
  package func admits(_ peer: Address) -> Bool { access.admits(peer) }

  /// Handles a signal that is not a request to stop: SIGHUP rereads access lists that come from files.
  ///
  /// - Returns: Whether the signal has been handled.
  package func heed(_ signal: CInt) -> Bool {
    guard signal == SIGHUP, access.isReread else { return false }
    ServiceManager.current?.report(.reloading)
    for event in access.reread() { report(event) }
    ServiceManager.current?.report(.ready)
    return true
  }
}

/// The peers that may connect: all, or those in the allow list, except those in the deny list.
package struct AccessList: Equatable, Sendable {
  /// The networks that may connect; `nil` means all, and an empty list none.
  package var allowed: NetworkSet?
  /// The networks that may not connect; takes precedence over `allowed`.
  package var denied = NetworkSet()
  /// The patterns of further addresses that may connect, and of those that may not.
  package var (allowedPatterns, deniedPatterns): ([AddressPattern], [AddressPattern]) = ([], [])
  /// Whether peers without an IP address may connect, which are in no network: those of Unix sockets.
  package var admitsUnaddressed = true

  /// Creates a list that admits every peer.
  package init() {}

  /// Whether a peer may connect. A Unix socket has no address to check, and its file has permissions. A virtual machine is
  /// in no network, so that a list of networks that may connect excludes it.
  package func admits(_ peer: Address) -> Bool {
    guard let address = peer.ip else { return peer.family == .unix ? admitsUnaddressed : allowed == nil }
    if denied.contains(address) || deniedPatterns.contains(where: { $0.contains(address) }) { return false }
    guard let allowed else { return true }
    return allowed.contains(address) || allowedPatterns.contains { $0.contains(address) }
  }
}

/// The sources of an access list: the command line, and files that may change.
package struct AccessSources: Sendable {
  /// Networks that may connect.
  package var allowed: [Network] = []
  /// Networks that may not connect.
  package var denied: [Network] = []
  /// Patterns of addresses that may connect, and of those that may not.
  package var (allowedPatterns, deniedPatterns): ([AddressPattern], [AddressPattern]) = ([], [])
  /// Whether peers are restricted to those of the lists even if these are empty, or have no IP address.
  package var isRestricted = false
  /// Files of networks that may connect.
  package var allowedFiles: [String] = []
  /// Files of networks that may not connect.
  package var deniedFiles: [String] = []
  /// The peers that have to begin with the header of the PROXY protocol, which names their client; `nil` for none.
  package var proxies: NetworkSet?

  /// Creates sources without networks.
  package init() {}

  /// Whether there are files to read again.
  var areFiles: Bool { !allowedFiles.isEmpty || !deniedFiles.isEmpty }

  /// Reads the current contents of the sources.
  ///
  /// An allow list that turns out to be empty admits no peer: the file was meant to restrict access.
  ///
  /// - Throws: The error of a file.
  func list() throws(Failure) -> AccessList {
    var list = AccessList()
    list.admitsUnaddressed = !isRestricted
    list.allowedPatterns = allowedPatterns
    list.deniedPatterns = deniedPatterns
    if isRestricted || !allowed.isEmpty || !allowedFiles.isEmpty || !allowedPatterns.isEmpty {
      list.allowed = NetworkSet(try allowed + Self.networks(in: allowedFiles))
    }
    list.denied = NetworkSet(try denied + Self.networks(in: deniedFiles))
    return list
  }

  private static func networks(in paths: [String]) throws(Failure) -> [Network] {
    var networks: [Network] = []
    for path in paths { networks += try AccessFile(path).networks() }
    return networks
  }
}

/// A file that lists networks: one address or network per line, empty lines, and comments that begin with `#`.
package struct AccessFile: Sendable {
  private let path: String

  /// Refers to the file at a path.
  package init(_ path: String) { self.path = path }

  /// Reads the file.
  ///
  /// - Throws: `noInput` if it cannot be read, `dataError` with the line that is not a network.
  func networks() throws(Failure) -> [Network] {
    let content: [UInt8]?
    do {
      content = try RegularFile.bytes(of: path)
    } catch {
      // An unreadable file is a missing input file, whatever the reason.
      throw Failure(.noInput, "\(IOFailure(.read(path), error))")
    }
    guard let content else {
      throw Failure(.noInput, "read \(path): not a regular file, so SIGHUP could not reload it")
    }
    return try networks(in: content)
  }

  /// Parses the contents of a file.
  ///
  /// - Throws: `dataError` with the line that is not a network.
  package func networks(in content: [UInt8]) throws(Failure) -> [Network] {
    var networks: [Network] = []
    var number = 0
    for line in content.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      number += 1
      let words = line.prefix { $0 != UInt8(ascii: "#") }.split(whereSeparator: \.isSpace)
      guard !words.isEmpty else { continue }
      guard words.count == 1, let network = Network(String(decoding: words[0], as: UTF8.self)) else {
        throw Failure(.dataError, "\(path), line \(number): \(Self.complaint(words))")
      }
      networks.append(network)
    }
    return networks
  }

  private static func complaint(_ words: [ArraySlice<UInt8>]) -> String {
    let shown = Array(words.joined(separator: [UInt8(ascii: " ")]))
    let text = TerminalSafe.escape(utf8: Array(shown.prefix(longestShown)).span)
    let ending = shown.count > longestShown ? "…" : ""
    return "'\(text)\(ending)' is not an address or a network such as 192.0.2.0/24 or 2001:db8::/32"
  }

  private static let longestShown = 60
}
