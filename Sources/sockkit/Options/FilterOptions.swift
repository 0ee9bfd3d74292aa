// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Sessions
import Sockets
import Transport

/// How transferred bytes are converted, limited and recorded.
struct FilterOptions: ParsableArguments {
  @Flag(name: [.customShort("C"), .long], help: "Send LF as CRLF; a CRLF stays as it is.")
  var crlf = false

  @Flag(name: .shortAndLong, help: "Speak telnet: decline all options, and keep them out of the output.")
  var telnet = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Send at most this many bytes per second, such as 64K.", valueName: "size"),
    completion: .size, transform: ValueArgument.rate)
  var rate: Int?

  @Option(
    name: [.customShort("d", allowingJoined: true), .long], parsing: .unconditional,
    help: ArgumentHelp("Pause for this long between lines that are sent.", valueName: "duration"),
    completion: .duration, transform: ValueArgument.duration)
  var delay: Duration?

  @Option(
    name: [.customShort("o", allowingJoined: true), .long],
    help: ArgumentHelp(
      "Write all bytes to a file, in the order they are sent and received.", valueName: "file"),
    completion: .file(),
    transform: ValueArgument.recordFile)
  var record: String?

  @Option(
    help: ArgumentHelp("Write the bytes that are sent to a file.", valueName: "file"), completion: .file(),
    transform: ValueArgument.recordFile)
  var recordSent: String?

  @Option(
    help: ArgumentHelp("Write the bytes that are received to a file.", valueName: "file"),
    completion: .file(),
    transform: ValueArgument.recordFile)
  var recordReceived: String?

  @Option(
    name: [.customShort("x", allowingJoined: true), .long],
    help: ArgumentHelp(
      "Write a hex dump; '-' is standard error.",
      discussion: "Each line has the direction, the time and the offset.", valueName: "file"),
    completion: .file(),
    transform: ValueArgument.nonEmpty)
  var hexDump: String?

  @Flag(help: "Append to record and dump files that exist.")
  var append = false

  @Flag(help: "Overwrite record and dump files that exist; by default they are an error.")
  var force = false

  /// Rejects options that exclude each other, or that require another.
  func validate() throws { try paths.validate(appends: append, replaces: force) }

  /// Rejects options that have no effect if nothing is sent.
  func validateForReceiving() throws {
    let flags = [(crlf, "--crlf"), (rate != nil, "--rate"), (delay != nil, "--delay")]
    if let flag = flags.first(where: \.0)?.1 {
      throw ValidationError("\(flag) has no effect with --recv-only, which reads no input")
    }
  }

  /// The flags, and whether each of them is given.
  var flags: [(isGiven: Bool, name: String)] {
    [
      (crlf, "-C"), (telnet, "-t"), (rate != nil, "--rate"), (delay != nil, "-d"),
      (record != nil, "-o"), (recordSent != nil, "--record-sent"),
      (recordReceived != nil, "--record-received"), (hexDump != nil, "-x"),
    ]
  }

  /// Rejects options that would write the bytes of many clients to one file.
  func validateForManyClients() throws {
    let flags = [
      (record != nil, "--record"), (recordSent != nil, "--record-sent"),
      (recordReceived != nil, "--record-received"),
    ]
    if let flag = flags.first(where: \.0)?.1 {
      throw ValidationError(
        "\(flag) would mix the bytes of many clients (for a file per client, use '--output-dir DIR'; to name the "
          + "client, '--hex-dump FILE')")
    }
  }

  /// The files to write.
  var paths: RecordPaths {
    RecordPaths(
      both: record, sent: recordSent, received: recordReceived, hexDump: hexDump, appends: append,
      replaces: force)
  }

  /// The filters of a session.
  var settings: FilterSettings {
    var settings = FilterSettings()
    settings.convertsLineEnds = crlf
    settings.speaksTelnet = telnet
    settings.rate = rate
    settings.delay = delay
    settings.records = paths
    return settings
  }
}

extension RecordPaths {
  /// Creates the paths from the options that record traffic. Each command declares these options for itself: a group of
  /// options in another group makes each start of a command several per cent slower.
  init(both: String?, sent: String?, received: String?, hexDump: String?, appends: Bool, replaces: Bool) {
    self.init()
    self.both = both
    self.sent = sent
    self.received = received
    self.hexDump = hexDump
    existing = appends ? .continued : replaces ? .replaced : .refused
  }

  /// Rejects options that exclude each other, or that require another.
  func validate(appends: Bool, replaces: Bool) throws {
    if appends && replaces { throw ValidationError("--append and --force exclude each other") }
    if (appends || replaces) && files.isEmpty {
      throw ValidationError(
        "\(appends ? "--append" : "--force") requires a record or dump file")
    }
    for (index, file) in files.enumerated() {
      if let other = files[..<index].first(where: { $0.path.utf8.elementsEqual(file.path.utf8) }) {
        throw ValidationError("\(other.option) and \(file.option) name the same file")
      }
    }
  }
}
