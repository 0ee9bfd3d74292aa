// SPDX-License-Identifier: GPL-3.0-or-later

import CSockkit
import Glibc
package import SystemPackage

/// A directory whose files are opened for reading, and nothing outside it, whatever links there are in it.
///
/// Links are followed as long as they stay beneath the directory; one with an absolute target does not, even where
/// that lies beneath. Nothing is opened by way of a hidden name, whether the path has it or the target of a link. The
/// directory is opened once: it may be renamed while it is used.
package final class RootDirectory: Sendable {
  /// Who resolves paths.
  package enum Resolution: Sendable {
    /// The kernel, by `openat2`, as long as there is no link on the way: it does not say which names that leads to.
    case kernel
    /// `BeneathResolver`, where there is no `openat2`: before Linux 5.6, or where a sandbox refuses it.
    case stepwise
  }

  private let directory: Descriptor
  /// Who resolves paths.
  package let resolution: Resolution

  /// Opens a directory. The corresponding C function is `open`.
  ///
  /// - Parameters:
  ///   - path: Where it is; links to it are followed.
  ///   - resolution: Who resolves what is opened in it; by default the kernel if it can.
  package init(path: String, resolution: Resolution? = nil) throws(SystemError) {
    directory = try attempting(.read(path)) { () throws(Errno) in
      try Descriptor.openedDirectory(path)
    }
    self.resolution = resolution ?? Self.bestResolution(for: directory.number)
  }

  /// Opens a regular file or a directory for reading.
  ///
  /// Nothing else is opened, because that has effects: it lets whoever waits to write to a FIFO go on. What takes the
  /// place of a file in the moment between is opened all the same, but not waited for.
  ///
  /// - Parameter path: The names from the directory down; none is the directory itself.
  /// - Throws: What `open` says, `ENOENT` for what is hidden, `EXDEV` for what leads out, `ELOOP` for more links than
  ///   the kernel follows, and `ENXIO` for a FIFO, a socket or a device, as `open` says of a socket.
  package func open(_ path: [PathName]) throws(Errno) -> Descriptor {
    if resolution == .kernel, !path.contains(where: \.isHidden) {
      do {
        return try openWithoutLinks(path)
      } catch .tooManySymbolicLinkLevels {
        // There is a link, and every name that it leads to has to be seen.
      }
    }
    var walk = BeneathResolver(from: directory.number)
    return try walk.open(path)
  }

  private func openWithoutLinks(_ path: [PathName]) throws(Errno) -> Descriptor {
    if !path.isEmpty {
      let place = try Self.descriptor(beneath: directory.number, path, isOpen: false)
      guard try FileStatus(of: place.number).kind != .other else { throw .noSuchAddressOrDevice }
    }
    return try Self.openBeneath(directory.number, path)
  }

  /// Asks the kernel by opening the directory itself.
  private static func bestResolution(for directory: FileDescriptor) -> Resolution {
    do {
      _ = try openBeneath(directory, [])
    } catch .noFunction {
      return .stepwise
    } catch .notPermitted {
      // What a sandbox answers for calls that it does not know.
      return .stepwise
    } catch {
      return .kernel
    }
    return .kernel
  }

  private static func openBeneath(
    _ directory: FileDescriptor, _ path: [PathName]
  ) throws(Errno) -> Descriptor {
    try descriptor(beneath: directory, path, isOpen: true)
  }

  /// - Parameter isOpen: Whether the file is opened, in place of being found alone.
  private static func descriptor(
    beneath directory: FileDescriptor, _ path: [PathName], isOpen: Bool
  ) throws(Errno) -> Descriptor {
    let names = path.isEmpty ? [PathName.here] : path
    let bytes = Array(names.map(\.bytes).joined(separator: [UInt8(ascii: "/")]))
    let text = bytes.map { CChar(bitPattern: $0) } + [0]
    let number = try systemCall(
      "openat2(\(directory.rawValue), \"\(ByteText.text(of: bytes))\", \(isOpen ? "O_RDONLY|O_NONBLOCK" : "O_PATH"), RESOLVE_BENEATH|RESOLVE_NO_SYMLINKS)"
    ) {
      isOpen
        ? unsafe csockkit_open_beneath(directory.rawValue, text)
        : unsafe csockkit_find_beneath(directory.rawValue, text)
    }
    return Descriptor(adopting: number)
  }
}
