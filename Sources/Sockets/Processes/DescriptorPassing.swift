// SPDX-License-Identifier: GPL-3.0-or-later

import CSockkit
package import SystemPackage

extension FileDescriptor {
  /// Passes a descriptor on to the process at the other end of this Unix socket, which gets one of its own for the same
  /// open file. The corresponding C function is `sendmsg` with `SCM_RIGHTS`.
  ///
  /// - Throws: `ENOTSOCK` if this is no socket, `EINVAL` or `EOPNOTSUPP` if it is no Unix socket, `EPIPE` if the other
  ///   process has closed it.
  package func pass(_ descriptor: FileDescriptor, name: String) throws(IOFailure) {
    // At least one byte has to go along.
    try pass([descriptor], with: [0], name: name)
  }

  /// Passes up to three descriptors on with a message, as above.
  ///
  /// - Throws: Also `EMSGSIZE` if the message is too long.
  func pass(_ descriptors: [FileDescriptor], with message: [UInt8], name: String) throws(IOFailure) {
    let numbers = descriptors.map(\.rawValue)
    _ = try attempting(.write(name)) { () throws(Errno) in
      try systemCall("sendmsg(\(rawValue), {SCM_RIGHTS, \(numbers.map { "\($0)" }.joined(separator: ", "))})")
      {
        unsafe csockkit_pass(rawValue, message, message.count, numbers, CInt(numbers.count))
      }
    }
  }

  /// Receives a message, and the descriptors that were passed with it, from a Unix socket in blocking mode. The
  /// corresponding C function is `recvmsg`.
  ///
  /// - Returns: `nil` at end-of-stream.
  func takePassed(atMost length: Int) throws(Errno) -> PassedMessage? {
    var bytes = [UInt8](repeating: 0, count: length)
    var numbers = [CInt](repeating: -1, count: Int(CSOCKKIT_MOST_DESCRIPTORS))
    var count: CInt = 0
    let received = try systemCall("recvmsg(\(rawValue), \(length), SCM_RIGHTS)") {
      unsafe csockkit_take_passed(rawValue, &bytes, length, &numbers, &count)
    }
    guard received > 0 else { return nil }
    return PassedMessage(bytes: Array(bytes.prefix(received)), numbers: Array(numbers.prefix(Int(count))))
  }
}

/// A message, and the descriptors that were passed with it, which are closed with it.
package struct PassedMessage: ~Copyable {
  /// The message.
  package let bytes: [UInt8]
  /// The descriptors.
  package let descriptors: [FileDescriptor]

  fileprivate init(bytes: [UInt8], numbers: [CInt]) {
    self.bytes = bytes
    descriptors = numbers.map(FileDescriptor.init(rawValue:))
  }

  deinit { for descriptor in descriptors { ChildProcess.close(descriptor) } }
}
