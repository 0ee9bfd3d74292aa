// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import Text

/// The page that lists the contents of a directory, for any size of screen.
struct DirectoryList {
  /// One file or directory.
  struct Entry {
    /// Its name.
    let name: PathName
    /// Its status, or that of the target of a link.
    let status: FileStatus

    fileprivate var isDirectory: Bool { status.kind == .directory }
  }

  private let path: [PathName]
  private let entries: [Entry]
  private let isCut: Bool

  /// - Parameters:
  ///   - path: The names from the root down to the directory.
  ///   - entries: Its entries, in any order.
  ///   - isCut: Whether entries are missing.
  init(of path: [PathName], _ entries: [Entry], isCut: Bool) {
    self.path = path
    self.isCut = isCut
    self.entries = entries.sorted {
      $0.isDirectory == $1.isDirectory
        ? $0.name.bytes.lexicographicallyPrecedes($1.name.bytes) : $0.isDirectory
    }
  }

  /// The page, in HTML.
  var page: String {
    let title = HTMLText.escape("/" + path.map { Self.display($0) + "/" }.joined())
    let above = path.isEmpty ? "" : "<tr><td colspan=\"3\"><a href=\"../\">../</a>\n"
    let rows = entries.map(Self.row).joined()
    let rest = isCut ? "<p>There are more; only these \(entries.count) are listed.\n" : ""
    return """
      <!doctype html>
      <html lang="en">
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <title>\(title)</title>
      <style>
      body { font: 1rem/1.5 system-ui, sans-serif; margin: 1rem auto; max-width: 60rem; padding: 0 1rem }
      h1 { font-size: 1.25rem; overflow-wrap: anywhere }
      table { border-collapse: collapse; width: 100% }
      td { padding: .4rem .5rem .4rem 0; vertical-align: top }
      td:first-child { overflow-wrap: anywhere }
      td + td { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums }
      a { display: block; text-decoration: none }
      @media (max-width: 40rem) { td:nth-child(3) { display: none } }
      </style>
      <h1>\(title)</h1>
      <table>
      \(above)\(rows)</table>
      \(rest)
      """
  }

  private static func row(_ entry: Entry) -> String {
    let slash = entry.isDirectory ? "/" : ""
    let link = PercentEncoding.encode(entry.name.bytes) + slash
    let size = entry.isDirectory ? "" : SizeFormat.describe(Double(entry.status.size))
    let name = HTMLText.escape(display(entry.name) + slash)
    return "<tr><td><a href=\"\(link)\">\(name)</a><td>\(size)<td>\(time(entry.status))\n"
  }

  /// A name that can neither reorder the line nor be invisible in it.
  private static func display(_ name: PathName) -> String { TerminalSafe.escape(utf8: name.bytes.span) }

  /// The time to the minute, in UTC: `2026-01-31 12:00`.
  private static func time(_ status: FileStatus) -> String {
    let text = Timestamp.text(nanoseconds: status.modified)
    return "\(text.prefix(10)) \(text.dropFirst(11).prefix(5))"
  }
}
