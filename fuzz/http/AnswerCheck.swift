// SPDX-License-Identifier: GPL-3.0-or-later

/// Reads what was sent and what was answered side by side.
enum AnswerCheck {
  /// The status of a request that is not complete, for which the client is told to go on.
  private static let goOn = 100
  /// The answer to HEAD has no body, and neither has this.
  private static let notModified = 304

  /// Stops the program if the answers are not one each for the requests, in order, or if anything but an error is
  /// the answer to a request that breaks the rules or is not complete.
  static func check(_ answer: [UInt8], to input: ArraySlice<UInt8>) {
    var (requests, answers) = (input, answer[...])
    while !answers.isEmpty {
      var head = ResponseHead(from: &answers)
      if head.status == goOn { head = ResponseHead(from: &answers) }
      precondition(head.status >= 200, "a second answer that is not the last one")
      let line = requests.starts(with: "\r\n".utf8) ? requests.dropFirst(2) : requests
      let isHead = line.starts(with: "HEAD ".utf8)
      let length = isHead || head.status == notModified ? 0 : head.length
      precondition(length <= answers.count, "the body of a response is shorter than announced")
      answers = answers.dropFirst(length)
      if (try? StrictRequest(from: &requests)) == nil {
        precondition(head.status >= 400, "a request that breaks the rules is granted")
        precondition(head.closes, "a connection goes on after a request whose end nobody knows")
      }
      guard head.closes else { continue }
      precondition(answers.isEmpty, "something is said after the connection was to be closed")
      return
    }
    precondition(requests.isEmpty || requests.elementsEqual("\r\n".utf8), "a request has no answer")
  }
}
