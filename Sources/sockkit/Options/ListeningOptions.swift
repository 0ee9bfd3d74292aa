// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Engine
import Sessions
import Sockets
import SystemPackage

/// How a server announces its port, and whether it shares the port.
struct ListeningOptions: ParsableArguments {
  @Flag(
    help: ArgumentHelp(
      "Use standard input as the socket, like fd:0.",
      discussion: "So inetd passes it. No address is given then."))
  var inetd = false

  @Option(
    help: ArgumentHelp(
      "Write the port number to this file.", discussion: "It appears once the socket is ready.",
      valueName: "file"),
    completion: .file(),
    transform: ValueArgument.nonEmpty)
  var portFile: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Write a newline to this descriptor, and close it.", discussion: "It happens once the socket is ready.",
      valueName: "fd"), completion: .descriptor, transform: ValueArgument.openDescriptor)
  var readyFd: FileDescriptor?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Run as this user, once the socket is bound.",
      discussion: "As root only. A group may follow: USER:GROUP.",
      valueName: "user"),
    completion: .user, transform: ValueArgument.processAccount)
  var user: Account?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Confine the server to this directory, once the socket is bound (chroot).",
      discussion: "As root only. --root and --output-dir are paths inside it.", valueName: "directory"),
    completion: .directory, transform: ValueArgument.nonEmpty)
  var chroot: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The permissions of the socket file, such as 0660.", valueName: "mode"),
    completion: .fileMode, transform: ValueArgument.fileMode)
  var socketMode: UInt32?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The owner of the socket file.", valueName: "user"),
    completion: .user, transform: ValueArgument.account)
  var socketOwner: Account?

  @Flag(help: "Let other sockets share the port (SO_REUSEPORT).")
  var reusePort = false

  @Flag(help: "Refuse a port with old connections in TIME_WAIT (SO_REUSEADDR off).")
  var noReuseAddress = false

  @Flag(help: "Listen on IPv6 only: a listener on :: takes no IPv4 (IPV6_V6ONLY).")
  var ipv6Only = false

  /// Rejects options that have no effect on the socket, and reports passed sockets that are not used.
  ///
  /// - Parameters:
  ///   - workers: The number of event loops that an option requests.
  ///   - admitting: How connections are admitted; `nil` if there are only datagrams.
  func check(
    _ endpoint: Endpoint, workers: Int? = nil, admitting: AdmissionOptions? = nil, _ reporter: Reporter
  ) throws {
    let (kind, options): (String, [(isGiven: Bool, problem: String)])
    switch endpoint {
    case .internet(let host, _):
      let isIPv4 = host.flatMap { IPAddress($0) }.map { $0.family == .ipv4 } ?? false
      kind = ""
      options =
        [(ipv6Only && isIPv4, "--ipv6-only: \(host ?? "") is an IPv4 address")] + fileOptions(of: "a port")
    case .unix(let path):
      kind = endpoint.kindBesidesIP ?? ""
      options =
        withoutAddress(kind) + [
          (portFile != nil, "--port-file: \(kind) has no port"),
          (admitting?.deferAccept != nil, "--defer-accept: \(kind) has no handshake"),
        ] + (path.hasPrefix("@") ? fileOptions(of: "an abstract socket") : [])
    case .vsock:
      kind = endpoint.kindBesidesIP ?? ""
      options =
        withoutAddress(kind) + [
          (reusePort, "--reuse-port: \(kind) cannot share its port"),
          (admitting?.deferAccept != nil, "--defer-accept: \(kind) has no such option"),
        ] + fileOptions(of: kind)
    case .inherited:
      kind = "an inherited socket"
      options =
        [
          (reusePort, "--reuse-port: \(kind) is bound already"),
          (noReuseAddress, "--no-reuse-address: \(kind) is bound already"),
          (ipv6Only, "--ipv6-only: \(kind) is bound already"),
          (admitting?.backlog != nil, "--backlog: \(kind) has its backlog already"),
          (socketMode != nil, "--socket-mode: \(kind) has its file already"),
          (socketOwner != nil, "--socket-owner: \(kind) has its file already"),
        ]
    }
    if let option = options.first(where: \.isGiven) { throw ValidationError(option.problem) }
    if !kind.isEmpty, workers ?? 1 > 1 {
      throw ValidationError("--workers: \(kind) has one listener only")
    }
    if case .inherited = endpoint { return }
    let count = PassedSockets.current.count
    guard count > 0 else { return }
    let sockets = count == 1 ? "a socket that was passed is" : "\(count) sockets that were passed are"
    reporter.note("\(sockets) not used: the address 'systemd' would use \(count == 1 ? "it" : "them")")
  }

  /// The options that only a socket with an IP address has.
  private func withoutAddress(_ kind: String) -> [(isGiven: Bool, problem: String)] {
    [
      (noReuseAddress, "--no-reuse-address: \(kind) has no connections in TIME_WAIT"),
      (ipv6Only, "--ipv6-only: \(kind) has no address family"),
    ]
  }

  /// The options of a socket file, which some kinds of socket lack.
  private func fileOptions(of kind: String) -> [(isGiven: Bool, problem: String)] {
    [
      (socketMode != nil, "--socket-mode: \(kind) has no file"),
      (socketOwner != nil, "--socket-owner: \(kind) has no file"),
    ]
  }

  /// How to listen.
  ///
  /// - Parameters:
  ///   - resolver: How names are looked up.
  ///   - admitting: How connections are admitted; `nil` if there are only datagrams.
  /// - Throws: A usage error for options that exclude each other.
  func settings(_ resolver: Resolver, admitting: AdmissionOptions? = nil) throws -> ListeningSettings {
    if ipv6Only, resolver.family == .ipv4 {
      throw ValidationError("-4 and --ipv6-only exclude each other")
    }
    var settings = ListeningSettings()
    settings.resolver = resolver
    settings.backlog = admitting?.backlog
    settings.deferredAcceptance = admitting?.deferAccept
    settings.isIPv6Only = ipv6Only
    settings.isPortReused = reusePort
    settings.isAddressReused = !noReuseAddress
    settings.socketFile.mode = socketMode
    settings.socketFile.owner = socketOwner
    settings.privileges.account = user
    settings.privileges.root = chroot
    settings.portFile = portFile
    settings.readyDescriptor = readyFd
    return settings
  }
}
