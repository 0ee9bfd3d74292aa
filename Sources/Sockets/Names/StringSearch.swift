// SPDX-License-Identifier: GPL-3.0-or-later

extension String {
  /// Whether another string is part of this one.
  ///
  /// The method of this kind in `_StringProcessing` brings a megabyte of regular expressions into the program.
  package func includes(_ other: String) -> Bool {
    indices.contains { self[$0...].hasPrefix(other) }
  }
}
