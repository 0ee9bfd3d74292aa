// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
import SystemPackage

/// A file on its way to one client, inside the kernel where it can do that.
package final class ReplyFile {
  /// What one step did.
  enum Step {
    /// So many bytes were sent.
    case sent(Int)
    /// These bytes were read, and have to be sent.
    case read([UInt8])
    /// The connection takes nothing now.
    case wouldBlock
    /// All of the file is sent.
    case end
  }

  private let descriptor: Descriptor
  private let path: String
  private var usesMemory = false

  /// How much is sent at once, so that others have their turn; in bytes.
  private static let step = 1 << 20

  /// Opens a file. What is no file is refused: it could be read but once, or without end.
  package init(path: String) throws(SystemError) {
    self.path = path
    do throws(Errno) {
      switch try FileStatus(ofPath: path).kind {
      case .regular: break
      case .directory: throw .isDirectory
      case .link, .other: throw .invalidArgument
      }
      descriptor = try .opened(path)
    } catch {
      throw SystemError(.read(path), error)
    }
  }

  /// Has the bytes pass through memory, where somebody looks at them.
  func useMemory() { usesMemory = true }

  /// Sends what fits now.
  func send(to socket: SocketEnd, _ scratch: inout [UInt8]) throws(LaneFailure) -> Step {
    guard !usesMemory else { return try read(&scratch) }
    do {
      switch try Transfer.sendfile(from: descriptor.number, to: socket.number, count: Self.step) {
      case .moved(let count): return .sent(count)
      case .wouldBlock: return .wouldBlock
      case .endOfStream: return .end
      }
    } catch {
      if error.meansUnsupported {
        usesMemory = true
        return try read(&scratch)
      }
      throw error.isOfConnection ? .sink(socket.writeError(error)) : .source(SystemError(.read(path), error))
    }
  }

  /// Reads all of it.
  ///
  /// - Throws: `EFBIG` where it is longer than a limit, in bytes.
  package func contents(atMost limit: Int) throws(SystemError) -> [UInt8] {
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      var space = piece.mutableSpan
      do throws(Errno) {
        guard case .moved(let count) = try Transfer.read(from: descriptor.number, into: &space) else {
          return bytes
        }
        bytes += piece[..<count]
        if bytes.count > limit { throw .fileTooLarge }
      } catch {
        throw SystemError(.read(path), error)
      }
    }
  }

  private func read(_ scratch: inout [UInt8]) throws(LaneFailure) -> Step {
    do {
      var buffer = scratch.mutableSpan
      guard case .moved(let count) = try Transfer.read(from: descriptor.number, into: &buffer) else {
        return .end
      }
      return .read(Array(scratch[..<count]))
    } catch {
      throw .source(SystemError(.read(path), error))
    }
  }
}
