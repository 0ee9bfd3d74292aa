// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
package import SystemPackage

/// One direction of a forwarded connection: takes bytes from one socket and puts them into another, in the order in
/// which they came, and never waits.
///
/// A few bytes go through memory that all passages share; a stream goes through a pipe, inside the kernel. Nothing more
/// is taken while the sink has not accepted what was.
package struct Passage {
  /// What a passage cannot go on without.
  package enum Want: Equatable, Sendable {
    /// Something in the source, be it its end.
    case source
    /// Room in the sink.
    case sink
    /// A moment, because of the rate.
    case moment(Deadline)
    /// Another turn.
    case turn
    /// Nothing: all there ever will be has been put into the sink.
    case nothing
  }

  /// What all passages of a loop share.
  package final class Supplies {
    /// Where bytes are for the time of one move.
    fileprivate var scratch = [UInt8](repeating: 0, count: 64 << 10)
    fileprivate let pipes: PipePool
    /// Whether the kernel has refused to move bytes between sockets and pipes.
    fileprivate var isSpliceMissing = false

    /// - Parameter pipes: How many pipes there may be.
    package init(pipes: Int) { self.pipes = PipePool(limit: pipes) }

    /// How many pipes there are.
    package var pipeCount: Int { pipes.count }
  }

  private enum Held {
    case nothing
    case bytes(ArraySlice<UInt8>)
    case inPipe(PipePool.Loan, Int)
  }

  /// Bytes taken from the source.
  package private(set) var taken = 0
  /// What came from the source altogether, in bytes; `nil` once urgent data was met, which is not counted.
  package var received: Int? { hasMetUrgentData ? nil : taken }
  /// Bytes accepted by the sink.
  package private(set) var passed = 0
  /// Whether the source has no more.
  package private(set) var hasEnded = false
  private var held = Held.nothing
  private var isStream = false
  private var hasMetUrgentData = false
  private var pacing: Pacing?

  /// How often is taken from the source before it is another connection's turn.
  private static let mostFills = 16
  /// What comes in so large a piece is part of a stream, for which a pipe is worth it, and in so small a piece not.
  private static let largePiece = 32 << 10
  private static let smallPiece = 8 << 10

  /// - Parameter rate: How many bytes may pass a second; `nil` for as many as will.
  package init(rate: Int? = nil) { pacing = rate.map { Pacing(rate: $0) } }

  /// Moves what can be moved now.
  ///
  /// - Returns: What is wanted to go on.
  /// - Throws: Which end failed, and why.
  package mutating func move(
    from source: FileDescriptor, to sink: FileDescriptor, using supplies: Supplies, at now: Deadline
  ) throws(PassageFailure) -> Want {
    for _ in 0..<Self.mostFills {
      guard try drain(into: sink, supplies) else { return .sink }
      if hasEnded { return .nothing }
      var most = Int.max
      if let pacing {
        most = pacing.allowance(at: now)
        guard most > 0 else { return .moment(pacing.next) }
      }
      guard let (count, isAll) = try fill(from: source, most, passingTo: sink, supplies) else {
        return hasEnded ? .nothing : .source
      }
      taken += count
      pacing?.didSend(count, at: now)
      if isAll {
        guard try drain(into: sink, supplies) else { return .sink }
        return .source
      }
    }
    return try drain(into: sink, supplies) ? .turn : .sink
  }

  /// Takes note that nothing more comes from the source, which has failed; what is held may still be passed on.
  package mutating func endSource() { hasEnded = true }

  /// Forgets what is held: the sink takes no more.
  package mutating func abandon(_ supplies: Supplies) {
    if case .inPipe(let loan, _) = held { supplies.pipes.takeBack(loan, isEmpty: false) }
    held = .nothing
    hasEnded = true
  }

  /// Whether something is held that the sink has not accepted.
  package var isHolding: Bool { if case .nothing = held { false } else { true } }

  // MARK: Taking

  /// Takes once from the source; only while nothing is held.
  ///
  /// - Returns: How many bytes were taken, and whether these are likely all there were; `nil` if there was none.
  private mutating func fill(
    from source: FileDescriptor, _ most: Int, passingTo sink: FileDescriptor, _ supplies: Supplies
  ) throws(PassageFailure) -> (count: Int, isAll: Bool)? {
    if isStream, !supplies.isSpliceMissing, let loan = supplies.pipes.lend(),
      let transfer = try splice(from: source, most, into: loan, supplies)
    {
      if case .moved(let count) = transfer { return (count, count < Self.largePiece) }
      guard Transfer.isBeforeUrgentData(in: source) else {
        _ = take(transfer)
        return nil
      }
      hasMetUrgentData = true
    }
    let size = min(most, supplies.scratch.count)
    let transfer = try Self.receive(from: source, into: &supplies.scratch, atMost: size)
    guard let count = take(transfer) else { return nil }
    isStream = count >= Self.largePiece
    try send(count, to: sink, supplies)
    return (count, count < size)
  }

  private static func receive(
    from source: FileDescriptor, into buffer: inout [UInt8], atMost count: Int
  ) throws(PassageFailure) -> Transfer {
    var space = buffer.mutableSpan
    do { return try .receive(from: source, into: &space, atMost: count) } catch { throw .source(error) }
  }

  /// Takes into a pipe.
  ///
  /// - Returns: `nil` where the kernel does not support it.
  private mutating func splice(
    from source: FileDescriptor, _ most: Int, into loan: PipePool.Loan, _ supplies: Supplies
  ) throws(PassageFailure) -> Transfer? {
    do throws(Errno) {
      let transfer = try Transfer.splice(
        from: source, to: loan.pipe.input, count: min(most, loan.capacity))
      if case .moved(let count) = transfer {
        held = .inPipe(loan, count)
        isStream = count >= Self.smallPiece
      } else {
        supplies.pipes.takeBack(loan, isEmpty: true)
      }
      return transfer
    } catch {
      supplies.pipes.takeBack(loan, isEmpty: true)
      guard error.meansUnsupported else { throw .source(error) }
      supplies.isSpliceMissing = true
      return nil
    }
  }

  private mutating func take(_ transfer: Transfer) -> Int? {
    switch transfer {
    case .moved(let count): return count
    case .endOfStream: hasEnded = true
    case .wouldBlock: break
    }
    return nil
  }

  // MARK: Passing on

  /// Sends what lies in shared memory, and keeps what is not accepted.
  private mutating func send(
    _ count: Int, to sink: FileDescriptor, _ supplies: Supplies
  ) throws(PassageFailure) {
    var sent = 0
    do throws(PassageFailure) {
      if case .moved(let count) = try Self.send(supplies.scratch[..<count], to: sink) { sent = count }
    } catch {
      taken += count
      throw error
    }
    passed += sent
    if sent < count { held = .bytes(ArraySlice(Array(supplies.scratch[sent..<count]))) }
  }

  private static func send(
    _ bytes: ArraySlice<UInt8>, to sink: FileDescriptor
  ) throws(PassageFailure) -> Transfer {
    do { return try .send(to: sink, from: bytes.span) } catch { throw .sink(error) }
  }

  /// Puts what is held into the sink.
  ///
  /// - Returns: Whether nothing is held any more.
  private mutating func drain(
    into sink: FileDescriptor, _ supplies: Supplies
  ) throws(PassageFailure) -> Bool {
    while true {
      switch held {
      case .nothing: return true
      case .bytes(let bytes):
        guard case .moved(let count) = try Self.send(bytes, to: sink) else { return false }
        passed += count
        held = count == bytes.count ? .nothing : .bytes(bytes.dropFirst(count))
      case .inPipe(let loan, let rest):
        do throws(Errno) {
          guard case .moved(let count) = try Transfer.splice(from: loan.pipe.output, to: sink, count: rest)
          else { return false }
          passed += count
          held = count == rest ? .nothing : .inPipe(loan, rest - count)
          if count == rest { supplies.pipes.takeBack(loan, isEmpty: true) }
        } catch {
          guard error.meansUnsupported else { throw .sink(error) }
          supplies.isSpliceMissing = true
          do throws(Errno) {
            held = .bytes(try Transfer.bytes(inPipe: loan.pipe.output, count: rest)[...])
          } catch {
            throw .sink(error)
          }
          supplies.pipes.takeBack(loan, isEmpty: true)
        }
      }
    }
  }
}

/// Which end of a passage failed, and why.
package enum PassageFailure: Error, Equatable {
  /// The source failed.
  case source(Errno)
  /// The sink failed.
  case sink(Errno)
}
