// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation

/// A library in C that is preloaded into a program, so that its calls move fewer bytes than they could.
public enum ShortTransfers {
  /// The words to put in front of a command that is to have short transfers.
  ///
  /// - Parameters:
  ///   - seed: What the lengths depend on; the same seed gives the same ones to the same calls.
  ///   - refusesSplice: Whether `splice` is to fail now and then, as where the kernel does not support it.
  /// - Throws: `MissingProgram` where there is no C compiler.
  public static func prefix(seed: Int, refusesSplice: Bool = false) async throws -> [String] {
    ["env", "LD_PRELOAD=\(try await library.value)", "SHORT_TRANSFERS_SEED=\(seed)"]
      + (refusesSplice ? ["SHORT_TRANSFERS_REFUSE=1"] : [])
  }

  /// The library, compiled once by each run of the tests.
  private static let library = Task {
    let path = Project.path(".build/short-transfers.so")
    // Several runs may write it at the same time, and none is to load a part of it.
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
