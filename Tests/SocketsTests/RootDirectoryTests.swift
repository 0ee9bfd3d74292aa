// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import Glibc
import SocketTestSupport
import Sockets
import SystemPackage
import TestSupport
import Testing

/// Both ways of resolving a path must give the same result.
@Suite(.timeLimit(.minutes(1)))
struct RootDirectoryTests {
  /// A tree with a file outside its root, and links in it.
  private static func tree(_ links: [(name: String, target: String)] = []) throws -> TemporaryDirectory {
    let directory = try TemporaryDirectory()
    for name in ["root", "root/sub", "root/sub/deep", "root/.dots", "root-other"] {
      try FileManager.default.createDirectory(
        atPath: directory.file(name), withIntermediateDirectories: false)
    }
    _ = try directory.write("secret", to: "secret")
    _ = try directory.write("other", to: "root-other/file")
    _ = try directory.write("top", to: "root/top")
    for name in [".secret", ".dots/file", "..."] { _ = try directory.write("hidden", to: "root/\(name)") }
    _ = try directory.write("deep", to: "root/sub/deep/file")
    for link in links {
      try FileManager.default.createSymbolicLink(
        atPath: directory.file("root/\(link.name)"),
        withDestinationPath: link.target.replacingOccurrences(of: "TREE", with: directory.path))
    }
    return directory
  }

  private static func names(_ path: String) throws -> [PathName] {
    try path.split(separator: "/").map { try #require(PathName($0.utf8)) }
  }

  /// The contents of a file, `directory` for a directory, or the errno.
  private static func outcome(
    of path: String, in directory: TemporaryDirectory, _ resolution: RootDirectory.Resolution
  ) throws -> String {
    let root = try RootDirectory(path: directory.file("root"), resolution: resolution)
    #expect(root.resolution == resolution)
    do {
      let file = try root.open(try names(path))
      guard try FileStatus(of: file.number).kind != .directory else { return "directory" }
      var storage = [UInt8](repeating: 0, count: 100)
      var buffer = storage.mutableSpan
      guard case .moved(let count) = try Transfer.read(from: file.number, into: &buffer) else { return "" }
      return String(decoding: storage.prefix(count), as: UTF8.self)
    } catch let error as Errno {
      return "\(error.rawValue)"
    }
  }

  private static func code(_ error: Errno) -> String { "\(error.rawValue)" }

  private static let links = [
    ("inside", "top"), ("down", "sub/deep"), ("sub/up", "../top"), ("sub/deep/far-up", "../../top"),
    ("chain", "sub/up"), ("out", "../secret"), ("sub/out", "../../secret"), ("sibling", "../root-other"),
    ("up-and-back", "../root/top"), ("absolute", "/etc/passwd"), ("absolute-inside", "TREE/root/top"),
    ("magic", "/proc/self/root"), ("loop", "loop"), ("ping", "pong"), ("pong", "ping"),
    ("dangling", "nothing"),
    ("slash", "sub/deep/"), ("file-slash", "top/"), ("here", "."), ("above", ".."),
    ("twice", "./sub//./deep"),
    ("through-file", "top/../top"), ("down-up-out", "sub/../../secret"),
    ("down-and-up", "sub/deep/../../top"), ("hidden", ".secret"), ("sub/to-hidden", "../hidden"),
    ("hidden-and-back", "./.dots/../top"), ("into-hidden", ".dots/file"), ("dots", ".dots"),
    (".dots/out", "../top"), ("hidden-nothing", ".nothing"), ("three", "..."),
  ]

  @Test(arguments: [
    ("", "directory"), ("top", "top"), ("sub", "directory"), ("sub/deep/file", "deep"),
    ("nothing", code(.noSuchFileOrDirectory)), ("top/file", code(.notDirectory)),
    ("inside", "top"), ("down", "directory"), ("down/file", "deep"), ("sub/up", "top"), ("chain", "top"),
    ("sub/deep/far-up", "top"), ("down/far-up", "top"), ("twice/file", "deep"), ("here/top", "top"),
    ("here/here/here", "directory"), ("slash/file", "deep"), ("slash", "directory"), ("down-and-up", "top"),
    ("file-slash", code(.notDirectory)), ("through-file", code(.notDirectory)),
    ("inside/file", code(.notDirectory)), ("dangling", code(.noSuchFileOrDirectory)),
    ("out", code(.improperLink)), ("sub/out", code(.improperLink)), ("sibling/file", code(.improperLink)),
    ("up-and-back", code(.improperLink)), ("absolute", code(.improperLink)),
    ("absolute-inside", code(.improperLink)), ("magic/etc/passwd", code(.improperLink)),
    ("above", code(.improperLink)), ("above/secret", code(.improperLink)),
    ("down-up-out", code(.improperLink)), ("..", code(.improperLink)), ("../secret", code(.improperLink)),
    ("sub/../../secret", code(.improperLink)), ("sub/../top", "top"), ("./top", "top"),
    ("top/..", code(.notDirectory)), ("top/.", code(.notDirectory)),
    ("loop", code(.tooManySymbolicLinkLevels)), ("ping/file", code(.tooManySymbolicLinkLevels)),
    (String(repeating: "n", count: 256), code(.fileNameTooLong)),
    (".secret", code(.noSuchFileOrDirectory)), ("hidden", code(.noSuchFileOrDirectory)),
    ("sub/to-hidden", code(.noSuchFileOrDirectory)), ("hidden-and-back", code(.noSuchFileOrDirectory)),
    ("into-hidden", code(.noSuchFileOrDirectory)), ("dots", code(.noSuchFileOrDirectory)),
    ("dots/file", code(.noSuchFileOrDirectory)), (".dots/out", code(.noSuchFileOrDirectory)),
    ("hidden-nothing", code(.noSuchFileOrDirectory)), ("three", code(.noSuchFileOrDirectory)),
    ("...", code(.noSuchFileOrDirectory)),
  ])
  func `links are followed beneath the root and nowhere else`(_ path: String, _ expected: String) throws {
    let directory = try Self.tree(Self.links)
    defer { withExtendedLifetime(directory) {} }
    #expect(try Self.outcome(of: path, in: directory, .stepwise) == expected)
    #expect(try Self.outcome(of: path, in: directory, .kernel) == expected)
  }

  @Test(arguments: [RootDirectory.Resolution.kernel, .stepwise])
  func `as many links are followed as the kernel follows`(resolution: RootDirectory.Resolution) throws {
    let links = (1...41).map { ("l\($0)", $0 == 1 ? "top" : "l\($0 - 1)") }
    let directory = try Self.tree(links)
    defer { withExtendedLifetime(directory) {} }
    #expect(try Self.outcome(of: "l40", in: directory, resolution) == "top")
    #expect(
      try Self.outcome(of: "l41", in: directory, resolution) == Self.code(.tooManySymbolicLinkLevels))
  }

  @Test(arguments: [RootDirectory.Resolution.kernel, .stepwise])
  func `neither a FIFO nor a socket is opened`(resolution: RootDirectory.Resolution) throws {
    let directory = try Self.tree([("link", "fifo"), ("slash", "fifo/")])
    defer { withExtendedLifetime(directory) {} }
    unsafe #expect(mkfifo(directory.file("root/fifo"), 0o600) == 0)
    let listener = try Listener.open(on: .unix(path: directory.file("root/socket")))
    let root = try RootDirectory(path: directory.file("root"), resolution: resolution)
    let watch = try OpenWatch(of: directory.file("root/fifo"))
    for name in ["fifo", "link", "socket"] {
      #expect(throws: Errno.noSuchAddressOrDevice) { _ = try root.open(Self.names(name)) }
    }
    for name in ["fifo/file", "slash", "link/."] {
      #expect(throws: Errno.notDirectory) { _ = try root.open(Self.names(name)) }
    }
    #expect(!(try watch.sawOpen))
    withExtendedLifetime(listener.local) {}
  }

  @Test func `a FIFO is no root, and is not opened`() throws {
    let directory = try Self.tree()
    defer { withExtendedLifetime(directory) {} }
    unsafe #expect(mkfifo(directory.file("fifo"), 0o600) == 0)
    let watch = try OpenWatch(of: directory.file("fifo"))
    #expect(throws: IOFailure(.read(directory.file("fifo")), .notDirectory)) {
      _ = try RootDirectory(path: directory.file("fifo"))
    }
    #expect(!(try watch.sawOpen))
  }

  @Test func `the kernel resolves where it can`() throws {
    let directory = try Self.tree()
    defer { withExtendedLifetime(directory) {} }
    #expect(try RootDirectory(path: directory.file("root")).resolution == .kernel)
  }

  @Test func `a root that is no directory is refused`() throws {
    let directory = try Self.tree()
    defer { withExtendedLifetime(directory) {} }
    #expect(throws: IOFailure(.read(directory.file("secret")), .notDirectory)) {
      _ = try RootDirectory(path: directory.file("secret"))
    }
    #expect(throws: IOFailure(.read(directory.file("nothing")), .noSuchFileOrDirectory)) {
      _ = try RootDirectory(path: directory.file("nothing"))
    }
  }

  @Test func `a directory that is swapped for a link while it is walked lets nobody out`() throws {
    let directory = try Self.tree()
    defer { withExtendedLifetime(directory) {} }
    try FileManager.default.moveItem(atPath: directory.file("secret"), toPath: directory.file("file"))
    let (inside, aside) = (directory.file("root/sub/deep"), directory.file("root/sub/aside"))
    let swapping = Thread {
      while !Thread.current.isCancelled {
        _ = unsafe rename(inside, aside)
        _ = unsafe symlink("../..", inside)
        _ = unsafe unlink(inside)
        _ = unsafe rename(aside, inside)
      }
    }
    swapping.start()
    defer { swapping.cancel() }
    for resolution in [RootDirectory.Resolution.kernel, .stepwise] {
      for _ in 0..<2000 {
        let outcome = try Self.outcome(of: "sub/deep/file", in: directory, resolution)
        #expect(outcome != "secret")
      }
    }
  }

  @Test func `the names in a directory are read but for the hidden ones`() throws {
    let directory = try Self.tree([("link", "top"), (".hidden", "top")])
    defer { withExtendedLifetime(directory) {} }
    let root = try RootDirectory(path: directory.file("root"))
    let opened = try root.open([])
    let contents = try DirectoryContents(of: opened.number, limit: 10)
    #expect(Set(contents.names.map(\.description)) == ["top", "sub", "link"])
    #expect(!contents.isCut)
    let again = try root.open([])
    let some = try DirectoryContents(of: again.number, limit: 2)
    #expect(some.names.count == 2 && some.isCut)
  }

  @Test func `a directory of many names is read whole`() throws {
    let directory = try Self.tree()
    defer { withExtendedLifetime(directory) {} }
    let names = (0..<3000).map { "file with a rather long name \($0)" }
    for name in names {
      #expect(FileManager.default.createFile(atPath: directory.file("root/sub/\(name)"), contents: nil))
    }
    let root = try RootDirectory(path: directory.file("root/sub"))
    let opened = try root.open([])
    let contents = try DirectoryContents(of: opened.number, limit: 10_000)
    #expect(Set(contents.names.map(\.description)) == Set(names + ["deep"]))
  }
}
