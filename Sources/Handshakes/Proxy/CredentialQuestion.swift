// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
import Synchronization

/// The question for credentials, which is asked at most once, and only if a proxy requires them.
package final class CredentialQuestion: Sendable, Equatable {
  private let ask: @Sendable () throws(IOFailure) -> ProxyCredentials
  private let outcome = Guarded<Result<ProxyCredentials, IOFailure>?>(nil)

  /// Prepares a question.
  ///
  /// - Parameter ask: Asks it, and may wait for a person; throws the reason why there is no answer.
  package init(_ ask: @escaping @Sendable () throws(IOFailure) -> ProxyCredentials) { self.ask = ask }

  /// Asks, unless there is an outcome already.
  package func perform() {
    guard outcome.withLock({ $0 == nil }) else { return }
    let result: Result<ProxyCredentials, IOFailure>
    do throws(IOFailure) { result = .success(try ask()) } catch { result = .failure(error) }
    outcome.withLock { $0 = result }
  }

  /// The answer, or the reason why there is none; `nil` until the question has been asked.
  package var answer: Result<ProxyCredentials, IOFailure>? { outcome.withLock { $0 } }

  /// Whether two references are to the same question.
  package static func == (left: CredentialQuestion, right: CredentialQuestion) -> Bool { left === right }
}

/// Where the credentials for a proxy come from.
package enum ProxyCredentialSource: Sendable {
  /// They are known.
  case known(ProxyCredentials)
  /// They are asked for.
  case asked(CredentialQuestion)

  /// The question that has to be asked before there are any; `nil` for none.
  var question: CredentialQuestion? {
    if case .asked(let question) = self, question.answer == nil { question } else { nil }
  }

  /// The credentials.
  ///
  /// - Throws: The reason why a question has no answer; it must have been asked.
  func credentials() throws(IOFailure) -> ProxyCredentials {
    switch self {
    case .known(let credentials): return credentials
    case .asked(let question):
      guard let answer = question.answer else { preconditionFailure("the question was not asked") }
      return try answer.get()
    }
  }
}
