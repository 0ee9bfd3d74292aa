// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Glibc
import Sockets
import SockkitCore

/// What a shell offers when the tabulator is pressed; asked for only then.
extension CompletionKind {
  /// A host, and after it a service for the port.
  static let remoteAddress = custom { words, index, _ in
    switch typed(words, index).expected {
    case .host: hosts
    case .port: services
    case .other: []
    }
  }

  /// A service for the port to bind, or a host before it.
  static let localAddress = custom { words, index, _ in
    switch typed(words, index).expected {
    case .host: services + ["127.0.0.1", "::1", "*"]
    case .port: services
    case .other: []
    }
  }

  /// A host.
  static let host = custom { _, _, _ in hosts }
  /// A service.
  static let service = custom { _, _, _ in services }
  /// A network interface.
  static let networkInterface = shellCommand("ls /sys/class/net")
  /// A congestion control algorithm that the kernel has.
  static let congestionControl = custom { _, _, _ in KernelParameter.congestionControls.words ?? [] }
  /// The name of a code point.
  static let codePoint = list(DifferentiatedServices.names.map(\.name))

  private static var hosts: [String] {
    HostNames.known(home: unsafe getenv("HOME").map { unsafe ByteText.text(of: $0) })
  }

  private static var services: [String] { Set(Services.all.map(\.name)).sorted() }

  private static func typed(_ words: [String], _ index: Int) -> TypedWords {
    TypedWords(words, before: index, of: Sockkit.knownCommand(words.dropFirst().first ?? ""))
  }
}
