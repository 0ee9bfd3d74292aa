// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

/// The sources of an access list: the command line, and files that may change.
package struct AccessSources: Sendable {
  /// Networks that may connect.
  package var allowed: [Network] = []
  /// Networks that may not connect.
  package var denied: [Network] = []
  /// Files of networks that may connect.
  package var allowedFiles: [String] = []
  /// Files of networks that may not connect.
  package var deniedFiles: [String] = []

  /// Creates sources without networks.
  package init() {}

  /// Whether there are files to read again.
  var areFiles: Bool { !allowedFiles.isEmpty || !deniedFiles.isEmpty }

  /// Reads the current contents of the sources.
  ///
  /// An allow list that turns out to be empty admits no peer: the file was meant to restrict access.
  ///
  /// - Throws: The error of a file.
  func list() throws(Failure) -> AccessList {
    var list = AccessList()
    if !allowed.isEmpty || !allowedFiles.isEmpty {
      list.allowed = NetworkSet(try allowed + Self.networks(in: allowedFiles))
    }
    list.denied = NetworkSet(try denied + Self.networks(in: deniedFiles))
    return list
  }

  private static func networks(in paths: [String]) throws(Failure) -> [Network] {
    var networks: [Network] = []
    for path in paths { networks += try AccessFile(path).networks() }
    return networks
  }
}
