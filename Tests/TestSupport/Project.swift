// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation

/// The files of the project, at their places relative to the tests.
public enum Project {
  private static let directory = URL(fileURLWithPath: "../..", relativeTo: URL(fileURLWithPath: #filePath))
    .standardizedFileURL

  /// The absolute path of a file.
  public static func path(_ name: String) -> String { directory.appending(path: name).path }

  /// The lines of a file.
  public static func lines(_ name: String) throws -> [String] {
    try String(contentsOfFile: path(name), encoding: .utf8).components(separatedBy: "\n")
  }

  /// The files of a directory whose names have a suffix, in order.
  public static func files(in directory: String, endingIn suffix: String) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path(directory))) ?? []
    return names.filter { $0.hasSuffix(suffix) }.sorted().map { "\(directory)/\($0)" }
  }

  /// The Swift files of the program and its modules, in order.
  public static let sources: [String] = {
    let names = FileManager.default.enumerator(atPath: path("Sources"))?.compactMap { $0 as? String } ?? []
    return names.filter { $0.hasSuffix(".swift") }.sorted().map { "Sources/\($0)" }
  }()

  /// The Markdown documents whose commands are run.
  public static let documents = ["README.md"] + files(in: "docs", endingIn: ".md")
  /// The manual pages of the program and its subcommands, without those of the front ends.
  public static let manualPages = files(in: "man", endingIn: ".1").filter { !frontEndPages.contains($0) }
  /// The manual pages of the programs that ours stands for.
  public static let frontEndPages = ["man/sockkit-nc.1", "man/sockkit-ncat.1"]
  /// The manual pages about what several subcommands have in common.
  public static let topicPages = files(in: "man", endingIn: ".7")
}
