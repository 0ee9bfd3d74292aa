// SPDX-License-Identifier: GPL-3.0-or-later

/// The exit status of the program, after `sysexits.h` and, for commands, the convention of shells; stable across
/// versions.
package enum ExitStatus: Int32, CaseIterable, Sendable {
  /// Success; for a byte stream, everything read was passed on and the connection was closed in order.
  case success = 0
  /// Unknown or conflicting flags, or a bad value.
  case usage = 64
  /// Input data is wrong.
  case dataError = 65
  /// An input file cannot be read.
  case noInput = 66
  /// A host or service name is unknown.
  case unknownName = 68
  /// The peer is unavailable: refused, unreachable, no route.
  case unavailable = 69
  /// The system refused a resource: descriptors, memory, processes.
  case noResources = 71
  /// An address cannot be bound or an output file cannot be created.
  case cannotCreate = 73
  /// The connection or a file broke during the transfer.
  case broken = 74
  /// Time ran out.
  case timedOut = 75
  /// The peer broke the protocol.
  case protocolError = 76
  /// Permission was denied.
  case noPermission = 77
  /// A command exists but cannot be executed.
  case notExecutable = 126
  /// There is no such command.
  case noCommand = 127
}
