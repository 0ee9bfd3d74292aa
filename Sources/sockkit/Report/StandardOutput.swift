// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Glibc
import Sessions
import Sockets
import Synchronization
import SystemPackage

/// Text on standard output, without a buffer.
enum StandardOutput {
  /// Whether it was closed when the program started. Payload is then discarded, but a result would be lost unnoticed.
  static let isClosed = Atomic(false)

  /// Writes a text and a newline completely; a failure ends the program.
  static func print(_ text: String) {
    do {
      try write(text)
    } catch {
      end(with: error)
    }
  }

  /// Writes a text and a newline, for callers that have to clean up before `end(with:)`.
  static func write(_ text: String) throws(IOFailure) {
    guard !isClosed.load(ordering: .relaxed) else {
      throw IOFailure(.write("standard output, which is closed"), .badFileDescriptor)
    }
    let output = FileDescriptor.standardOutput
    let bytes = Array((text + "\n").utf8)
    var written = 0
    while written < bytes.count {
      do throws(Errno) {
        if case .moved(let count) = try Transfer.write(to: output, from: bytes.span.extracting(written...)) {
          written += count
          continue
        }
      } catch {
        throw IOFailure(.write("standard output"), error)
      }
      // Another process that shares the descriptor has made it non-blocking.
      try output.wait(for: .writable, until: .never)
    }
  }

  /// Ends the program because standard output failed: silently by SIGPIPE if it has no reader any more.
  static func end(with error: IOFailure) -> Never {
    if error.code == .brokenPipe { ProcessSignals.die(by: SIGPIPE) }
    let failure = Failure(error)
    Reporter.current.report(.failed(failure))
    exit(failure.status.rawValue)
  }
}
