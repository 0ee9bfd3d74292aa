// SPDX-License-Identifier: GPL-3.0-or-later

/// What libFuzzer calls with bytes that it makes up.
///
/// The first byte says what the others are: an OCSP response, or a certificate. This finds a response that is believed
/// although the authority has not signed it, what a second reading reads otherwise, and memory that is not released.
@_cdecl("LLVMFuzzerTestOneInput")
func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  LibraryMemory.startCounting()
  let input = unsafe Array(UnsafeBufferPointer(start: start, count: count))
  guard let selector = input.first else { return 0 }
  let bytes = Array(input.dropFirst())
  let check = selector % 2 == 0 ? ResponseCheck.check : CertificateCheck.check
  let before = unsafe LibraryMemory.held
  check(bytes)
  guard unsafe LibraryMemory.held != before else { return 0 }
  // What the library keeps for further use, it keeps only once.
  check(bytes)
  let again = unsafe LibraryMemory.held
  check(bytes)
  unsafe precondition(LibraryMemory.held == again, "memory of the library is not released")
  return 0
}
