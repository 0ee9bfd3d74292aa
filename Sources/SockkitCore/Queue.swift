// SPDX-License-Identifier: GPL-3.0-or-later

/// First in, first out, each in constant time on average.
package struct Queue<Element> {
  private var elements: [Element?] = []
  private var start = 0

  /// Creates an empty queue.
  package init() {}

  /// How many elements there are.
  package var count: Int { elements.count - start }

  /// Whether there is no element.
  package var isEmpty: Bool { count == 0 }

  /// The element that is taken next.
  package var first: Element? { isEmpty ? nil : elements[start] }

  /// Adds an element at the end.
  package mutating func append(_ element: Element) { elements.append(element) }

  /// Takes the first element.
  package mutating func popFirst() -> Element? {
    guard !isEmpty else { return nil }
    defer {
      elements[start] = nil
      start += 1
      // Half of it is gone: moving the rest costs no more than what was taken since the last time.
      if start > elements.count / 2 {
        elements.removeFirst(start)
        start = 0
      }
    }
    return elements[start]
  }

  /// The element so many places behind the first.
  package subscript(offset: Int) -> Element {
    get {
      guard let element = elements[start + offset] else { preconditionFailure("taken elements are gone") }
      return element
    }
    _modify {
      guard var element = elements[start + offset] else { preconditionFailure("taken elements are gone") }
      elements[start + offset] = nil
      defer { elements[start + offset] = element }
      yield &element
    }
  }
}
