// SPDX-License-Identifier: GPL-3.0-or-later

import Synchronization

/// The name of an address for messages, which must not make anything wait for long.
package enum ReverseLookup {
  private final class Answer: Sendable {
    let name = Guarded<String?>(nil)
  }

  private static let patience = Duration.seconds(2)

  /// Looks the name of an address up, for two seconds at most; the resolver may take longer in a thread of its own. The
  /// corresponding C function is `gethostbyaddr_r`.
  ///
  /// - Returns: `nil` if it has no name, or none in time.
  package static func name(of address: IPAddress) -> String? {
    let question = HostLookup("\(address)", address.family)
    if let process = LookupProcess.current {
      return (try? process.answer(to: question, until: .after(patience))).flatMap { try? $0?.get().name }
    }
    guard let answered = try? EventCounter() else { return nil }
    let answer = Answer()
    do throws(IOFailure) {
      try Thread.start {
        let name = (try? question.entry())?.name
        answer.name.withLock { $0 = name }
        answered.signal()
      }
      _ = try answered.descriptor.wait(for: .readable, until: .after(patience))
    } catch {
      return nil
    }
    return answer.name.withLock { $0 }
  }
}
