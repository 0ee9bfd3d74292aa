// SPDX-License-Identifier: GPL-3.0-or-later

import Text

/// Protects uploads from the pages of other sites: a browser sends a form of any page to any server.
enum HTTPOrigin {
  /// Whether a request comes from a page of this server, or from no page at all. Browsers say so in `Sec-Fetch-Site` or
  /// `Origin`; other programs send neither.
  static func isOwn(_ fields: HTTPFields) -> Bool {
    if let site = fields.list(.secFetchSite) { return site.equals("same-origin") || site.equals("none") }
    guard let origin = fields.list(.origin) else { return true }
    for scheme in ["http://", "https://"] where origin.starts(with: scheme.utf8) {
      guard let host = fields.single(.host) else { return false }
      return origin.dropFirst(scheme.utf8.count).elementsEqual(host) { $0.lowercased == $1.lowercased }
    }
    return false
  }
}
