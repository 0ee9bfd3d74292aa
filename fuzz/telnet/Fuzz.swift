// SPDX-License-Identifier: GPL-3.0-or-later

import FuzzSupport
import Transport

/// What libFuzzer calls with bytes that it makes up.
///
/// The first byte says into pieces of which size the others are cut, which a telnet peer sends, and which are also sent
/// as payload. This finds data and answers that depend on the pieces or differ from those of a second reading, answers
/// that would be answered, and payload that does not arrive as it was.
@_cdecl("LLVMFuzzerTestOneInput")
func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let input = unsafe Array(UnsafeBufferPointer(start: start, count: count))
  guard let selector = input.first else { return 0 }
  let (bytes, strict) = (input.dropFirst(), StrictTelnet(input.dropFirst()))
  for pieces in [Pieces.whole, Pieces(selector)] {
    let (data, answers) = receive(bytes, in: pieces)
    precondition(data == strict.data, "the data is not what was sent")
    precondition(answers == strict.answers, "the answers are not those that are due")
    precondition(receive(answers[...], in: .whole) == ([], []), "an answer is answered, or contains data")
    let arrived = StrictTelnet(escape(bytes, in: pieces)[...])
    precondition(arrived.data == Array(bytes), "the payload does not arrive as it was")
    precondition(arrived.answers.isEmpty, "the payload contains commands")
  }
  return 0
}

private func receive(_ bytes: ArraySlice<UInt8>, in pieces: Pieces) -> (data: [UInt8], answers: [UInt8]) {
  var (negotiation, data, answers) = (TelnetNegotiation(), [UInt8](), [UInt8]())
  pieces.cut(bytes) { piece in
    var buffer = piece.indices.map { piece[$0] }
    var span = buffer.mutableSpan
    let count = negotiation.receive(piece.count, of: &span, answers: &answers)
    data += buffer.prefix(count)
  }
  return (data, answers)
}

private func escape(_ bytes: ArraySlice<UInt8>, in pieces: Pieces) -> [UInt8] {
  var (escaping, result) = (TelnetEscaping(), [UInt8]())
  pieces.cut(bytes) { escaping.escape($0, into: &result) }
  if let last = escaping.complete() { result.append(last) }
  return result
}
