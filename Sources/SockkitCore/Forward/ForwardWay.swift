// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import SystemPackage

/// One direction of a forwarded connection: its passage, and what that waits for.
struct ForwardWay {
  /// What moves the bytes.
  private(set) var passage: Passage
  /// What it cannot go on without.
  private(set) var want = Passage.Want.source
  /// Whether the end was passed on.
  var hasFinished = false

  /// Begins with a passage.
  init(_ passage: Passage) { self.passage = passage }

  /// When it wants to go on because of the rate; `never` if it does not wait for a moment.
  var moment: Deadline { if case .moment(let deadline) = want { deadline } else { .never } }

  /// Moves what can be moved now; also says which end failed, if one did, and whether anything has moved.
  mutating func move(
    from source: FileDescriptor, to sink: FileDescriptor, using supplies: Passage.Supplies, at now: Deadline
  ) -> (failure: PassageFailure?, hasMoved: Bool) {
    let before = (passage.taken, passage.passed)
    var failure: PassageFailure?
    do throws(PassageFailure) {
      want = try passage.move(from: source, to: sink, using: supplies, at: now)
    } catch {
      failure = error
      if case .source = error { passage.endSource() } else { passage.abandon(supplies) }
      want = passage.isHolding ? .sink : .nothing
    }
    return (failure, (passage.taken, passage.passed) != before)
  }

  /// Forgets what is held, and takes nothing more.
  mutating func abandon(_ supplies: Passage.Supplies) {
    passage.abandon(supplies)
    want = .nothing
  }
}
