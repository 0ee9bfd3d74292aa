// SPDX-License-Identifier: GPL-3.0-or-later

import Synchronization

/// The output of a program on one of its streams, collected while it runs; a test can wait for parts of it.
final class CapturedStream: Sendable {
  private struct Waiter {
    let isSatisfied: @Sendable ([UInt8]) -> Bool
    let continuation: CheckedContinuation<Bool, Never>
  }

  private struct State {
    var bytes: [UInt8] = []
    var hasEnded = false
    var waiters: [Waiter] = []
  }

  private let state = Mutex(State())

  /// All bytes so far.
  var bytes: [UInt8] { state.withLock { $0.bytes } }

  /// Appends bytes from the program.
  func append(_ bytes: [UInt8]) {
    let satisfied = state.withLock { state in
      state.bytes += bytes
      let all = state.bytes
      let satisfied = state.waiters.filter { $0.isSatisfied(all) }
      state.waiters.removeAll { $0.isSatisfied(all) }
      return satisfied
    }
    satisfied.forEach { $0.continuation.resume(returning: true) }
  }

  /// Notes that the program has closed the stream.
  func end() {
    let waiters = state.withLock { state in
      state.hasEnded = true
      defer { state.waiters = [] }
      return state.waiters
    }
    waiters.forEach { $0.continuation.resume(returning: false) }
  }

  /// Waits until a condition on everything written holds; `false` if the stream ends before.
  func wait(until isSatisfied: @escaping @Sendable ([UInt8]) -> Bool) async -> Bool {
    await withCheckedContinuation { continuation in
      let answer: Bool? = state.withLock { state in
        if isSatisfied(state.bytes) { return true }
        if state.hasEnded { return false }
        state.waiters.append(Waiter(isSatisfied: isSatisfied, continuation: continuation))
        return nil
      }
      if let answer { continuation.resume(returning: answer) }
    }
  }

  /// Waits for a complete line that contains a text; `nil` if the stream ends without one.
  func line(containing text: String, number: Int = 1) async -> String? {
    _ = await wait { Self.line(of: $0, containing: text, number) != nil }
    return Self.line(of: bytes, containing: text, number)
  }

  /// Waits for the end of the stream.
  func waitForEnd() async { _ = await wait { _ in false } }

  private static func line(of bytes: [UInt8], containing text: String, _ number: Int) -> String? {
    guard let end = bytes.lastIndex(of: UInt8(ascii: "\n")) else { return nil }
    let lines = bytes[..<end].split(separator: UInt8(ascii: "\n"))
    let found = lines.lazy.map { String(decoding: $0, as: UTF8.self) }.filter { $0.contains(text) }
    return found.dropFirst(number - 1).first
  }
}
