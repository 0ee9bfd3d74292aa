// SPDX-License-Identifier: GPL-3.0-or-later

@unsafe @preconcurrency import COpenSSL
import Text

/// The encrypted side of a DTLS session: a `BIO` that reads and writes whole datagrams in memory.
final class DatagramMemory {
  /// The datagram to be read next; `nil` for none.
  private var incoming: [UInt8]?
  /// The written datagrams that were not taken yet.
  private(set) var outgoing: [[UInt8]] = []

  /// The maximum number of written datagrams: the library repeats what it has sent, and nothing here is sent for sure.
  private static let capacity = 64

  /// Sets the datagram to be read next.
  func put(_ datagram: [UInt8]) { incoming = datagram }

  /// Takes the written datagrams.
  func take() -> [[UInt8]] {
    guard !outgoing.isEmpty else { return [] }
    defer { outgoing = [] }
    return outgoing
  }

  /// Takes the datagram that was written last.
  ///
  /// - Parameter count: The number of datagrams before it.
  /// - Returns: `nil` if none was written after those.
  func takeLast(behind count: Int) -> [UInt8]? { outgoing.count > count ? outgoing.popLast() : nil }

  /// A new `BIO` for this memory, which must outlive it.
  func makeBIO() -> OpaquePointer? {
    guard let bio = unsafe openssl.BIO_new(Self.method) else { return nil }
    unsafe openssl.BIO_set_data(bio, Unmanaged.passUnretained(self).toOpaque())
    unsafe openssl.BIO_set_init(bio, 1)
    return unsafe bio
  }

  // MARK: The BIO

  private nonisolated(unsafe) static let method: OpaquePointer? = {
    let method = unsafe openssl.BIO_meth_new(
      openssl.BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "sockkit datagrams")
    _ = unsafe openssl.BIO_meth_set_read_ex(method, readDatagram)
    _ = unsafe openssl.BIO_meth_set_write_ex(method, writeDatagram)
    _ = unsafe openssl.BIO_meth_set_ctrl(method, control)
    return unsafe method
  }()

  private static let readDatagram:
    @convention(c) (OpaquePointer?, UnsafeMutablePointer<CChar>?, Int, UnsafeMutablePointer<Int>?) -> CInt = {
      bio, data, count, moved in
      unsafe openssl.BIO_clear_flags(bio, retryFlags)
      let memory = unsafe memory(of: bio)
      // No bytes would be an error for the library.
      guard let datagram = memory.incoming, !datagram.isEmpty else {
        unsafe openssl.BIO_set_flags(bio, BIO_FLAGS_READ | BIO_FLAGS_SHOULD_RETRY)
        return 0
      }
      memory.incoming = nil
      let length = min(count, datagram.count)
      unsafe UnsafeMutableRawBufferPointer(start: data, count: length)
        .copyBytes(from: datagram.prefix(length))
      unsafe moved?.pointee = length
      return 1
    }

  private static let writeDatagram:
    @convention(c) (OpaquePointer?, UnsafePointer<CChar>?, Int, UnsafeMutablePointer<Int>?) -> CInt = {
      bio, data, count, moved in
      unsafe openssl.BIO_clear_flags(bio, retryFlags)
      let memory = unsafe memory(of: bio)
      if memory.outgoing.count < capacity {
        memory.outgoing.append(unsafe [UInt8](UnsafeRawBufferPointer(start: data, count: count)))
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

  private static func memory(of bio: OpaquePointer?) -> DatagramMemory {
    guard let owner = unsafe openssl.BIO_get_data(bio) else { fatalError("a BIO without its memory") }
    return unsafe Unmanaged<DatagramMemory>.fromOpaque(owner).takeUnretainedValue()
  }
}
