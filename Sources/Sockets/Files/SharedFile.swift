// SPDX-License-Identifier: GPL-3.0-or-later

package import SystemPackage

/// An open file that several readers share, each with its own offset; closed when the last of them releases it.
package final class SharedFile: Sendable {
  private let owned: Descriptor

  /// Takes ownership of an open descriptor, which nothing else may close.
  package init(adopting descriptor: FileDescriptor) {
    owned = Descriptor(adopting: descriptor.rawValue)
  }

  /// Takes ownership of a descriptor.
  package init(_ descriptor: consuming Descriptor) { owned = descriptor }

  /// The descriptor to read from; it must not outlive the file.
  package var descriptor: FileDescriptor { owned.number }
}
