// SPDX-License-Identifier: GPL-3.0-or-later

import CSockkit
import Glibc
package import SystemPackage

/// A directory whose files are opened for reading. Nothing outside it is opened, whatever links it contains.
///
/// Links are followed as long as they stay beneath the directory; a link with an absolute target does not, even if the
/// target lies beneath. Nothing is opened by way of a hidden name, neither in the path nor in the target of a link. The
/// directory is opened once, so it may be renamed while it is in use.
package final class RootDirectory: Sendable {
  /// What resolves paths.
  package enum Resolution: Sendable {
    /// The kernel, by `openat2`, as long as the path contains no link: it does not report the names that a link leads
    /// through.
    case kernel
    /// `BeneathResolver`, where there is no `openat2`: before Linux 5.6, or where a sandbox refuses it.
    case stepwise
  }

  private let directory: Descriptor
  /// What resolves paths.
  package let resolution: Resolution

  /// Opens a directory. The corresponding C function is `open`.
  ///
  /// - Parameters:
  ///   - path: Its path; links to it are followed.
  ///   - root: The directory that will become the root of the file system, in which the path lies; `nil` for the present
  ///     one.
  ///   - resolution: What resolves paths in it; by default the kernel, if it supports `openat2`.
  package init(path: String, within root: String? = nil, resolution: Resolution? = nil) throws(IOFailure) {
    directory = try attempting(.read(path)) { () throws(Errno) in
      try Descriptor.openedDirectory(path, within: root)
    }
    self.resolution = resolution ?? Self.bestResolution(for: directory.number)
  }

  /// Opens a regular file or a directory for reading.
  ///
  /// Other kinds of file are not opened, because that has effects: it unblocks a process that waits to write to a FIFO.
  /// A file that is replaced between the check and the open is opened all the same, but without blocking.
  ///
  /// - Parameter path: The names from the directory down; an empty path is the directory itself.
  /// - Throws: The errors of `open`, `ENOENT` for a hidden name, `EXDEV` for a path that leads out, `ELOOP` for more
  ///   links than the kernel follows, and `ENXIO` for a FIFO, a socket or a device, as `open` reports for a socket.
  package func open(_ path: [PathName]) throws(Errno) -> Descriptor {
    if resolution == .kernel, !path.contains(where: \.isHidden) {
      do {
        return try openWithoutLinks(path)
      } catch .tooManySymbolicLinkLevels {
        // The path contains a link, and every name that it leads through has to be checked.
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

  /// Tests the kernel's support by opening the directory itself.
  private static func bestResolution(for directory: FileDescriptor) -> Resolution {
    do {
      _ = try openBeneath(directory, [])
    } catch .noFunction {
      return .stepwise
    } catch .notPermitted {
      // The error of a sandbox for calls that are not on its list.
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

  /// - Parameter isOpen: Whether the file is opened for reading, or only located (`O_PATH`).
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
