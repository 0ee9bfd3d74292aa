// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import Netcat
import Sockets

/// Reads the values of options.
enum WordCheck {
  /// Stops the program if the words of a command are others than `ncat` finds.
  static func checkCommand(_ bytes: ArraySlice<UInt8>) {
    // No argument has a NUL.
    let line = Array(bytes.prefix { $0 != 0 })
    var (words, word, index) = ([[UInt8]](), [UInt8]?.none, 0)
    while index < line.count {
      let byte = line[index]
      index += 1
      if byte == UInt8(ascii: "\\") {
        word = word ?? []
        guard index < line.count else { break }
        word?.append(line[index])
        index += 1
        guard line[index - 1] != byte else { continue }
        while index < line.count, isspace(CInt(line[index])) != 0 { index += 1 }
      } else if isspace(CInt(byte)) != 0 {
        if let word { words.append(word) }
        word = nil
      } else {
        word = (word ?? []) + [byte]
      }
    }
    if let word { words.append(word) }
    precondition(
      NcatCommand.words(of: ByteText.text(of: line)).map { ByteText.bytes(of: $0) } == words,
      "a command has other words")
  }

  /// Stops the program if a number is another one for the C library.
  ///
  /// - Parameter bytes: The bounds, a byte each, and the number.
  static func checkNumber(_ bytes: ArraySlice<UInt8>) {
    guard bytes.count >= 2, let first = bytes.first, let second = bytes.dropFirst().first else { return }
    let text = bytes.dropFirst(2).prefix { $0 != 0 }
    let least = Int(Int8(bitPattern: min(first, second)))
    let most = max(least, 1 << Int(max(first, second) % 63))
    let characters = text.map { CChar(bitPattern: $0) } + [0]
    let (number, length) = unsafe characters.withUnsafeBufferPointer { characters in
      guard let start = characters.baseAddress else { return (0, 0) }
      var end: UnsafeMutablePointer<CChar>?
      let number = unsafe strtoll(start, &end, 10)
      return unsafe (Int(number), end.map { unsafe UnsafePointer($0) - start } ?? 0)
    }
    let expected: Result<Int, BoundedNumber.Problem> =
      if length == 0 || length != text.count {
        .failure(.invalid)
      } else if number < least {
        .failure(.tooSmall)
      } else {
        number > most ? .failure(.tooLarge) : .success(number)
      }
    let result = Result { () throws(BoundedNumber.Problem) in
      try BoundedNumber.parse(ByteText.text(of: text), in: least...most)
    }
    precondition(result == expected, "a number is another one")
  }

  /// Stops the program if the words of a file of hosts are others.
  static func checkHosts(_ bytes: ArraySlice<UInt8>) {
    var (words, word, isComment) = ([[UInt8]](), [UInt8](), false)
    for byte in bytes + [10] {
      if byte == UInt8(ascii: "#") { isComment = true }
      if isspace(CInt(byte)) != 0 || isComment {
        if !word.isEmpty { words.append(word) }
        word = []
        if byte == 10 { isComment = false }
      } else {
        word.append(byte)
      }
    }
    precondition(
      NcatHosts.words(of: Array(bytes)) == words.map { String(decoding: $0, as: UTF8.self) },
      "a file has other hosts")
  }
}
