// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

/// Where an access list comes from: the command line, and files that may change.
package struct AccessSources: Sendable {
  /// Networks that may connect.
  package var allowed: [Network] = []
  /// Networks that may not.
  package var denied: [Network] = []
  /// Files of networks that may connect.
  package var allowedFiles: [String] = []
  /// Files of networks that may not.
  package var deniedFiles: [String] = []

  /// Creates sources without networks.
  package init() {}

  /// Whether there are files to read again.
  var areFiles: Bool { !allowedFiles.isEmpty || !deniedFiles.isEmpty }

  /// Makes a list of what the sources say now.
  ///
  /// A list of networks that may connect admits no peer if it turns out to be empty: the file was meant to restrict.
  ///
  /// - Throws: What is wrong with a file.
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
