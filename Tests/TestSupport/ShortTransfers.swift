// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation

/// A library in C that is preloaded into a program, so that its calls transfer fewer bytes than they could.
public enum ShortTransfers {
  /// The words to prepend to a command that is to have short transfers.
  ///
  /// - Parameters:
  ///   - seed: Determines the lengths; the same seed gives the same lengths to the same calls.
  ///   - refusesSplice: Whether `splice` fails occasionally, as if the kernel did not support it.
  /// - Throws: `MissingProgram` if there is no C compiler.
  public static func prefix(seed: Int, refusesSplice: Bool = false) async throws -> [String] {
    ["env", "LD_PRELOAD=\(try await library.value)", "SHORT_TRANSFERS_SEED=\(seed)"]
      + (refusesSplice ? ["SHORT_TRANSFERS_REFUSE=1"] : [])
  }

  /// The library, compiled once in each run of the tests.
  private static let library = Task {
    let path = Project.path(".build/short-transfers.so")
    // Several runs may write it at the same time, and none may load a part of it.
    let new = "\(path).\(ProcessInfo.processInfo.processIdentifier)"
    let compiler = try Program.other(
      "cc", package: "gcc",
      [
        "-std=gnu17", "-shared", "-fPIC", "-O2", "-Wall", "-Wextra", "-Werror", "-o", new,
        Project.path("Tests/TestSupport/short-transfers.c"),
      ])
    let compiled = try await RunningProgram(compiler, input: .file("/dev/null")).finished()
    guard compiled.ending == .exit(0) else { throw Failure(finished: compiled) }
    guard unsafe rename(new, path) == 0 else { throw CocoaError(.fileWriteUnknown) }
    return path
  }

  /// The library could not be compiled.
  private struct Failure: Error, CustomStringConvertible {
    let finished: Finished
    var description: String { "\(finished)" }
  }
}
