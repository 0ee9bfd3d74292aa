// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Engine
import Glibc
import Netcat
import Sessions
import Sockets
import Synchronization
import SystemPackage
import Text
import Usage

/// The program: parses the command line, runs one subcommand, and exits with its status.
@main
struct Sockkit: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sockkit",
    abstract: "Move bytes over sockets: scriptable, fast, and truthful about how it ended.",
    version: Version.text,
    groupedSubcommands: groups.map { CommandGroup(name: $0.title, subcommands: $0.subcommands) })

  /// The subcommands in the order in which they are listed.
  private static let groups: [(title: String, subcommands: [any Subcommand.Type])] = [
    ("Connect and listen", [Connect.self, Listen.self, Forward.self]),
    ("Datagrams", [UDPSend.self, UDPRecv.self]),
    ("Servers", [EchoServer.self, HTTPServer.self, Proxy.self, CalcServer.self]),
    ("Look-ups and learning", [Resolve.self, GetServ.self, Calc.self, Buffers.self]),
    ("Set-up", [Doctor.self, CompletionCommand.self]),
  ]

  /// All subcommands.
  static var subcommands: [any Subcommand.Type] { groups.flatMap(\.subcommands) }

  /// The help of the program.
  static var help: ProgramHelp {
    ProgramHelp(
      configuration.abstract,
      groups.enumerated().map { index, group in
        let commands = group.subcommands.map {
          ProgramHelp.Command($0._commandName, $0.configuration.abstract)
        }
        let frontEnds = ProgramHelp.Command(FrontEnds.names.joined(separator: ", "), FrontEnds.abstract)
        return ProgramHelp.Group(group.title, commands + (index == 0 ? [frontEnds] : []))
      },
      options: [
        .init(["--version"], "Show the version."),
        .init(["-h", "--help"], "Show the list of subcommands (-h), or this (--help)."),
      ],
      examples: [
        "sockkit listen 5000 > photos.tar",
        "tar c photos | sockkit connect server 5000",
        "printf 'GET / HTTP/1.0\\r\\n\\r\\n' | sockkit connect example.org:80",
      ])
  }

  /// Lists the subcommands, and rejects a command line without one.
  func run() throws {
    Reporter.current.dump(HelpRequest([]).lines + [""])
    throw Failure(.usage, "no subcommand given")
  }

  /// Parses the command line, runs the subcommand, and ends with its status.
  static func main() {
    do {
      StandardOutput.isClosed.store(try StandardStream.reserve(), ordering: .relaxed)
      ProcessSignals.ignoreBrokenPipe()
      if try runFrontEnd() { return }
      var words = Self.words
      if words.first == CompletionAnswer.request {
        return CompletionAnswer(to: Array(words.dropFirst())).lines.forEach(StandardOutput.print)
      }
      // The parser would generate scripts of its own.
      if words.first == "--generate-completion-script" { words[0] = "completion" }
      words = JoinedValue.separate(CommandOptions.split(words).own)
      let protected = NegativeExpression.protect(words)
      var command = try KnownOptions.suffice { try parseAsRoot(protected) }
      try command.run()
    } catch let error as Failure {
      end(with: error)
    } catch let error as IOFailure {
      // The reader of standard output has closed it, which is not a failure of this program.
      if error == IOFailure(.write("standard output"), .brokenPipe) { ProcessSignals.die(by: SIGPIPE) }
      end(with: Failure(error))
    } catch {
      endParsing(error)
    }
  }

  /// Runs the program whose name or command line is that of another one.
  ///
  /// - Returns: Whether there is such a program, and it has succeeded.
  private static func runFrontEnd() throws -> Bool {
    let frontEnd: any FrontEnd
    do throws(ProgramMessage) {
      guard let program = try FrontEnds.make(path: ProgramArguments.name, ProgramArguments.words) else {
        return false
      }
      frontEnd = program
    } catch {
      let lines = error.lines.map { TerminalSafe.escape($0) }
      if error.isOutput { lines.forEach(StandardOutput.print) } else { Reporter.current.dump(lines) }
      Glibc.exit(error.status)
    }
    if !frontEnd.preface.isEmpty { Reporter.current.dump(frontEnd.preface) }
    Sandbox.choose(.on)
    Reporter.current.adopt(frontEnd.messages, isVerbose: frontEnd.isVerbose)
    do throws(Failure) {
      let outcome = try frontEnd.run(Reporter.current)
      if case .exited(let status) = outcome { Glibc.exit(frontEnd.status(for: status)) }
      outcome.end()
    } catch {
      Reporter.current.report(.failed(error))
      Glibc.exit(frontEnd.status(of: error))
    }
    return true
  }

  /// The command line, with requests for help where the parser expects them.
  private static var words: [String] { MistakenHelp.arrange(ProgramArguments.words) }

  private static func end(with failure: Failure) -> Never {
    Reporter.current.report(.failed(failure))
    Glibc.exit(failure.status.rawValue)
  }

  /// Prints help and version on request; anything else is a usage error.
  private static func endParsing(_ error: any Error) -> Never {
    let text = fullMessage(for: error)
    let isAnswered = exitCode(for: error) == .success
    if let problem = MistakenHelp.message(
      for: words, isAnswered: isAnswered, subcommands: subcommands.map { $0._commandName },
      commands: { commands })
    {
      endUsage(problem)
    }
    guard !isAnswered else {
      // The parser's own help begins so; it answers requests for the version too.
      StandardOutput.print(
        text.hasPrefix("OVERVIEW: ")
          ? HelpRequest(CommandOptions.split(words).own).lines.joined(separator: "\n") : text)
      Glibc.exit(ExitStatus.success.rawValue)
    }
    // The usage that follows the message contains less than the help that it points to.
    let problem = UsageAdvice.message(
      for: message(for: error), words: words, commands: { commands })
    endUsage(problem)
  }

  private static func endUsage(_ problem: String) -> Never {
    let words = CommandOptions.split(words).own
    Reporter.current.configure(
      isVerbose: false, isTracing: false, format: LogOptions.isJSON(in: words) ? .json : .text,
      ColorChoice(in: words))
    Reporter.current.report(.failed(Failure(.usage, problem)))
    Reporter.current.advise("see '\(Self.helpInvocation)'")
    Glibc.exit(ExitStatus.usage.rawValue)
  }

  /// All subcommands and options, from the help texts, which take time to generate.
  private static var commands: [KnownCommand] {
    [KnownCommand("", help: helpMessage(columns: .max))]
      + FrontEnds.names.map { KnownCommand($0, help: "") }
      + subcommands.map {
        KnownCommand($0._commandName, help: Self.helpMessage(for: $0, columns: .max))
      }
  }

  private static var helpInvocation: String {
    let name = ProgramArguments.words.first ?? ""
    let isSubcommand = subcommands.contains { $0._commandName == name }
    return isSubcommand ? "sockkit \(name) --help" : "sockkit --help"
  }
}
