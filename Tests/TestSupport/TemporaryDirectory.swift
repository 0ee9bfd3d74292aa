// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation

/// A new directory, which is removed with its contents when it is no longer referenced.
public final class TemporaryDirectory: Sendable {
  /// The directory's path.
  public let path: String

  /// Creates a directory.
  public init() throws {
    // Short, because the path of a Unix socket has room for 107 bytes.
    path = "/tmp/sockkit-" + String(UInt64.random(in: 0...UInt64.max), radix: 36)
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The path of a file in it.
  public func file(_ name: String) -> String { "\(path)/\(name)" }

  /// Writes a file and returns its path.
  public func write(_ bytes: [UInt8], to name: String) throws -> String {
    try Data(bytes).write(to: URL(fileURLWithPath: file(name)))
    return file(name)
  }

  /// Writes a file of text and returns its path.
  public func write(_ text: String, to name: String) throws -> String {
    try write(Array(text.utf8), to: name)
  }

  /// Reads a file. A handle does not leak memory for an empty one, as `Data(contentsOf:)` does.
  public func read(_ name: String) throws -> [UInt8] {
    let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: file(name)))
    defer { try? handle.close() }
    return Array(try handle.readToEnd() ?? Data())
  }

  /// Whether a file of this name exists.
  public func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: file(name)) }

  /// Waits for a file that `--port-file` names, and reads the port in it.
  public func waitForPort(_ name: String) async throws -> UInt16 {
    let waited = try await shell("until [ -e \"$1\" ]; do sleep 0.02; done; cat \"$1\"", file(name))
    guard let port = UInt16(waited.text.dropLast()) else { throw CocoaError(.fileReadUnknown) }
    return port
  }

  /// Writes a file of random bytes and returns its path.
  public func writeRandom(mebibytes: Int, to name: String) async throws -> String {
    let made = try await shell("head -c \"$1\" /dev/urandom > \"$2\"", "\(mebibytes << 20)", file(name))
    guard made == Finished(.exit(0)) else { throw CocoaError(.fileWriteUnknown) }
    return file(name)
  }

  /// The SHA-256 digests of files, in hexadecimal.
  public func digests(_ names: String...) async throws -> [String] {
    let program = try Program.other("sha256sum", package: "coreutils", names.map(file))
    let lines = try await RunningProgram(program).finished().text.split(separator: "\n")
    return lines.map { String($0.prefix(64)) }
  }
}
