// SPDX-License-Identifier: GPL-3.0-or-later

package import Engine
package import Sessions

/// A program whose command lines, messages and exit statuses are those of another one.
package protocol FrontEnd {
  /// Its messages.
  var messages: any MessageStyle { get }
  /// Whether connections are reported.
  var isVerbose: Bool { get }
  /// The lines that it writes to standard error first.
  var preface: [String] { get }
  /// Does what the command line says.
  ///
  /// - Throws: The failure of a session.
  func run(_ observer: any SessionObserver) throws(Failure) -> SessionOutcome
  /// The exit status for one of this program's.
  func status(for status: ExitStatus) -> CInt
  /// The exit status for a failure.
  func status(of failure: Failure) -> CInt
}

extension FrontEnd {
  package var preface: [String] { [] }

  package func status(of failure: Failure) -> CInt { status(for: failure.status) }
}

/// The programs that this one stands for, by their names.
package enum FrontEnds {
  /// The names under which they are known as subcommands.
  package static let names = ["nc", "ncat"]
  /// What they are for.
  package static let abstract = "Run scripts that were written for nc or ncat, unchanged."

  /// The lines of a program's help; `nil` for another name.
  package static func help(of name: String) -> [String]? {
    switch name {
    case "nc": NetcatUsage.help
    case "ncat": NcatUsage.help
    default: nil
    }
  }

  /// The options of a program as they are typed, and what each is for.
  package static func options(of name: String) -> [(flag: String, summary: String)] {
    switch name {
    case "nc": NetcatUsage.options.map { (String($0.label.prefix { $0 != " " }), $0.summary) }
    case "ncat": NcatOption.all.flatMap { option in option.flags.map { ($0, option.summary ?? "") } }
    default: []
    }
  }

  /// Takes a command line.
  ///
  /// - Parameters:
  ///   - path: The name by which the program was called.
  ///   - words: The words after it.
  /// - Returns: `nil` for a command line of this program.
  /// - Throws: The answer to a command line that does nothing but print something.
  package static func make(path: String, _ words: [String]) throws(ProgramMessage) -> (any FrontEnd)? {
    if let frontEnd = try make(ProgramName(path), words) { return frontEnd }
    if words.count == 2, words[0] == "help", let help = help(of: words[1]) {
      throw ProgramMessage(lines: help, isOutput: true, status: 0)
    }
    guard let first = words.first, names.contains(first) else { return nil }
    return try make(ProgramName(first), Array(words.dropFirst()))
  }

  private static func make(
    _ program: ProgramName, _ words: [String]
  ) throws(ProgramMessage) -> (any FrontEnd)? {
    switch program.base {
    case "nc", "netcat", "nc.openbsd": try NetcatProgram(program, words)
    case "ncat": try NcatProgram(program, words)
    default: nil
    }
  }
}
