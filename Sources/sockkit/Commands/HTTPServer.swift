// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Engine
import HTTP
import Sessions
import Sockets
import SystemPackage

/// Serves files, or one text, over HTTP.
struct HTTPServer: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "http-server",
    abstract: "Serve files, or one text, over HTTP.",
    usage:
      "sockkit http-server [<options>] [HOST] PORT [DIR] | HOST:PORT [DIR] | :PORT [DIR] | unix:PATH [DIR] | vsock:CID:PORT [DIR]",
    discussion: """
      Without DIR, --text or --file it serves the current directory, with listings. Without a host it is reached from \
      this machine only; * is for every interface. Nothing outside DIR is ever sent, nor are files whose names begin \
      with a dot; links are followed as long as they stay beneath DIR and lead through no such name.

      Examples:
        sockkit http-server 8080
        sockkit http-server --list '*' 8080 public
        sockkit http-server --upload --auth-file users '*' 8080 inbox
        sockkit http-server -v --text 'it works' --port-file port 127.0.0.1:0
      """)

  static let mostUsed = [
    "-v", "--list", "--text", "--tls", "--model", "-m", "-i", "--allow", "--port-file", "--json", "--trace",
  ]

  @Argument(
    help: ArgumentHelp(
      "PORT, HOST PORT, HOST:PORT, :PORT, unix:PATH, vsock:CID:PORT, systemd[:NAME] or fd:N, and the directory to serve; port 0 lets the kernel choose.",
      valueName: "address"), completion: .servedAddress)
  var words: [String] = []

  @OptionGroup(title: "Content") var content: HTTPContentOptions
  @OptionGroup(title: "Uploads") var uploads: HTTPUploadOptions
  @OptionGroup(title: "Answers") var answers: HTTPAnswerOptions
  @OptionGroup(title: "Serving") var serving: ServerOptions<UsuallyEvent>
  @OptionGroup var rare: RareOptions<RareServerOptions<TLSServerOptions>>
  @OptionGroup(title: "Addressing") var addressing: AddressingOptions
  @OptionGroup(title: "Listening") var listening: ListeningOptions
  @OptionGroup(title: "Reporting") var reporting: ReportingOptions

  private var tls: TLSServerOptions? { rare.given?.tls }
  private var headers: AcceptedHeaderOptions? { rare.given?.headers }

  /// Rejects a directory together with options that exclude it.
  func validate() throws {
    try refuseDirectoryFirst()
    let rest = words.dropFirst(addressWordCount)
    if rest.count > 1 {
      throw ValidationError("'\(rest[rest.startIndex + 1])' is one word too many: expected [HOST] PORT [DIR]")
    }
    try content.check(beside: rest.first, takesUploads: uploads.upload)
  }

  /// Rejects a directory in the place of a port or a host, which would be looked up.
  private func refuseDirectoryFirst() throws {
    guard addressing.unixPath == nil, !listening.inetd, let first = words.first, !Endpoint.isWhole(first),
      !InheritedSockets.isNamed(by: first),
      words.count == 1 || words.count == 2 && UInt16(words[1]) != nil,
      first.hasPrefix(".") || first.contains("/")
        || !AddressingOptions.isPort(first) && !AddressingOptions.isHost(first),
      HTTPContentOptions.kind(of: first) == .directory
    else { return }
    let port = words.count == 2 ? words[1] : addressing.sourcePort ?? "8080"
    throw ValidationError(
      "'\(first)' is a directory (it goes after the port: 'sockkit http-server \(port) \(first)')")
  }

  /// The number of words that name where to listen; the directory follows them.
  private var addressWordCount: Int { listening.inetd ? 0 : addressing.localWordCount(in: words) }

  /// Serves until a signal ends the program; a failure is thrown.
  func run() throws {
    let reporter = reporting.configureReporter(isJSON: serving.json)
    let directory = words.dropFirst(addressWordCount).first
    let users = try answers.users.file
    let service = HTTPService(
      try content.content(of: directory, taking: uploads.rules, within: listening.chroot),
      answers.settings(content.limits, users: users)
    ) {
      reporter.report(.served($0))
    }
    let endpoint = try addressing.localEndpoint(
      Array(words.prefix(addressWordCount)), isInetd: listening.inetd)
    var invocation = try serving.invocation(on: endpoint, addressing, listening, reporter)
    invocation.isOnLoopback = true
    invocation.users = users
    invocation.files = content.files(of: directory, areUploaded: uploads.upload)
    invocation.access.proxies = try headers?.proxies(of: endpoint, isOnLoopback: true)
    invocation.protect(try tls?.protection(on: endpoint, speaking: ["http/1.1"], reporter))
    ProcessSignals.ignoreFileSizeLimit()
    let outcome = try ServerSession(invocation, reporter).run(service) { local in
      guard DescriptorKind(of: .standardError) == .terminal else { return }
      let own = SystemInventory.addresses.filter { $0.family == addressing.family ?? $0.family }
      for (number, url) in HTTPService.urls(at: local, own: own, isSecure: tls?.common.tls == true)
        .enumerated()
      {
        reporter.advise(number == 0 ? "serving \(content.subject(directory)) at \(url)" : "also at \(url)")
      }
    }
    outcome.end()
  }
}
