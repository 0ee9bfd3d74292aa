// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets

/// From the peer to anything through filters: bytes are recorded as they come, and telnet's commands taken out and
/// answered.
struct ReceivingPump: Pump {
  private let source: any ByteSource
  private let sink: any ByteSink
  private let answers: AnswerQueue
  private let recording: Recording?
  private var negotiation: TelnetNegotiation?
  private var buffer = [UInt8](repeating: 0, count: capacity)
  private var held = 0..<0
  private var count = PumpCount()
  private static let capacity = 256 << 10

  /// Connects the peer and a sink.
  init(_ source: any ByteSource, _ sink: any ByteSink, _ filters: TrafficFilters, answers: AnswerQueue) {
    self.source = source
    self.sink = sink
    self.answers = answers
    recording = filters.recording
    negotiation = filters.speaksTelnet ? TelnetNegotiation() : nil
  }

  var isDirect: Bool { false }
  var hasRoom: Bool { held.isEmpty && !answers.isFull }
  var filteredCount: PumpCount? { count }

  /// Reads once, as much as fits, and keeps what is payload; only while nothing is held.
  mutating func fill(atMost _: Int) throws(PumpFailure) -> Transfer {
    let source = source
    let transfer: Transfer
    do {
      var space = buffer.mutableSpan
      transfer = try source.read(into: &space)
    } catch {
      throw .source(error)
    }
    guard case .moved(let number) = transfer else { return transfer }
    var failure: SystemError?
    do { try recording?.record(buffer.span.extracting(first: number), .received) } catch { failure = error }
    // What has come is passed on, though its record is not complete.
    held = 0..<payload(of: number)
    count.taken += held.count
    if let failure { throw .recording(failure) }
    return transfer
  }

  private mutating func payload(of number: Int) -> Int {
    guard var negotiation else { return number }
    var due: [UInt8] = []
    var space = buffer.mutableSpan
    let payload = negotiation.receive(number, of: &space, answers: &due)
    self.negotiation = negotiation
    answers.add(due)
    return payload
  }

  /// Writes once, as much as the sink takes of what is held.
  mutating func drain(atMost limit: Int) throws(PumpFailure) -> Transfer {
    do {
      let transfer = try sink.write(buffer.span.extracting(held.prefix(limit)))
      if case .moved(let number) = transfer {
        held = held.lowerBound + number..<held.upperBound
        count.passed += number
      }
      return transfer
    } catch {
      throw .sink(error)
    }
  }

  /// Itself: there is nothing simpler, and it never asks for it.
  func fallback() -> any Pump { self }
}
