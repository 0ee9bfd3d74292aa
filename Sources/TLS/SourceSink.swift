// SPDX-License-Identifier: GPL-3.0-or-later

@unsafe @preconcurrency import COpenSSL
import Sockets

/// The encrypted side of a session: what the library reads from and writes to, a source/sink `BIO` (bio(7)).
///
/// A subclass moves the bytes.
class SourceSink {
  /// Moves received bytes to the library.
  ///
  /// - Returns: The number of bytes; an end of the stream is the same as none for now, because its meaning is judged by
  ///   the stream: the library would answer it with an alert, and send nothing more. `nil` after a failure.
  func receive(into buffer: UnsafeMutableBufferPointer<UInt8>) -> Transfer? {
    fatalError("a subclass receives")
  }

  /// Takes one record, or datagram, from the library.
  ///
  /// - Returns: Whether it was taken; otherwise the library must wait.
  func collect(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool { fatalError("a subclass collects") }

  /// A new `BIO` for this object, which must outlive it.
  final func makeBIO() -> OpaquePointer? {
    guard let bio = unsafe openssl.BIO_new(Self.method) else { return nil }
    unsafe openssl.BIO_set_data(bio, Unmanaged.passUnretained(self).toOpaque())
    unsafe openssl.BIO_set_init(bio, 1)
    return unsafe bio
  }

  private nonisolated(unsafe) static let method: OpaquePointer? = {
    let method = unsafe openssl.BIO_meth_new(
      openssl.BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "sockkit")
    _ = unsafe openssl.BIO_meth_set_read_ex(method, read)
    _ = unsafe openssl.BIO_meth_set_write_ex(method, write)
    _ = unsafe openssl.BIO_meth_set_ctrl(method, control)
    return unsafe method
  }()

  private static let read:
    @convention(c) (OpaquePointer?, UnsafeMutablePointer<CChar>?, Int, UnsafeMutablePointer<Int>?) -> CInt = {
      bio, data, count, moved in
      unsafe openssl.BIO_clear_flags(bio, retryFlags)
      let space = unsafe UnsafeMutableRawBufferPointer(start: data, count: count)
      switch unsafe owner(of: bio).receive(into: space.assumingMemoryBound(to: UInt8.self)) {
      case .moved(let number):
        unsafe moved?.pointee = number
        return 1
      case .wouldBlock, .endOfStream:
        unsafe openssl.BIO_set_flags(bio, BIO_FLAGS_READ | BIO_FLAGS_SHOULD_RETRY)
        return 0
      case nil: return 0
      }
    }

  private static let write:
    @convention(c) (OpaquePointer?, UnsafePointer<CChar>?, Int, UnsafeMutablePointer<Int>?) -> CInt = {
      bio, data, count, moved in
      unsafe openssl.BIO_clear_flags(bio, retryFlags)
      let bytes = unsafe UnsafeRawBufferPointer(start: data, count: count)
      guard unsafe owner(of: bio).collect(bytes.assumingMemoryBound(to: UInt8.self)) else {
        unsafe openssl.BIO_set_flags(bio, BIO_FLAGS_WRITE | BIO_FLAGS_SHOULD_RETRY)
        return 0
      }
      unsafe moved?.pointee = count
      return 1
    }

  private static let control: @convention(c) (OpaquePointer?, CInt, Int, UnsafeMutableRawPointer?) -> Int = {
    _, command, _, _ in
    command == BIO_CTRL_FLUSH ? 1 : 0
  }

  private static let retryFlags = BIO_FLAGS_READ | BIO_FLAGS_WRITE | BIO_FLAGS_SHOULD_RETRY

  private static func owner(of bio: OpaquePointer?) -> SourceSink {
    guard let data = unsafe openssl.BIO_get_data(bio) else { fatalError("a BIO without its owner") }
    return unsafe Unmanaged<SourceSink>.fromOpaque(data).takeUnretainedValue()
  }
}
