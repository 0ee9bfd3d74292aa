// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Sockets
import SystemPackage
import Text
import Transport

/// Standard output as a sink for text that is made safe to look at, where no line is edited; in a chat its lines are
/// labelled.
final class ReadableOutput: ByteSink, ProgressObserver {
  /// What each line of the peer begins with in a chat.
  static let chatLabel = "[peer] "
  private static let pieceSize = 64 << 10

  private let stream: StandardStream
  private let isChat: Bool
  private var text: ScreenText
  /// What was made of bytes and not written yet, and how many bytes it was made of.
  private var pending: [UInt8] = []
  private var taken = 0
  /// When a line of a chat is ended though no newline has come.
  private(set) var nextLook = Deadline.never

  /// Takes over standard output.
  init(_ stream: StandardStream, isChat: Bool) {
    self.stream = stream
    self.isChat = isChat
    text = ScreenText(label: isChat ? Self.chatLabel : "")
  }

  /// Not that of the stream: the kernel cannot make text of bytes.
  var medium: DescriptorKind { .opaque }
  var number: FileDescriptor { stream.number }
  var needsWait: Bool { stream.needsWait }

  /// Takes bytes; they count as written once everything that was made of them is.
  func write(_ buffer: Span<UInt8>) throws(SystemError) -> Transfer {
    if taken == 0 {
      let piece = buffer.extracting(first: Self.pieceSize)
      taken = piece.count
      pending += (text.take(piece) + text.takeUnfinished()).utf8
      // What is read by a program keeps the lines of the peer.
      if isChat, stream.medium == .terminal {
        nextLook = text.isMidLine ? .after(ChatLines.patience) : .never
      }
    }
    while !pending.isEmpty {
      guard try drain(), pending.isEmpty || !needsWait else { return .wouldBlock }
    }
    defer { taken = 0 }
    return .moved(taken)
  }

  /// Ends the last line of a chat.
  func look(sent: TransferCounters, received: TransferCounters) {
    nextLook = .never
    pending += text.takeLine().utf8
    // If it cannot be written now, it is with what comes next.
    if !pending.isEmpty, number.takesBytes(within: .zero) { _ = try? drain() }
  }

  /// Writes what fits of what is pending.
  ///
  /// - Returns: Whether anything did.
  private func drain() throws(SystemError) -> Bool {
    let bytes = pending
    guard case .moved(let count) = try stream.write(bytes.span) else { return false }
    pending.removeFirst(count)
    return true
  }

  /// Ends the last line and closes standard output.
  func finish() throws(SystemError) -> Finish {
    end()
    while !pending.isEmpty {
      // A negative time is one without end.
      ProcessSignals.interruptibly(writingTo: number) { _ = number.takesBytes(within: .seconds(-1)) }
      _ = try drain()
    }
    try stream.close()
    return .done
  }

  /// Shows what is incomplete, and in a chat ends the last line, if that can be done at once.
  func end() {
    text.finish()
    guard text.isMidLine, taken == 0 else { return }
    pending += Array((text.takeUnfinished() + (isChat ? "\n" : "")).utf8)
    text.breakLine()
    // If not, the relay was broken off, or `finish` goes on with it.
    if !needsWait || number.takesBytes(within: .zero) { _ = try? drain() }
  }

  /// A failure to write standard output.
  func writeError(_ code: Errno) -> SystemError { stream.writeError(code) }
}
