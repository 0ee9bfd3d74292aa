// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Synchronization

/// Options that few command lines have.
///
/// To describe many options to the parser takes a large part of a short run. These are described only if the command
/// line has a word that the parser does not know without them, and where all options are listed.
struct RareOptions<Options: ParsableArguments>: ParsableArguments {
  private var group: OptionGroup<Options>?

  private enum CodingKeys: String, CodingKey {
    case group
  }

  /// Creates the description for the parser.
  init() { group = KnownOptions.areAll ? OptionGroup() : nil }

  /// Creates the values from the command line.
  init(from decoder: any Decoder) throws {
    guard KnownOptions.areAll else {
      group = nil
      return
    }
    group = try decoder.container(keyedBy: CodingKeys.self).decode(OptionGroup<Options>.self, forKey: .group)
  }

  /// The values; `nil` if none of the options is given.
  var given: Options? { group?.wrappedValue }
}

/// Which options the parser knows.
enum KnownOptions {
  private static let all = Atomic(true)

  /// Whether it knows those that few command lines have.
  static var areAll: Bool { all.load(ordering: .relaxed) }

  /// Parses a command line with as few options as suffice.
  static func suffice<Command>(_ parse: () throws -> Command) throws -> Command {
    all.store(false, ordering: .relaxed)
    defer { all.store(true, ordering: .relaxed) }
    do { return try parse() } catch {
      // A request for help or the version is not answered from what was parsed.
      guard Sockkit.exitCode(for: error) != .success else { throw error }
      all.store(true, ordering: .relaxed)
      return try parse()
    }
  }
}
