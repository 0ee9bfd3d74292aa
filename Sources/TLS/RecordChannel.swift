// SPDX-License-Identifier: GPL-3.0-or-later

@unsafe @preconcurrency import COpenSSL
import Sockets
import Transport

/// The encrypted side of a TLS connection: a `BIO` whose bytes are those of another stream.
///
/// The library passes on one record per call. They are collected here, so that one call sends many of them.
final class RecordChannel {
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

  /// A new `BIO` for this channel, which must outlive it.
  func makeBIO() -> OpaquePointer? {
    guard let bio = unsafe openssl.BIO_new(Self.method) else { return nil }
    unsafe openssl.BIO_set_data(bio, Unmanaged.passUnretained(self).toOpaque())
    unsafe openssl.BIO_set_init(bio, 1)
    return unsafe bio
  }

  private func receive(into buffer: UnsafeMutableBufferPointer<UInt8>) -> Transfer? {
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

  /// - Returns: Whether the bytes were taken.
  private func collect(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    guard unsent + bytes.count <= Self.capacity else { return false }
    unsafe records.append(contentsOf: bytes)
    produced += bytes.count
    return true
  }

  // MARK: The BIO

  private nonisolated(unsafe) static let method: OpaquePointer? = {
    let method = unsafe openssl.BIO_meth_new(
      openssl.BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "sockkit stream")
    _ = unsafe openssl.BIO_meth_set_read_ex(method, readRecords)
    _ = unsafe openssl.BIO_meth_set_write_ex(method, writeRecords)
    _ = unsafe openssl.BIO_meth_set_ctrl(method, control)
    return unsafe method
  }()

  private static let readRecords:
    @convention(c) (OpaquePointer?, UnsafeMutablePointer<CChar>?, Int, UnsafeMutablePointer<Int>?) -> CInt = {
      bio, data, count, moved in
      unsafe openssl.BIO_clear_flags(bio, retryFlags)
      let space = unsafe UnsafeMutableRawBufferPointer(start: data, count: count)
      switch unsafe channel(of: bio).receive(into: space.assumingMemoryBound(to: UInt8.self)) {
      case .moved(let number):
        unsafe moved?.pointee = number
        return 1
      case .wouldBlock, .endOfStream:
        // The library would answer an end without close_notify with an alert, and send nothing more: what such an end
        // means is judged by the stream.
        unsafe openssl.BIO_set_flags(bio, BIO_FLAGS_READ | BIO_FLAGS_SHOULD_RETRY)
        return 0
      case nil: return 0
      }
    }

  private static let writeRecords:
    @convention(c) (OpaquePointer?, UnsafePointer<CChar>?, Int, UnsafeMutablePointer<Int>?) -> CInt = {
      bio, data, count, moved in
      unsafe openssl.BIO_clear_flags(bio, retryFlags)
      let bytes = unsafe UnsafeRawBufferPointer(start: data, count: count)
      guard unsafe channel(of: bio).collect(bytes.assumingMemoryBound(to: UInt8.self)) else {
        unsafe openssl.BIO_set_flags(bio, BIO_FLAGS_WRITE | BIO_FLAGS_SHOULD_RETRY)
        return 0
      }
      unsafe moved?.pointee = count
      return 1
    }

  private static let control: @convention(c) (OpaquePointer?, CInt, Int, UnsafeMutableRawPointer?) -> Int = {
    _, command, _, _ in
    switch command {
    case BIO_CTRL_FLUSH: 1
    default: 0
    }
  }

  private static let retryFlags = BIO_FLAGS_READ | BIO_FLAGS_WRITE | BIO_FLAGS_SHOULD_RETRY

  private static func channel(of bio: OpaquePointer?) -> RecordChannel {
    guard let owner = unsafe openssl.BIO_get_data(bio) else { fatalError("a BIO without its channel") }
    return unsafe Unmanaged<RecordChannel>.fromOpaque(owner).takeUnretainedValue()
  }
}
