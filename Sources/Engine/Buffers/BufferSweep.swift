// SPDX-License-Identifier: GPL-3.0-or-later

/// The sizes that a sweep requests.
package enum BufferSweep {
  /// The first size, in bytes.
  package static let smallest = 4096

  /// The smallest size doubled up to the maximum, which is the last one.
  package static func sizes(upTo maximum: Int) -> [Int] {
    var sizes: [Int] = []
    var size = smallest
    while size < maximum {
      sizes.append(size)
      size *= 2
    }
    return sizes + [maximum]
  }
}
