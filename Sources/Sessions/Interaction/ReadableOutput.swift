// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Sockets
import SystemPackage
import Text
import Transport

/// Standard output as a sink that makes text safe to display, if no line is edited; in a chat its lines are labelled.
final class ReadableOutput: ByteSink, ProgressObserver {
  /// The label of each line of the peer in a chat.
  static let chatLabel = "[peer] "
  /// The colour of that label, if colours are used.
  static let chatLabelColor = TextColor.cyan
  private static let pieceSize = 64 << 10

  private let stream: StandardStream
  private let isChat: Bool
  private var text: ScreenText
  /// Converted text that was not written yet, and the number of bytes that it was converted from.
  private var pending: [UInt8] = []
  private var taken = 0
  /// The time at which a line of a chat is ended although no newline has arrived.
  private(set) var nextLook = Deadline.never

  /// Takes ownership of standard output.
  init(_ stream: StandardStream, isChat: Bool, usesColor: Bool) {
    self.stream = stream
    self.isChat = isChat
    text = ScreenText(
      label: isChat ? Self.chatLabel : "", labelColor: usesColor ? Self.chatLabelColor : nil)
  }

  /// Not the kind of the stream: the kernel cannot convert bytes into text.
  var medium: DescriptorKind { .opaque }
  var descriptor: FileDescriptor { stream.descriptor }
  var needsWait: Bool { stream.needsWait }

  /// Takes bytes; they count as written once all text converted from them is written.
  func write(_ buffer: Span<UInt8>) throws(IOFailure) -> Transfer {
    if taken == 0 {
      let piece = buffer.extracting(first: Self.pieceSize)
      taken = piece.count
      pending += (text.take(piece) + text.takeUnfinished()).utf8
      // If a program reads the output, it gets the lines as the peer ended them.
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
    // If it cannot be written now, it is written with the next text.
    if !pending.isEmpty, descriptor.takesBytes(within: .zero) { _ = try? drain() }
  }

  /// Writes as much of the pending text as possible.
  ///
  /// - Returns: Whether anything was written.
  private func drain() throws(IOFailure) -> Bool {
    let bytes = pending
    guard case .moved(let count) = try stream.write(bytes.span) else { return false }
    pending.removeFirst(count)
    return true
  }

  /// Ends the last line and closes standard output.
  func finish() throws(IOFailure) -> Finish {
    end()
    while !pending.isEmpty {
      // A negative time means no limit.
      ProcessSignals.interruptibly(writingTo: descriptor) { _ = descriptor.takesBytes(within: .seconds(-1)) }
      _ = try drain()
    }
    try stream.close()
    return .done
  }

  /// Shows unfinished text, and in a chat ends the last line, if that is possible at once.
  func end() {
    text.finish()
    guard text.isMidLine, taken == 0 else { return }
    pending += Array((text.takeUnfinished() + (isChat ? "\n" : "")).utf8)
    text.breakLine()
    // Otherwise the relay was aborted, or `finish` writes the rest.
    if !needsWait || descriptor.takesBytes(within: .zero) { _ = try? drain() }
  }

  /// A failure to write standard output.
  func writeError(_ code: Errno) -> IOFailure { stream.writeError(code) }
}
