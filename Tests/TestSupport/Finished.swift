// SPDX-License-Identifier: GPL-3.0-or-later

/// The result of a program: how it ended, and everything it wrote.
public struct Finished: Sendable, CustomStringConvertible {
  /// How a program ended.
  public enum Ending: Equatable, Sendable, CustomStringConvertible {
    /// It exited with a status.
    case exit(Int32)
    /// A signal ended it.
    case signal(Int32)
    /// It exceeded its time limit and was killed.
    case overdue

    /// The ending in words.
    public var description: String {
      switch self {
      case .exit(let status): "status \(status)"
      case .signal(let number): "signal \(number)"
      case .overdue: "still running when its time was over, and killed"
      }
    }
  }

  /// How it ended.
  public let ending: Ending
  /// The bytes that it wrote to standard output.
  public let output: [UInt8]
  /// The text that it wrote to standard error, without what it reported of its sandbox, which depends on the kernel.
  public let errors: String
  /// What it reported of its sandbox; empty if nothing.
  public let sandbox: String
  private let command: String

  /// Creates a result to compare a real one with.
  public init(_ ending: Ending, output: [UInt8] = [], errors: String = "", command: String = "") {
    self.ending = ending
    self.output = output
    let lines = errors.split(separator: "\n", omittingEmptySubsequences: false)
    self.errors = lines.filter { !Self.isOfSandbox($0) }.joined(separator: "\n")
    sandbox = lines.filter(Self.isOfSandbox).joined(separator: "\n")
    self.command = command
  }

  /// Creates a result with text on standard output.
  public init(_ ending: Ending, output: String, errors: String = "") {
    self.init(ending, output: Array(output.utf8), errors: errors)
  }

  private static func isOfSandbox(_ line: some StringProtocol) -> Bool {
    line.hasPrefix("sockkit: sandbox: ") || line.contains("\"event\":\"sandboxed\"")
  }

  /// Standard output as text.
  public var text: String { String(decoding: output, as: UTF8.self) }

  /// The lines of standard error.
  public var errorLines: [String] { errors.split(separator: "\n").map(String.init) }

  /// The command, how it ended, and both streams, shortened if they are long.
  public var description: String {
    """

      command: \(command)
      ended: \(ending)
      output: \(Self.excerpt(output))
      errors: \(Self.excerpt(Array(errors.utf8)))
    """
  }

  /// Bytes as text for a failure message.
  static func excerpt(_ bytes: [UInt8]) -> String {
    let limit = 2000
    let isText =
      String(validating: bytes, as: UTF8.self) != nil
      && bytes.allSatisfy { $0 >= 32 && $0 != 127 || $0 == 10 || $0 == 13 || $0 == 9 }
    let shown = bytes.prefix(isText ? limit : 64)
    let text = isText ? String(decoding: shown, as: UTF8.self).debugDescription : "\(Array(shown))"
    return bytes.count > shown.count ? "\(text) … \(bytes.count) bytes in all" : text
  }
}

/// Two results are equal if they have the same ending and streams, whatever the command.
extension Finished: Equatable {
  /// Compares the ending and both streams.
  public static func == (left: Finished, right: Finished) -> Bool {
    left.ending == right.ending && left.output == right.output && left.errors == right.errors
  }
}

extension Finished {
  /// The same result without what differs from run to run: in standard error each port is `PORT`, and each duration
  /// `T`.
  public var generalized: Finished {
    let ports = errors.replacing(/(?<host>127\.0\.0\.1|0\.0\.0\.0|\[::1\]|\[::\]):[0-9]+/) {
      "\($0.host):PORT"
    }
    return Finished(
      ending, output: output,
      errors: ports.replacing(/(?<word>in|(?:open|closed|timeout) after) [0-9.]+ m?s\b/) { "\($0.word) T" },
      command: command)
  }

  /// The result of a rejected command line.
  public static func usage(_ message: String, of subcommand: String) -> Finished {
    let help = ["sockkit", subcommand, "--help"].filter { !$0.isEmpty }.joined(separator: " ")
    return Finished(.exit(64), errors: "sockkit: \(message)\nsockkit: see '\(help)'\n")
  }
}
