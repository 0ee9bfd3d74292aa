// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Sockets
import SockkitCore

/// Serves files, or one text, over HTTP.
struct HTTPServer: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "http-server",
    abstract: "Serve files, or one text, over HTTP.",
    usage: "sockkit http-server [<options>] PORT | HOST PORT | HOST:PORT | :PORT | unix:PATH",
    discussion: """
      Without a host it is reached from this machine only; * is for every interface. Nothing outside DIR is ever sent, \
      nor are files whose names begin with a dot; links are followed as long as they stay beneath DIR.

      Examples:
        sockkit http-server 8080
        sockkit http-server --root public --list '*' 8080
        sockkit http-server -v --text 'it works' --port-file port 127.0.0.1:0
      """)

  @Argument(help: .localAddress, completion: .localAddress)
  var address: [String] = []

  @OptionGroup(title: "Content") var content: HTTPContentOptions
  @OptionGroup(title: "Serving") var serving: ServerOptions<UsuallyEvent>
  @OptionGroup(title: "Addressing") var addressing: AddressingOptions
  @OptionGroup(title: "Listening") var listening: ListeningOptions
  @OptionGroup(title: "Reporting") var reporting: ReportingOptions

  /// Serves until it is told to stop; what goes wrong is thrown.
  func run() throws {
    let reporter = reporting.configureReporter(isJSON: serving.json)
    let session = ServerSession(
      addressing: addressing, listening: listening, backlog: serving.admitting.backlog, reporter: reporter)
    let settings = try serving.settings()
    let service = HTTPService(try content.content(), limits: content.limits) {
      reporter.report(.served($0))
    }
    let doors = try session.open(addressing.onLoopback(try addressing.localEndpoint(address)), settings)
    try session.run(doors, Server(service, settings) { session.reporter.report(connection: $0) })
  }
}
