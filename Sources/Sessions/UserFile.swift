// SPDX-License-Identifier: GPL-3.0-or-later

package import Engine
package import HTTP
import Sockets
import SystemPackage

/// A file with users and the hashes of their passwords, which SIGHUP reloads.
package struct UserFile: Sendable {
  private let path: String
  /// The users.
  package let list: UserList

  /// Reads a file.
  ///
  /// - Throws: `noInput` if it cannot be read, and `dataError` if a line is invalid.
  package init(_ path: String) throws(Failure) {
    self.path = path
    list = try Self.judge(path) { (content) throws(UserList.Fault) in try UserList(content) }
  }

  /// The file, which is reloaded.
  var reloaded: ReloadedFiles { ReloadedFiles([path]) { reload() } }

  /// Reads the file again.
  ///
  /// - Returns: The number of users, or the reason why those of before remain in force.
  private func reload() -> ServerEvent {
    do {
      let count = try Self.judge(path) { (content) throws(UserList.Fault) in try list.replace(by: content) }
      return .usersReread(count)
    } catch {
      return .usersKept(because: error)
    }
  }

  private static func judge<Result>(
    _ path: String, _ take: ([UInt8]) throws(UserList.Fault) -> Result
  ) throws(Failure) -> Result {
    let content: [UInt8]?
    do { content = try RegularFile.bytes(of: path) } catch {
      throw Failure(.noInput, "\(IOFailure(.read(path), error))")
    }
    guard let content else {
      throw Failure(.noInput, "read \(path): not a regular file, so SIGHUP could not reload it")
    }
    do throws(UserList.Fault) { return try take(content) } catch {
      throw Failure(.dataError, "\(path), line \(error.line): \(error.reason)")
    }
  }
}
