// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets

/// The order of the entries of a listing, as the query of its URL requests it: `?sort=size&order=desc`.
struct ListingOrder: Equatable, Sendable {
  /// The property to sort by.
  enum Key: String, CaseIterable, Sendable {
    case name
    case size
    case date
  }

  /// The property to sort by.
  private(set) var key = Key.name
  /// Whether the greatest comes first.
  private(set) var isDescending = false

  /// The order that the query of a path requests. Unknown parameters and values have no effect, as in any web
  /// application.
  init(_ path: HTTPPath) {
    for parameter in path.parameters {
      switch parameter {
      case ("sort", let name): key = Key(rawValue: String(name)) ?? key
      case ("order", "desc"): isDescending = true
      case ("order", "asc"): isDescending = false
      default: continue
      }
    }
  }

  private init(_ key: Key, isDescending: Bool) {
    self.key = key
    self.isDescending = isDescending
  }

  /// The query that requests this order, with its question mark; empty for the default order.
  var query: String {
    guard self != ListingOrder(.name, isDescending: false) else { return "" }
    return "?sort=\(key)\(isDescending ? "&order=desc" : "")"
  }

  /// The order for a selected column: ascending, or the reverse if it is the current one already.
  func selecting(_ key: Key) -> ListingOrder {
    ListingOrder(key, isDescending: key == self.key && !isDescending)
  }

  /// Sorts entries: directories first, then files, each by the key; entries with equal keys are sorted by name.
  func sort(_ entries: inout [DirectoryList.Entry]) {
    entries.sort { left, right in
      guard left.isDirectory == right.isDirectory else { return left.isDirectory }
      let (first, second) = isDescending ? (right, left) : (left, right)
      switch key {
      // The size of a directory is not that of its files.
      case .size where !left.isDirectory && first.status.size != second.status.size:
        return first.status.size < second.status.size
      case .date where first.status.modified != second.status.modified:
        return first.status.modified < second.status.modified
      case .name: return first.name.bytes.lexicographicallyPrecedes(second.name.bytes)
      case .size, .date: return left.name.bytes.lexicographicallyPrecedes(right.name.bytes)
      }
    }
  }
}
