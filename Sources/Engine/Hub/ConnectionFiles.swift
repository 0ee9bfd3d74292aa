// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
package import Sockets
import SystemPackage
import Text

/// Creates a new file in a directory for each connection, with the bytes received over it.
package struct ConnectionFiles: Sendable {
  private let directory: OutputDirectory

  /// Creates files in a directory.
  package init(in directory: OutputDirectory) { self.directory = directory }

  /// The maximum number of names that are tried, if files of the same names exist.
  private static let mostAttempts = 100

  /// Creates the file of a new connection.
  ///
  /// - Parameter number: The number of the connection, counted from 1.
  func create(for peer: Address, number: Int) throws(IOFailure) -> ConnectionFile {
    var time = timespec()
    // Cannot fail: the clock exists and the pointer is good.
    _ = unsafe clock_gettime(CLOCK_REALTIME, &time)
    let now = Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    var attempt = 1
    while true {
      let name = Self.name(at: now, peer: peer, number: number, attempt: attempt)
      let path = "\(directory.path)/\(name)"
      do {
        return ConnectionFile(try directory.create(name), path: path)
      } catch {
        guard error == .fileExists, attempt < Self.mostAttempts else {
          throw IOFailure(.createFile(path), error)
        }
        attempt += 1
      }
    }
  }

  /// A name of letters, digits, dots, dashes and underscores: time, peer and number, as in
  /// `20260131T120000.123456Z_192.0.2.1_40112_1`; names sort by time.
  ///
  /// - Parameter nanoseconds: The time since 1970.
  package static func name(at nanoseconds: Int64, peer: Address, number: Int, attempt: Int = 1) -> PathName {
    let time = Timestamp.text(nanoseconds: nanoseconds).filter { $0 != "-" && $0 != ":" }
    let place =
      switch peer {
      case .internet(let address, let port): "\(safe("\(address)"))_\(port)"
      case .unix(let path): "unix-\(safe(path))"
      case .abstract(let name): "unix-\(safe(name))"
      case .unnamed: "unix"
      case .vsock(let address): "vsock-\(address.machine)_\(address.port)"
      }
    let suffix = attempt == 1 ? "" : "_\(attempt)"
    guard let name = PathName("\(time)_\(place)_\(number)\(suffix)".utf8) else {
      preconditionFailure("it has neither a slash nor a zero byte")
    }
    return name
  }

  /// A socket path may be longer than a file name.
  private static func safe(_ text: String) -> String {
    let isKept: (UInt8) -> Bool = { $0 == UInt8(ascii: ".") || Character(UnicodeScalar($0)).isASCIIWord }
    return String(
      decoding: ByteText.bytes(of: text).suffix(100).map { isKept($0) ? $0 : UInt8(ascii: "-") },
      as: UTF8.self)
  }
}

/// The file of one connection.
final class ConnectionFile {
  private var owned: Descriptor?
  private let descriptor: FileDescriptor
  private let path: String

  /// Takes ownership of an open file.
  init(_ file: consuming Descriptor, path: String) {
    descriptor = file.number
    owned = consume file
    self.path = path
  }

  /// Writes all of the bytes.
  func write(_ bytes: Span<UInt8>) throws(IOFailure) {
    var written = 0
    do {
      while written < bytes.count {
        if case .moved(let count) = try Transfer.write(
          to: descriptor, from: bytes.extracting(written...))
        {
          written += count
        }
      }
    } catch {
      throw IOFailure(.write(path), error)
    }
  }

  /// Closes the file.
  ///
  /// - Throws: The error that `close` reports for data that could not be written after all.
  func close() throws(IOFailure) {
    guard let owned = owned.take() else { return }
    do { try owned.close() } catch { throw IOFailure(.write(path), error.code) }
  }
}

extension Character {
  fileprivate var isASCIIWord: Bool { isASCII && (isLetter || isNumber) }
}
