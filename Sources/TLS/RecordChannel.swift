// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import Transport

/// The encrypted side of a TLS connection: its bytes are those of another stream.
///
/// The library passes on one record per call. They are collected here, so that one call sends many of them.
final class RecordChannel: SourceSink {
  /// The stream that carries the records.
  let transport: any ByteStream
  /// The records that were not sent yet, and the number of their bytes that were.
  private var records: [UInt8] = []
  private var offset = 0
  /// The total number of bytes of all records, sent or not.
  private(set) var produced = 0
  /// The total number of bytes received.
  private(set) var received = 0
  /// The first failure to receive, or to send.
  private(set) var receiveFailure: IOFailure?
  private(set) var sendFailure: IOFailure?
  /// Whether the stream has ended.
  private(set) var hasEnded = false

  /// The number of unsent bytes beyond which the library must wait: more than the records of one write.
  private static let capacity = 512 << 10
  /// The capacity that is kept for the next records; a connection that is idle after a large transfer gives its memory
  /// back.
  private static let keptCapacity = 1 << 10

  /// Creates the channel over a stream.
  init(over transport: any ByteStream) { self.transport = transport }

  /// The number of bytes that the stream has not accepted yet.
  var unsent: Int { records.count - offset }

  /// Makes room for the records of a large write, which would otherwise be moved as they grow.
  func reserve(_ payload: Int) {
    if payload > Self.keptCapacity { records.reserveCapacity(payload + payload / 64 + 1024) }
  }

  /// Sends what was collected.
  ///
  /// - Returns: Whether nothing is left to send.
  func flush() throws(IOFailure) -> Bool {
    if let sendFailure { throw sendFailure }
    while unsent > 0 {
      do throws(IOFailure) {
        let bytes = records
        guard case .moved(let count) = try transport.write(bytes.span.extracting(offset...)) else {
          return false
        }
        offset += count
      } catch {
        sendFailure = error
        throw error
      }
    }
    offset = 0
    if records.capacity > Self.keptCapacity { records = [] } else { records.removeAll(keepingCapacity: true) }
    return true
  }

  override func receive(into buffer: UnsafeMutableBufferPointer<UInt8>) -> Transfer? {
    guard receiveFailure == nil else { return nil }
    var space = unsafe MutableSpan(_unsafeElements: buffer)
    do {
      let transfer = try transport.read(into: &space)
      switch transfer {
      case .moved(let count): received += count
      case .endOfStream: hasEnded = true
      case .wouldBlock: break
      }
      return transfer
    } catch {
      receiveFailure = error
      return nil
    }
  }

  override func collect(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    guard unsent + bytes.count <= Self.capacity else { return false }
    unsafe records.append(contentsOf: bytes)
    produced += bytes.count
    return true
  }
}
