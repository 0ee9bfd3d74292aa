// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Engine
import Sessions
import Sockets
import SystemPackage

/// What is done with bytes from clients, and what is sent to clients.
struct HubOptions: ParsableArguments {
  @Flag(
    name: [.customShort("k"), .customLong("keep-open")],
    help: ArgumentHelp(
      "Serve any number of clients at a time.",
      discussion: "It serves until it is stopped; -i drops clients that are silent."))
  var keepsOpen = false

  @Option(
    name: .maximumConnections, parsing: .unconditional,
    help: ArgumentHelp(
      "Limit on clients at a time (default: 256).", discussion: "Others wait in the backlog.", valueName: "n"),
    completion: .count, transform: ValueArgument.count)
  var maximumConnections: Int?

  @Flag(help: "Begin each line that is written with [peer].")
  var label = false

  @Option(
    help: ArgumentHelp(
      "Write what each client sends to a new file.",
      discussion: "In this directory; named by time, peer and number.", valueName: "dir"),
    completion: .directory, transform: ValueArgument.nonEmpty)
  var outputDir: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Answer every client with this text.",
      discussion:
        #"It is sent instead of standard input, once the client has sent something or ended; then the connection is half-closed. \n, \t and \xNN are understood."#,
      valueName: "text"), transform: ValueArgument.escapedText)
  var reply: [UInt8]?

  @Option(
    help: ArgumentHelp(
      "Answer with the contents of this file.", discussion: "As with --reply.", valueName: "file"),
    completion: .file(),
    transform: ValueArgument.nonEmpty)
  var replyFile: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Send this text to every client at once.",
      discussion:
        #"It is sent when the client connects, and the session goes on. \n, \t and \xNN are understood."#,
      valueName: "text"), transform: ValueArgument.escapedText)
  var greeting: [UInt8]?

  @Option(
    help: ArgumentHelp(
      "Send the contents of this file, at most 1 MiB.", discussion: "As with --greeting.", valueName: "file"),
    completion: .file(),
    transform: ValueArgument.nonEmpty)
  var greetingFile: String?

  @Flag(help: "Write what the client has sent first, leave it in the queue (MSG_PEEK), and end.")
  var peek = false

  @Flag(help: ArgumentHelp("Pass what a client sends to all others.", discussion: "Implies --keep-open."))
  var broker = false

  /// Rejects options that exclude each other.
  func validate() throws {
    if reply != nil && replyFile != nil {
      throw ValidationError("--reply and --reply-file exclude each other")
    }
    if greeting != nil && greetingFile != nil {
      throw ValidationError("--greeting and --greeting-file exclude each other")
    }
    if broker, let flag = first([(label, "--label"), (outputDir != nil, "--output-dir")] + replies) {
      throw ValidationError("\(flag) and --broker exclude each other: clients get what other clients send")
    }
    if label && outputDir != nil {
      throw ValidationError("--label marks lines on standard output, where --output-dir writes none")
    }
  }

  /// The flags, and whether each of them is given.
  var flags: [(isGiven: Bool, name: String)] {
    [(label, "--label"), (outputDir != nil, "--output-dir"), (broker, "--broker")] + replies + greetings
  }

  private var greetings: [(isGiven: Bool, name: String)] {
    [(greeting != nil, "--greeting"), (greetingFile != nil, "--greeting-file")]
  }

  private var replies: [(isGiven: Bool, name: String)] {
    [(reply != nil, "--reply"), (replyFile != nil, "--reply-file")]
  }

  private func first(_ flags: [(isGiven: Bool, name: String)]) -> String? {
    flags.first(where: \.isGiven)?.name
  }

  /// Whether any number of clients are served.
  var isForMany: Bool { keepsOpen || broker }

  /// The settings of a hub; `nil` if standard input and output are relayed over one connection.
  ///
  /// - Parameter root: The directory that will become the root of the file system; `nil` for the present one.
  /// - Throws: A usage error for options that have no effect here.
  func settings(
    _ options: ConnectionOptions, _ admitting: AdmissionOptions, within root: String?
  ) throws -> HubSettings? {
    guard isForMany || flags.contains(where: \.isGiven) else { return nil }
    try check(options)
    let streams = options.streams
    var settings = HubSettings()
    if let greeting { settings.greeting = .text(greeting) }
    if let greetingFile { settings.greeting = .file(greetingFile) }
    if let reply { settings.supply = .text(reply) }
    if let replyFile { settings.supply = .file(replyFile) }
    if streams.isReceiveOnly { settings.supply = .nothing }
    settings.destination = .output(isLabelled: label)
    if broker { settings.destination = .others(asChat: options.interaction.chat) }
    if streams.isSendOnly { settings.destination = .discarded }
    if let outputDir {
      settings.destination = .files(ConnectionFiles(in: try OutputDirectory(path: outputDir, within: root)))
    }
    settings.isOutputGuarded = options.interaction.guardsTerminal
    settings.colorsLabels = options.reporting.log.color.applies(to: .standardOutput)
    settings.isForOne = !isForMany
    settings.maximumConnections = maximumConnections ?? settings.maximumConnections
    settings.grace = admitting.grace ?? settings.grace
    settings.halfCloses = !streams.keepsOpen
    settings.quitAfter = streams.quitAfter
    settings.quitsOnPeerEnd = streams.quitsOnPeerEnd
    settings.inputWait = streams.patience
    return settings
  }

  /// The files that are opened for clients.
  var files: NeededFiles {
    var files = NeededFiles()
    for path in [greetingFile, replyFile].compactMap(\.self) { files.readAgain(path) }
    if let outputDir { files.replace(in: outputDir) }
    return files
  }

  private func check(_ options: ConnectionOptions) throws {
    let streams = options.streams
    if label && !isForMany { throw ValidationError("--label requires --keep-open") }
    if options.measuring.progress {
      throw ValidationError(
        "--progress shows one transfer, and is not for --keep-open, --reply, --greeting, --output-dir or --broker"
      )
    }
    if isForMany { try options.filters.validateForManyClients() }
    if let flag = first(streams.limitFlags) {
      throw ValidationError(
        "\(flag) ends one connection, and is not for --keep-open, --reply, --greeting, --output-dir or --broker"
      )
    }
    if options.interaction.chat && !broker {
      throw ValidationError("--chat with several clients requires --broker")
    }
    let keeping = [(label, "--label"), (outputDir != nil, "--output-dir"), (broker, "--broker")]
    if streams.isSendOnly, let flag = first(keeping) {
      throw ValidationError("\(flag) has no effect with --send-only, which discards what clients send")
    }
    if streams.isReceiveOnly, let flag = first(replies + greetings + [(broker, "--broker")]) {
      throw ValidationError("\(flag) has no effect with --recv-only, which sends nothing")
    }
    if broker && streams.quitAfter != nil {
      throw ValidationError(
        "-q has no effect with --broker, whose clients stay when standard input ends")
    }
    if let replyFile { _ = try ReplyFile(path: replyFile) }
    if let greetingFile {
      _ = try ReplyFile(path: greetingFile).contents(atMost: HubSettings.longestGreeting)
    }
  }
}
