// SPDX-License-Identifier: GPL-3.0-or-later

/// Files that new connections depend on, such as a certificate, and that SIGHUP reloads.
package struct ReloadedFiles: Sendable {
  /// Their paths.
  package let paths: [String]
  /// The paths of files that are opened for writing then.
  package let written: [String]
  /// Reloads them, and returns the event of that.
  package let reload: @Sendable () -> ServerEvent

  /// Creates files.
  package init(_ paths: [String], written: [String] = [], reload: @escaping @Sendable () -> ServerEvent) {
    self.paths = paths
    self.written = written
    self.reload = reload
  }
}
