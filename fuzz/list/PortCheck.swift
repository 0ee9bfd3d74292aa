// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Sockets

/// Reads lists of ports.
enum PortCheck {
  private struct UnknownService: Error {}

  private static let services: [String: UInt16] = ["http": 80, "x11-1": 6001, "3com": 106]

  /// Stops the program if a list has other ports than it says.
  static func check(_ bytes: ArraySlice<UInt8>) {
    let text = ByteText.text(of: bytes)
    let expected = ports(of: bytes) { services[$0] }
    let list = try? PortList(text) { name in
      guard let port = services[name] else { throw UnknownService() }
      return port
    }
    precondition(list?.ports == expected, "a list has other ports than it says, or is none")
    if let list, list.ports.count > 1 {
      precondition(PortList.isSeveral(text), "several ports seem to be one")
    }
  }

  /// The ports in ascending order; `nil` if the bytes are no list.
  ///
  /// - Parameter service: Finds the port of a service.
  static func ports(of bytes: ArraySlice<UInt8>, service: (String) -> UInt16?) -> [UInt16]? {
    var ranges: [ClosedRange<Int>] = []
    for item in bytes.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
      guard !item.isEmpty else { return nil }
      guard item.allSatisfy({ (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-") }) else {
        guard let port = service(ByteText.text(of: item)) else { return nil }
        ranges.append(Int(port)...Int(port))
        continue
      }
      let ends = item.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false).map(port)
      guard ends.count <= 2, let first = ends[0], let last = ends[ends.count - 1], first <= last else {
        return nil
      }
      ranges.append(first...last)
    }
    var isListed = [Bool](repeating: false, count: (ranges.map(\.upperBound).max() ?? 0) + 1)
    for range in ranges {
      for port in range { isListed[port] = true }
    }
    return isListed.indices.filter { isListed[$0] }.map { UInt16($0) }
  }

  private static func port(_ text: ArraySlice<UInt8>) -> Int? {
    StrictNumber.value(text).flatMap { (1...65_535).contains($0) ? $0 : nil }
  }
}
