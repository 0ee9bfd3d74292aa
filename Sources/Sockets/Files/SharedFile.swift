// SPDX-License-Identifier: GPL-3.0-or-later

package import SystemPackage

/// An open file that several read from, each from an offset of its own; the last one to release it closes it.
package final class SharedFile: Sendable {
  private let descriptor: Descriptor

  /// Takes over an open descriptor, which nothing else may close.
  package init(adopting descriptor: FileDescriptor) {
    self.descriptor = Descriptor(adopting: descriptor.rawValue)
  }

  /// Takes over a descriptor from its owner.
  package init(_ descriptor: consuming Descriptor) { self.descriptor = descriptor }

  /// The descriptor to read from; it must not outlive the file.
  package var number: FileDescriptor { descriptor.number }
}
