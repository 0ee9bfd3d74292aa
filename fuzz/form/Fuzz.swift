// SPDX-License-Identifier: GPL-3.0-or-later

import FuzzSupport
import HTTP

/// What libFuzzer calls with bytes that it makes up.
///
/// The first byte says into pieces of which size the others are cut; the others are a form with the boundary `b`.
/// A crash is found by itself; this finds parts that depend on the pieces, and parts that are not those of the form.
@_cdecl("LLVMFuzzerTestOneInput")
func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let input = unsafe Array(UnsafeBufferPointer(start: start, count: count))
  guard let selector = input.first else { return 0 }
  let bytes = input.dropFirst()
  let whole = ParsedForm(bytes, in: .whole)
  precondition(whole == ParsedForm(bytes, in: Pieces(selector)), "the parts depend on the pieces of the form")
  let strict = StrictForm(bytes)
  if whole.isRefused {
    precondition(
      strict.contents.starts(with: whole.contents), "a part before the error is not as it is in the form")
  } else {
    precondition(whole.contents == strict.contents, "the parts are not those of the form")
    precondition(whole.isComplete == strict.isComplete, "the end of the form is not where it is")
  }
  return 0
}
