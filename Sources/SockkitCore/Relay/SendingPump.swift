// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets

/// From anything to the peer through filters: bytes are converted, paused between lines, answers put in between, and
/// recorded as they leave.
///
/// A piece of what was read is converted and sent before the next, so that an answer waits for one piece at most and
/// is never put inside of what belongs together.
struct SendingPump: Pump {
  private let source: any ByteSource
  private let sink: any ByteSink
  private let answers: AnswerQueue
  private let recording: Recording?
  private let delay: Duration?
  private var conversion: SendingConversion

  private var buffer = [UInt8](repeating: 0, count: capacity)
  /// What is in the buffer and not in a piece yet.
  private var waiting = 0..<0
  private var piece: ConvertedPiece
  private var resumption: Deadline?
  private var hasEnded = false
  private var count = PumpCount()
  private static let capacity = 64 << 10

  /// Connects a source and the peer.
  init(_ source: any ByteSource, _ sink: any ByteSink, _ filters: TrafficFilters, answers: AnswerQueue) {
    self.source = source
    self.sink = sink
    self.answers = answers
    recording = filters.recording
    delay = filters.delay
    conversion = SendingConversion(
      convertsLineEnds: filters.convertsLineEnds, speaksTelnet: filters.speaksTelnet)
    piece = ConvertedPiece(of: 0..<0, before: conversion)
  }

  var isDirect: Bool { false }
  var hasRoom: Bool { waiting.isEmpty && piece.isSent }

  /// What the moves came to; what is owed are answers, and what telnet needs after a last CR.
  var filteredCount: PumpCount? {
    var count = count
    count.owed = answers.count + (hasEnded && conversion.isIncomplete ? 1 : 0) + piece.owed
    return count
  }

  /// The end of the pause after a line, if it is the next line's turn.
  var pauseEnd: Deadline? { piece.isSent && answers.isEmpty && !waiting.isEmpty ? resumption : nil }

  /// Reads once, as much as fits; only while nothing is held.
  mutating func fill(atMost _: Int) throws(PumpFailure) -> Transfer {
    let source = source
    do {
      var space = buffer.mutableSpan
      let transfer = try source.read(into: &space)
      switch transfer {
      case .moved(let number):
        waiting = 0..<number
        count.taken += number
      case .endOfStream: hasEnded = true
      case .wouldBlock: break
      }
      return transfer
    } catch {
      throw .source(error)
    }
  }

  /// Sends once, as much as the peer takes of a piece.
  mutating func drain(atMost limit: Int) throws(PumpFailure) -> Transfer {
    if piece.isSent { beginPiece(atMost: limit) }
    let rest = piece.unsent.prefix(limit)
    let transfer: Transfer
    do { transfer = try sink.write(piece.bytes.span.extracting(rest)) } catch { throw .sink(error) }
    guard case .moved(let number) = transfer else { return transfer }
    let buffer = buffer
    let passed = piece.didSend(number, of: buffer.span)
    count.accepted += number
    count.passed += passed
    if passed > 0 { count.payloadEnd = count.accepted }
    if let delay, piece.isSent, piece.endsLine { resumption = .after(delay) }
    if let recording {
      let sent = rest.prefix(number)
      do { try recording.record(piece.bytes.span.extracting(sent), .sent) } catch { throw .recording(error) }
    }
    return transfer
  }

  private mutating func beginPiece(atMost limit: Int) {
    if !answers.isEmpty || waiting.isEmpty {
      piece = ConvertedPiece(of: 0..<0, before: conversion)
      conversion.complete(into: &piece.bytes)
      answers.move(to: &piece.bytes)
      return
    }
    var end = waiting.lowerBound + min(limit, waiting.count)
    if delay != nil, let line = buffer[waiting.lowerBound..<end].firstIndex(of: ASCII.lineFeed) {
      end = line + 1
    }
    let source = waiting.lowerBound..<end
    waiting = end..<waiting.upperBound
    piece = ConvertedPiece(of: source, before: conversion, reusing: piece.bytes)
    let buffer = buffer
    conversion.convert(buffer.span.extracting(source), into: &piece.bytes)
    piece.endsLine = buffer[end - 1] == ASCII.lineFeed
  }

  /// Itself: there is nothing simpler, and it never asks for it.
  func fallback() -> any Pump { self }
}
