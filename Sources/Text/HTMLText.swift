// SPDX-License-Identifier: GPL-3.0-or-later

/// Text in HTML.
package enum HTMLText {
  /// Escapes the characters with a meaning in an element or in a quoted attribute.
  package static func escape(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
