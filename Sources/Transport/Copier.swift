// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
import SystemPackage

/// Moves bytes in one direction, from a source to a sink, in order. It never waits, and each move is bounded.
///
/// Bytes that need not be examined stay inside the kernel where it can move them: `sendfile` moves a file to a socket;
/// `splice` moves bytes between a pipe and a socket, and by way of a pipe of our own between a socket and anything
/// else. All other bytes are copied through memory, and so are small pieces, for which a pipe is not worthwhile. While
/// the sink has not accepted the bytes taken, no more are taken.
package final class Copier {
  /// What a copier needs in order to continue.
  package enum Blocker: Equatable {
    /// Bytes or the end of the source.
    case source
    /// Room in the sink.
    case sink
    /// A point in time, because of the rate.
    case moment(Deadline)
    /// Another call of `move`.
    case turn
    /// Nothing: the sink has accepted all bytes, and the source has ended.
    case nothing
  }

  /// The result of one move.
  package struct Step: Equatable {
    /// The payload that was taken from the source, in bytes.
    package var taken = 0
    /// The payload that the sink has accepted, in bytes.
    package var passed = 0
    /// Whether anything was taken, be it payload or not.
    package var hasTaken = false
    /// Whether anything was accepted, be it payload or not.
    package var hasPassed = false
    /// Whether the source has ended.
    package var hasEnded = false
    /// Whether as much was taken as the limit allows.
    package var hasReachedLimit = false
    /// The side that failed after that, if one did.
    package var failure: SideFailure?
  }

  private enum Way {
    case sendfile
    case splice
    /// By `splice` into a pipe of our own and out of it again, while the source delivers large pieces.
    case pipe
    case memory
  }

  private let source: any ByteSource
  private let sink: any ByteSink
  private let resources: CopyResources
  private var way: Way
  /// Whether a source that is opaque now may have bytes later that the kernel can move, as behind a handshake.
  private var mayBecomeTransparent: Bool
  /// The bytes taken and not accepted yet: in memory, or in a pipe.
  private var queue = WriteQueue()
  private var pipe: (loan: PipePool.PooledPipe, count: Int)?
  private var isStream = false

  /// Whether there is a rate, and whether there are filters: most copiers have neither, and skip those checks.
  private let isPaced: Bool
  private let isFiltered: Bool
  private var bucket: TokenBucket?
  private var sending: SendingFilters?
  private var receiving: ReceivingFilters?
  private var coalescing: ReceiveCoalescing?
  private var limit: ReceiveLimit?

  private var isSourceReady: Bool
  /// A sink counts as ready until it refuses bytes, which saves most waits for it, unless writing to it could block.
  private var isSinkReady: Bool
  private var isSinkConfirmed = false
  /// The time by which pauses are judged.
  private var now: Deadline

  /// The payload that was taken from the source, in bytes.
  package private(set) var taken = 0
  private var accepted = 0
  /// The total number of bytes from the source, before filters removed any; `nil` after urgent data, which the kernel
  /// counts and a receive leaves out.
  package private(set) var received: Int? = 0
  /// Whether the source has ended.
  package private(set) var hasEnded = false

  /// A piece of at least this size is part of a stream, for which a pipe is worthwhile; below the smaller size it is
  /// not.
  private static let largePiece = 32 << 10
  private static let smallPiece = 8 << 10

  /// Connects a source and a sink.
  ///
  /// - Parameters:
  ///   - rate: The maximum number of bytes to pass on per second; `nil` for no limit.
  ///   - coalesces: Whether to wait before each take and, while many bytes arrive fast, until more of them have
  ///     arrived.
  ///   - limit: How much is taken at most; `nil` for everything.
  ///   - sending: The filters for bytes to be sent, including their rate; `nil` for none.
  ///   - receiving: The filters for received bytes; `nil` for none.
  package init(
    from source: any ByteSource, to sink: any ByteSink, with resources: CopyResources, rate: Int? = nil,
    coalesces: Bool = false, limit: ReceiveLimit? = nil, sending: SendingFilters? = nil,
    receiving: ReceivingFilters? = nil
  ) {
    self.source = source
    self.sink = sink
    self.resources = resources
    self.sending = sending
    self.receiving = receiving
    let now = Deadline.now
    self.now = now
    isPaced = rate != nil
    isFiltered = sending != nil || receiving != nil
    bucket = rate.map { TokenBucket(rate: $0, from: now) }
    coalescing = coalesces ? ReceiveCoalescing() : nil
    self.limit = limit
    let isForMemory = isFiltered || source.isReadWhole || limit?.countsReceives == true
    way = isForMemory ? .memory : Self.way(from: source.medium, to: sink.medium)
    mayBecomeTransparent = !isForMemory && source.medium == .opaque
    isSourceReady = source.medium == .file
    isSinkReady = !sink.needsWait
  }

  private static func way(from source: DescriptorKind, to sink: DescriptorKind) -> Way {
    switch (source, sink) {
    case (.file, .socket): .sendfile
    case (.pipe, .socket), (.socket, .pipe): .splice
    case (.socket, .file), (.socket, .device), (.socket, .socket): .pipe
    default: .memory
    }
  }

  // MARK: Waiting

  /// The payload that the sink has accepted, in bytes.
  package var passed: Int { isFiltered ? sending?.passed ?? accepted : accepted }

  /// The number of bytes besides the payload that the sink has not accepted yet.
  package var owed: Int { sending?.owed ?? 0 }

  /// The total number of bytes that the sink had accepted when it accepted the last payload; `nil` if it receives only
  /// payload.
  package var payloadEnd: Int? { sending?.payloadEnd }

  /// Whether it holds bytes that the sink has not accepted.
  package var isHolding: Bool { !hasRoom || (isFiltered && sending?.isDue == true) }

  private var hasRoom: Bool {
    pipe == nil && queue.isEmpty && (!isFiltered || sending?.hasRoom ?? true)
  }

  private var isDirect: Bool { way == .sendfile || way == .splice }

  private func mayTake(_ mayFill: Bool) -> Bool {
    mayFill && !hasEnded && hasRoom && (!isFiltered || receiving?.hasRoom ?? true)
  }

  /// Whether bytes could move now, as far as is known without waiting.
  package func canMove(mayFill: Bool = true, mayDrain: Bool = true) -> Bool {
    canFill(mayFill) || (mayDrain && canDrain)
  }

  private func canFill(_ mayFill: Bool) -> Bool {
    mayTake(mayFill) && canTake && !isPausing && (!isDirect || isSinkReady)
  }

  private var canTake: Bool { isSourceReady || source.hasBufferedInput }

  private var canDrain: Bool { isHolding && isSinkReady && filterPause <= now }

  /// When the filters release the next bytes.
  private var filterPause: Deadline {
    isFiltered ? sending?.pauseEnd(hasPayload: !queue.isEmpty) ?? now : now
  }

  private var isPausing: Bool { isPaced && bucket.map { $0.next > now } ?? false }

  /// Whether bytes could be passed on and only a requested limit holds them back.
  package func isHeldBack(mayFill: Bool = true, mayDrain: Bool = true) -> Bool {
    (mayDrain && isHolding && filterPause > now) || (isPausing && mayTake(mayFill) && canTake)
  }

  /// What must become ready before bytes can move.
  package func wait(mayFill: Bool = true, mayDrain: Bool = true) -> (source: Bool, sink: Bool) {
    let awaitsSource = mayTake(mayFill) && !canTake
    if awaitsSource { coalescing?.willWait() }
    let wantsSink = (mayDrain && isHolding) || (isDirect && mayTake(mayFill) && canTake)
    return (awaitsSource, wantsSink && !isSinkReady)
  }

  /// When a pause ends, or coalesced bytes are taken.
  package var nextLook: Deadline {
    var next = coalescing?.deadline ?? .never
    if isPausing, let bucket { next = min(next, bucket.next) }
    if isHolding, filterPause > now { next = min(next, filterPause) }
    return next
  }

  /// The reason why it cannot continue.
  package var blocker: Blocker {
    if isHolding { return isSinkReady ? .turn : .sink }
    if hasEnded { return .nothing }
    if !canTake { return .source }
    if isPausing, let bucket { return .moment(bucket.next) }
    return isDirect && !isSinkReady ? .sink : .turn
  }

  /// Notes what a wait found ready.
  package func note(source: Bool, sink: Bool) {
    if !isSourceReady, source {
      isSourceReady = true
      coalescing?.didWait()
    }
    if !isSinkReady, sink {
      isSinkReady = true
      isSinkConfirmed = true
    }
  }

  /// Notes the current time.
  package func note(_ now: Deadline) {
    self.now = now
    if coalescing?.isDue(at: now) == true { isSourceReady = true }
  }

  // MARK: Moving

  /// Moves bytes as far as they go at once.
  ///
  /// - Parameters:
  ///   - mayFill: Whether bytes may be taken from the source.
  ///   - mayDrain: Whether bytes that were taken before may be passed on.
  ///   - fills: The maximum number of takes from the source.
  package func move(mayFill: Bool = true, mayDrain: Bool = true, fills: Int = 1) -> Step {
    var step = Step()
    let before = (taken, passed)
    do throws(SideFailure) {
      if mayDrain { try drain(&step) }
      var left = fills
      while left > 0, canFill(mayFill) {
        left -= 1
        try fill(&step)
        try drain(&step)
      }
    } catch {
      step.failure = error
    }
    (step.taken, step.passed) = (taken - before.0, passed - before.1)
    return step
  }

  /// Notes that the source has failed and delivers nothing more; held bytes may still be passed on.
  package func endSource() { hasEnded = true }

  /// Drops held bytes, and takes nothing more: the sink has failed.
  package func abandon() {
    if let pipe { resources.pipes.takeBack(pipe.loan, isEmpty: false) }
    pipe = nil
    queue.removeAll()
    accepted = passed
    sending = nil
    hasEnded = true
  }

  // MARK: Taking

  private func fill(_ step: inout Step) throws(SideFailure) {
    let paced = isPaced ? bucket.map { max(1, $0.allowance(at: now)) } ?? .max : .max
    let limit = min(paced, self.limit?.mostAtOnce ?? .max)
    let wasDirect = isDirect
    let (transfer, isAll) = try take(atMost: limit, &step)
    switch transfer {
    case .moved(let count):
      received = received.map { $0 + count }
      step.hasTaken = true
      isSinkConfirmed = false
      if isPaced { bucket?.didSend(count, at: now) }
      if self.limit != nil { noteLimit(count, &step) }
      didTake(count, isAll: isAll)
    case .endOfStream:
      hasEnded = true
      step.hasEnded = true
      sending?.end()
    case .wouldBlock:
      // On a direct path the sink may be the one that blocks, unless a wait has just found it ready.
      if wasDirect, isDirect, !isSinkConfirmed { isSinkReady = false } else { didTake(0, isAll: true) }
      isSinkConfirmed = false
    }
  }

  private func noteLimit(_ count: Int, _ step: inout Step) {
    limit?.didReceive(count)
    guard limit?.isReached == true else { return }
    hasEnded = true
    step.hasReachedLimit = true
  }

  /// A source that was read must be waited for again, except a file, which is always ready.
  private func didTake(_ count: Int, isAll: Bool) {
    isSourceReady = source.medium == .file || (!isAll && coalescing == nil)
    guard source.medium == .socket, coalescing?.didTake(count) == true else { return }
    source.gather(coalescing?.isOn == true ? ReceiveCoalescing.amount : 1)
  }

  /// - Returns: The transfer, and whether it probably took everything available.
  private func take(atMost limit: Int, _ step: inout Step) throws(SideFailure) -> (
    Transfer, isAll: Bool
  ) {
    if mayBecomeTransparent, source.medium != .opaque {
      mayBecomeTransparent = false
      way = Self.way(from: source.medium, to: sink.medium)
    }
    let transfer: Transfer?
    switch way {
    case .sendfile: transfer = try sendfile(atMost: limit)
    case .splice: transfer = try splice(atMost: limit)
    case .pipe: transfer = try isStream ? spliceIntoPipe(atMost: limit) : nil
    case .memory: transfer = nil
    }
    guard let transfer else { return try takeIntoMemory(atMost: limit, &step) }
    guard case .moved(let count) = transfer else { return (transfer, true) }
    taken += count
    if isDirect {
      accepted += count
      step.hasPassed = true
    }
    return (transfer, count < min(Self.largePiece, limit))
  }

  /// - Returns: `nil` if the kernel does not support it, as for some files in `/proc`.
  private func sendfile(atMost limit: Int) throws(SideFailure) -> Transfer? {
    let limit = min(resources.fileBudget, limit)
    do throws(Errno) {
      guard let range = source.fileRange else {
        return try .sendfile(from: source.descriptor, to: sink.descriptor, count: limit)
      }
      guard !range.isEmpty else { return .endOfStream }
      let transfer = try Transfer.sendfile(
        from: source.descriptor, at: range.lowerBound, to: sink.descriptor, count: min(limit, range.count))
      if case .moved(let count) = transfer { source.skip(count) }
      return transfer
    } catch {
      if error.meansUnsupported || error == .isDirectory { return useMemory() }
      throw error.isOfConnection ? .sink(sink.writeError(error)) : .source(source.readError(error))
    }
  }

  private func splice(atMost limit: Int) throws(SideFailure) -> Transfer? {
    do throws(Errno) {
      return try checked(
        .splice(from: source.descriptor, to: sink.descriptor, count: min(Pipe.preferredCapacity, limit)))
    } catch {
      if error.meansUnsupported { return useMemory() }
      throw isSinkToBlame(for: error) ? .sink(sink.writeError(error)) : .source(source.readError(error))
    }
  }

  /// A read of a socket can report `EPIPE` too, after a reset that followed the peer's FIN.
  private func isSinkToBlame(for code: Errno) -> Bool {
    guard source.medium == .socket else { return true }
    guard code == .brokenPipe else { return false }
    return (try? sink.descriptor.wait(for: [], until: .now)).map { !$0.isEmpty } ?? false
  }

  private func spliceIntoPipe(atMost limit: Int) throws(SideFailure) -> Transfer? {
    guard let loan = resources.pipes.lend() else { return nil }
    do throws(Errno) {
      let transfer = try checked(
        .splice(from: source.descriptor, to: loan.pipe.input, count: min(limit, loan.capacity)))
      if case .moved(let count) = transfer {
        pipe = (loan, count)
        isStream = count >= Self.smallPiece
      } else {
        resources.pipes.takeBack(loan, isEmpty: true)
      }
      return transfer
    } catch {
      resources.pipes.takeBack(loan, isEmpty: true)
      if error.meansUnsupported { return useMemory() }
      throw .source(source.readError(error))
    }
  }

  /// Before urgent data `splice` reports that nothing is available or that the stream has ended; a receive continues
  /// after it.
  ///
  /// - Returns: `nil` in that case.
  private func checked(_ transfer: Transfer) -> Transfer? {
    if case .moved = transfer { return transfer }
    guard source.medium == .socket, Transfer.isBeforeUrgentData(in: source.descriptor) else {
      return transfer
    }
    received = nil
    return useMemory()
  }

  private func useMemory() -> Transfer? {
    way = .memory
    return nil
  }

  private func takeIntoMemory(
    atMost limit: Int, _ step: inout Step
  ) throws(SideFailure) -> (Transfer, isAll: Bool) {
    // A message larger than the rate allows is compensated by the pause that follows.
    let size = source.isReadWhole ? resources.scratch.count : min(limit, resources.scratch.count)
    let transfer: Transfer
    do throws(IOFailure) {
      transfer = try resources.read(from: source, atMost: size)
    } catch {
      throw .source(error)
    }
    guard case .moved(let number) = transfer else { return (transfer, true) }
    isStream = number >= Self.largePiece
    let count = try filterReceived(number)
    taken += count
    guard !isFiltered || sending == nil, isSinkReady else {
      queue.append(Array(resources.scratch[..<count]))
      return (transfer, number < size)
    }
    if count > 0 { try pass(count, &step) }
    return (transfer, number < size)
  }

  /// - Returns: The number of payload bytes, which are at the start of the scratch memory.
  private func filterReceived(_ number: Int) throws(SideFailure) -> Int {
    guard isFiltered, var filters = receiving else { return number }
    let (payload, failure) = resources.withScratch { filters.receive(number, of: &$0) }
    receiving = filters
    guard let failure else { return payload }
    // The received bytes are passed on, although their recording is incomplete.
    taken += payload
    queue.append(Array(resources.scratch[..<payload]))
    throw .recording(failure)
  }

  // MARK: Passing on

  /// Passes on the bytes in scratch memory, and keeps those that are not accepted.
  private func pass(_ count: Int, _ step: inout Step) throws(SideFailure) {
    var written = 0
    let scratch = resources.scratch
    if case .moved(let number) = try write(scratch.span.extracting(first: count), &step) { written = number }
    if written < count { queue.append(Array(scratch[written..<count])) }
  }

  private func write(_ bytes: Span<UInt8>, _ step: inout Step) throws(SideFailure) -> Transfer {
    let transfer: Transfer
    do { transfer = try sink.write(bytes) } catch { throw .sink(error) }
    isSinkConfirmed = false
    isSinkReady = transfer != .wouldBlock && !sink.needsWait
    if case .moved(let count) = transfer {
      accepted += count
      step.hasPassed = true
    }
    return transfer
  }

  private func drain(_ step: inout Step) throws(SideFailure) {
    while canDrain {
      if isFiltered, sending != nil {
        try drainFiltered(&step)
      } else if let pipe {
        try drain(pipe.loan, pipe.count, &step)
      } else {
        try drainQueue(&step)
      }
    }
  }

  private func drainQueue(_ step: inout Step) throws(SideFailure) {
    _ = try queue.offer { (bytes) throws(SideFailure) in
      if case .moved(let count) = try write(bytes, &step) { count } else { 0 }
    }
  }

  private func drain(_ loan: PipePool.PooledPipe, _ count: Int, _ step: inout Step) throws(SideFailure) {
    do throws(Errno) {
      guard
        case .moved(let moved) = try Transfer.splice(
          from: loan.pipe.output, to: sink.descriptor, count: count)
      else {
        isSinkReady = false
        return
      }
      accepted += moved
      step.hasPassed = true
      if moved < count {
        pipe = (loan, count - moved)
      } else {
        pipe = nil
        resources.pipes.takeBack(loan, isEmpty: true)
      }
    } catch {
      guard error.meansUnsupported else { throw .sink(sink.writeError(error)) }
      _ = useMemory()
      let bytes: [UInt8]
      do { bytes = try Transfer.bytes(inPipe: loan.pipe.output, count: count) } catch {
        throw .source(IOFailure(.read("a pipe"), error))
      }
      queue.append(bytes)
      pipe = nil
      resources.pipes.takeBack(loan, isEmpty: true)
    }
  }

  private func drainFiltered(_ step: inout Step) throws(SideFailure) {
    _ = sending?.begin(from: &queue, at: now)
    guard try sending?.send(to: sink, at: now) == true else {
      isSinkReady = false
      return
    }
    step.hasPassed = true
    isSinkReady = !sink.needsWait
  }
}
