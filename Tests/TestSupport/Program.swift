// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation

/// A program and its arguments, ready to be started.
public struct Program: Sendable, CustomStringConvertible {
  /// The file to execute.
  public let path: String
  /// The arguments, without the program's own name.
  public let arguments: [String]
  /// The name in failures, if the arguments are too long to repeat.
  private let title: String?

  /// Creates a program from an executable file.
  public init(path: String, arguments: [String], title: String? = nil) {
    self.path = path
    self.arguments = arguments
    self.title = title
  }

  /// The command line, or the title in place of it.
  public var description: String { title ?? ([path] + arguments).joined(separator: " ") }

  /// The `sockkit` under test.
  public static func sockkit(_ arguments: [String]) -> Program {
    Program(path: productDirectory + "/sockkit", arguments: arguments)
  }

  /// A script for `/bin/sh`, in which `sockkit` is the one that was built; `arguments` are `$1` and on.
  public static func shell(_ script: String, _ arguments: [String] = []) -> Program {
    Program(path: "/bin/sh", arguments: ["-c", script, "sh"] + arguments)
  }

  /// A Python script with the definitions of `PythonPrelude`; `arguments` are `arguments[0]` and on.
  ///
  /// - Throws: `MissingProgram` if Python is not installed.
  public static func python(_ script: String, _ arguments: [String] = []) throws -> Program {
    let title = "python3 -c '\(script)' " + arguments.joined(separator: " ")
    let python = try installed("python3", package: "python3")
    return Program(path: python, arguments: ["-c", PythonPrelude.text + script] + arguments, title: title)
  }

  /// A Python script in which a `Screen` is a terminal of tmux whose contents can be read, with its files in a
  /// directory.
  ///
  /// - Throws: `MissingProgram` if Python or tmux is not installed.
  public static func screenScript(_ script: String, in directory: TemporaryDirectory) throws -> Program {
    let tmux = try other("tmux", package: "tmux", [])
    return try python(ScreenPrelude.text + script, [directory.path, tmux.path])
  }

  /// Another program, found on the search path.
  ///
  /// - Parameter package: The Debian package that contains it, for the message if it is missing.
  /// - Throws: `MissingProgram`, because a test that cannot run has not passed.
  public static func other(_ name: String, package: String, _ arguments: [String]) throws -> Program {
    Program(path: try installed(name, package: package), arguments: arguments)
  }

  /// The environment of all programs that are started, independent of the environment of the tests, except for the options
  /// of a thread sanitizer in the `sockkit` that is tested.
  static let environment =
    [
      "PATH": productDirectory + ":" + searchPath.joined(separator: ":"), "LC_ALL": "C.UTF-8",
      // A path at which nothing can be created, not even by root.
      "HOME": "/dev/null",
      // What is expected at terminals has no colours, except in the tests of colours.
      "NO_COLOR": "1",
    ].merging(ProcessInfo.processInfo.environment.filter { $0.key == "TSAN_OPTIONS" }) { $1 }

  private static let searchPath = [
    "/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin", "/sbin", unpackedDirectory,
  ]

  /// The directory of servers that are unpacked for the tests and not installed.
  private static let unpackedDirectory = URL(
    fileURLWithPath: "../../.build/peers/usr/sbin", relativeTo: URL(fileURLWithPath: #filePath)
  ).standardizedFileURL.path

  /// The directory of the `sockkit` under test: `SOCKKIT_DIRECTORY`, or else that of the running test executable, with
  /// which everything was built.
  private static let productDirectory: String = {
    if let directory = ProcessInfo.processInfo.environment["SOCKKIT_DIRECTORY"] { return directory }
    let executable = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    return URL(fileURLWithPath: executable ?? "").deletingLastPathComponent().path
  }()

  private static func installed(_ name: String, package: String) throws -> String {
    guard
      let directory = searchPath.first(where: {
        FileManager.default.isExecutableFile(atPath: "\($0)/\(name)")
      })
    else {
      throw MissingProgram(name: name, package: package)
    }
    return "\(directory)/\(name)"
  }
}

/// A program that the tests need and that is not installed.
public struct MissingProgram: Error, CustomStringConvertible {
  /// The program's name.
  public let name: String
  /// The Debian package that contains it.
  public let package: String

  /// The name of the program, and how to install it.
  public var description: String { "\(name) is not installed: apt-get install \(package)" }
}
