// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import Sockets
import SystemPackage

/// A command that was started, by this process or by a `CommandSpawner`, in a process group of its own.
enum SpawnedCommand: ~Copyable {
  /// A child of this process.
  case child(SpawnedProcess)
  /// A child of a spawner, and the channel of its request.
  case spawned(SocketPair)

  /// The descriptor to wait on: readable once the command has ended.
  var descriptor: FileDescriptor {
    switch self {
    case .child(let process): process.descriptor
    case .spawned(let channel): channel.near
    }
  }

  /// Returns how the command has ended; `nil` while it runs. Nothing more is known of one whose spawner was killed.
  func reap() -> ProcessEnding? {
    switch self {
    case .child(let process): process.reap()
    case .spawned(let channel):
      switch SpawnerChannel.receive(from: channel.near) {
      case .nothing: nil
      case .message(let status, let signal): signal > 0 ? .killed(by: signal) : .exited(status)
      case .closed: .killed(by: SIGKILL)
      }
    }
  }

  /// Sends a signal to the command and all of its group; must not be called once it was reaped.
  func signalGroup(_ signal: CInt) {
    switch self {
    case .child(let process): process.signalGroup(signal)
    case .spawned(let channel): SpawnerChannel.send(signal, to: channel.near)
    }
  }
}
