// SPDX-License-Identifier: GPL-3.0-or-later

import CSockkit
import Glibc
import SystemPackage

/// Walks from a directory down to a file one name at a time and follows links itself. It never leaves the directory,
/// like `RESOLVE_BENEATH` of `openat2`, and never passes a hidden name.
///
/// The directories on the way stay open, and a `..` in a link goes back to the directory that it came through, so
/// moving them meanwhile has no effect.
struct BeneathResolver: ~Copyable {
  /// The limit of the kernel.
  private static let mostLinks = 40

  private let root: FileDescriptor
  private var places: [Place] = []
  private var linksFollowed = 0

  /// An open directory on the way; a class, because arrays cannot hold a noncopyable `Descriptor`.
  private final class Place {
    let descriptor: Descriptor

    init(_ descriptor: consuming Descriptor) { self.descriptor = descriptor }
  }

  /// Begins at a directory, which must stay open.
  init(from root: FileDescriptor) { self.root = root }

  /// Opens the regular file or directory that a path leads to for reading.
  ///
  /// - Throws: The errors of `open`, `ENOENT` for a hidden name, `EXDEV` for a path that leads out, `ELOOP` for too
  ///   many links, and `ENXIO` for anything that is neither a file nor a directory, which is not opened.
  mutating func open(_ path: [PathName]) throws(Errno) -> Descriptor {
    // Reversed: the next name is the last element.
    var names = Array(path.reversed())
    while let name = names.popLast() {
      if name == .here { continue }
      if name == .above {
        guard places.popLast() != nil else { throw .improperLink }
        continue
      }
      guard !name.isHidden else { throw .noSuchFileOrDirectory }
      let place = try Self.place(name, in: current)
      let kind = try FileStatus(of: place.number).kind
      switch kind {
      case .link: names += try targetNames(of: place).reversed()
      case .directory: places.append(Place(place))
      case .regular, .other:
        guard names.isEmpty else { throw .notDirectory }
        guard kind == .regular else { throw .noSuchAddressOrDevice }
        return try Self.final(name, in: current)
      }
    }
    return try Self.final(.here, in: current)
  }

  private var current: FileDescriptor { places.last?.descriptor.number ?? root }

  private mutating func targetNames(of link: borrowing Descriptor) throws(Errno) -> [PathName] {
    linksFollowed += 1
    guard linksFollowed <= Self.mostLinks else { throw .tooManySymbolicLinkLevels }
    let target = try LinkTarget.bytes(of: link)
    guard target.first != UInt8(ascii: "/") else { throw .improperLink }
    let names = target.split(separator: UInt8(ascii: "/")).compactMap { PathName($0) }
    // A trailing slash requires a directory, as a trailing dot does.
    return target.last == UInt8(ascii: "/") ? names + [.here] : names
  }

  private static func place(_ name: PathName, in directory: FileDescriptor) throws(Errno) -> Descriptor {
    let number = try systemCall("openat(\(directory.rawValue), \"\(name)\", O_PATH|O_NOFOLLOW)") {
      unsafe csockkit_open_place(directory.rawValue, name.terminated)
    }
    return Descriptor(adopting: number)
  }

  private static func final(_ name: PathName, in directory: FileDescriptor) throws(Errno) -> Descriptor {
    let number = try systemCall("openat(\(directory.rawValue), \"\(name)\", O_RDONLY|O_NOFOLLOW|O_NONBLOCK)")
    {
      unsafe csockkit_open_final(directory.rawValue, name.terminated)
    }
    return Descriptor(adopting: number)
  }
}
