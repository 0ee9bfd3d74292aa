// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import Text

/// The page that lists the contents of a directory, for any size of screen, in light or dark colours, without a script.
struct DirectoryList {
  /// One file or directory.
  struct Entry {
    /// Its name.
    let name: PathName
    /// Its status, or that of the target of a link.
    let status: FileStatus

    /// Whether it is a directory.
    var isDirectory: Bool { status.kind == .directory }
  }

  private let path: [PathName]
  private let entries: [Entry]
  private let order: ListingOrder
  private let isCut: Bool
  private let rules: HTTPDirectoryRules

  /// - Parameters:
  ///   - path: The names from the root down to the directory.
  ///   - entries: Its entries, in any order.
  ///   - order: The order in which they are listed.
  ///   - isCut: Whether entries are missing.
  ///   - rules: What else is offered: an archive, and a form to upload files.
  init(
    of path: [PathName], _ entries: [Entry], in order: ListingOrder, isCut: Bool, _ rules: HTTPDirectoryRules
  ) {
    self.path = path
    self.rules = rules
    self.order = order
    self.isCut = isCut
    var entries = entries
    order.sort(&entries)
    self.entries = entries
  }

  /// The page, in HTML.
  var page: String {
    let title = HTMLText.escape("/" + path.map { Self.display($0) + "/" }.joined())
    let above = path.isEmpty ? "" : "<tr><td><a href=\"../\(orderQuery)\">../</a><td><td>\n"
    let rows = entries.map(row).joined()
    let rest = isCut ? "<p>There are more; only these \(entries.count) are listed.\n" : ""
    return """
      <!doctype html>
      <html lang="en">
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <title>\(title)</title>
      <style>
      \(Self.style)
      </style>
      <h1>\(trail)</h1>
      \(rules.isArchived ? Self.archive : "")\(rules.uploads == nil ? "" : Self.form)\
      <table>
      <thead>
      <tr>\(ListingOrder.Key.allCases.map(heading).joined())
      <tbody>
      \(above)\(rows)</table>
      \(rest)
      """
  }

  /// On a narrow screen the size and the date are below the name.
  private static let style = """
    :root { --page: #fff; --text: #1c1c1e; --dim: #6b6b70; --line: #d8d8dc; --link: #0b57d0 }
    @media (prefers-color-scheme: dark) {
    :root { --page: #141416; --text: #e8e8ea; --dim: #9d9da3; --line: #343438; --link: #8ab4f8 }
    }
    body { background: var(--page); color: var(--text); font: 1rem/1.5 system-ui, sans-serif;
      margin: 1rem auto; max-width: 60rem; padding: 0 1rem }
    a { color: var(--link); text-decoration: none }
    a:hover, a:focus { text-decoration: underline }
    h1 { font-size: 1.25rem; overflow-wrap: anywhere }
    form { display: flex; flex-wrap: wrap; gap: .5rem; margin-bottom: 1rem }
    input, button { color: inherit; font: inherit; max-width: 100% }
    table { border-collapse: collapse; width: 100% }
    th, td { border-bottom: 1px solid var(--line); font-weight: normal; text-align: left; vertical-align: top }
    th:not(:first-child), td:not(:first-child) { padding-left: 1rem; text-align: right; white-space: nowrap }
    td:first-child { overflow-wrap: anywhere }
    td:not(:first-child) { color: var(--dim); font-variant-numeric: tabular-nums; padding-bottom: .4rem;
      padding-top: .4rem }
    th a, td a { display: block; padding: .4rem 0 }
    [aria-sort=ascending] a::after { content: " \\25B2" }
    [aria-sort=descending] a::after { content: " \\25BC" }
    @media (max-width: 40rem) {
    tr { border-bottom: 1px solid var(--line); display: flex; flex-wrap: wrap }
    th, td { border: 0 }
    td:first-child { width: 100% }
    td:not(:first-child) { font-size: .875rem; padding: 0 1rem .4rem 0 }
    td:empty { display: none }
    td a { padding-bottom: .1rem }
    }
    """

  private static let archive = """
    <p><a href="?archive=tar">Download all as tar</a>

    """

  /// It is posted to the page itself, so the order is kept.
  private static let form = """
    <form method="post" enctype="multipart/form-data">
    <input type="file" name="file" multiple required aria-label="Files">
    <button>Upload</button>
    </form>

    """

  /// The path, with a link to each directory above.
  private var trail: String {
    var links = path.isEmpty ? "/" : "<a href=\"/\(orderQuery)\">/</a>"
    var location = "/"
    for (index, name) in path.enumerated() {
      location += PercentEncoding.encode(name.bytes) + "/"
      let text = HTMLText.escape(Self.display(name) + "/")
      links += index == path.count - 1 ? text : "<a href=\"\(location)\(orderQuery)\">\(text)</a>"
    }
    return links
  }

  /// A heading that sorts by its column.
  private func heading(_ key: ListingOrder.Key) -> String {
    let text =
      switch key {
      case .name: "Name"
      case .size: "Size"
      case .date: "Date (UTC)"
      }
    let state = order.isDescending ? "descending" : "ascending"
    let query = HTMLText.escape(order.selecting(key).query)
    // An empty reference would keep the current query.
    let link = query.isEmpty ? "?sort=\(key)" : query
    return "<th\(key == order.key ? " aria-sort=\"\(state)\"" : "")><a href=\"\(link)\">\(text)</a>"
  }

  /// The query of the links to other directories, which keep the order.
  private var orderQuery: String { HTMLText.escape(order.query) }

  private func row(_ entry: Entry) -> String {
    let slash = entry.isDirectory ? "/" : ""
    let link = PercentEncoding.encode(entry.name.bytes) + (entry.isDirectory ? "/\(orderQuery)" : "")
    let size = entry.isDirectory ? "" : SizeFormat.describe(Double(entry.status.size))
    let name = HTMLText.escape(Self.display(entry.name) + slash)
    return "<tr><td><a href=\"\(link)\">\(name)</a><td>\(size)<td>\(Self.time(entry.status))\n"
  }

  /// A name that can neither reorder the line nor be invisible in it.
  private static func display(_ name: PathName) -> String { TerminalSafe.escape(utf8: name.bytes.span) }

  /// The time to the minute, in UTC: `2026-01-31 12:00`.
  private static func time(_ status: FileStatus) -> String {
    let text = Timestamp.text(nanoseconds: status.modified)
    return "\(text.prefix(10)) \(text.dropFirst(11).prefix(5))"
  }
}
