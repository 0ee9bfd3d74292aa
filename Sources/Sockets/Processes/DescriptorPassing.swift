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
    _ = try attempting(.write(name)) { () throws(Errno) in
      try systemCall("sendmsg(\(rawValue), {SCM_RIGHTS, \(descriptor.rawValue)})") {
        csockkit_pass_descriptor(rawValue, descriptor.rawValue)
      }
    }
  }
}
