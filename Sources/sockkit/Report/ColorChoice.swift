// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Sockets
import SystemPackage

/// Whether output is coloured.
enum ColorChoice: String, CaseIterable, ExpressibleByArgument {
  /// On a terminal, unless NO_COLOR is set or the terminal is dumb.
  case auto
  /// Also in files and pipes.
  case always
  /// Not at all.
  case never

  /// The choice of a command line that could not be parsed.
  init(in words: [String]) {
    let given = words.indices.last { words[$0].hasPrefix("--color") }
    let value = given.flatMap { index in
      words[index].hasPrefix("--color=")
        ? String(words[index].dropFirst("--color=".count))
        : words.dropFirst(index + 1).first
    }
    self = value.flatMap(Self.init) ?? .auto
  }

  /// Whether what is written to a standard stream is coloured.
  func applies(to stream: FileDescriptor) -> Bool {
    switch self {
    case .always: true
    case .never: false
    case .auto: DescriptorKind(of: stream) == .terminal && !isRefused
    }
  }

  /// Whether the environment asks for no colours (`NO_COLOR` with any value but the empty one), or the terminal has
  /// none.
  private var isRefused: Bool {
    ProcessEnvironment.value(of: "NO_COLOR")?.isEmpty == false
      || ProcessEnvironment.value(of: "TERM") == "dumb"
  }
}
