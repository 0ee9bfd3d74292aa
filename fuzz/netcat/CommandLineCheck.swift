// SPDX-License-Identifier: GPL-3.0-or-later

import GetOpt
import Glibc
import Netcat
import Sockets

/// Takes command lines of a program apart.
struct CommandLineCheck: Sendable {
  /// The program of OpenBSD.
  static let nc = CommandLineCheck("nc", NetcatOptions.syntax)
  /// The program of nmap.
  static let ncat = CommandLineCheck("ncat", NcatOption.all.map(\.syntax))

  private let program: String
  /// The options by their places in the table.
  private let syntax: [OptionSyntax<Int>]
  /// The same for the C library.
  private let options: [UInt8]

  private init<Name>(_ program: String, _ syntax: [OptionSyntax<Name>]) {
    self.program = program
    self.syntax = syntax.enumerated().map { index, option in
      OptionSyntax(
        index, option.letter, option.long, takesValue: option.takesValue, setsVariable: option.setsVariable)
    }
    options = syntax.flatMap { option in
      let letter = option.letter.map { String($0) } ?? " "
      return "\(letter)\(option.takesValue ? ":" : option.setsVariable ? "=" : " ")\(option.long ?? "")\0"
        .utf8
    }
  }

  /// Stops the program if the C library reads a command line otherwise.
  ///
  /// - Parameter bytes: The words; a NUL separates them.
  func check(_ bytes: ArraySlice<UInt8>) {
    let words = bytes.split(separator: 0, omittingEmptySubsequences: false).map { ByteText.text(of: $0) }
    precondition(
      transcript(of: words) == libraryTranscript(of: bytes + [0]), "the C library reads the options otherwise"
    )
    do throws(ProgramMessage) {
      _ = try FrontEnds.make(path: program, words)
    } catch {
      precondition(!error.lines.isEmpty, "a command line is refused without a reason")
      precondition(error.isOutput || error.status == 0 || !error.lines[0].isEmpty, "a reason is empty")
    }
  }

  /// In the form of `getopt_transcript`.
  private func transcript(of words: [String]) -> [UInt8] {
    var (scanner, result) = (OptionScanner(words, syntax), [UInt8]())
    do throws(OptionError) {
      while let option = try scanner.next() {
        result += "o\(option.name)=".utf8 + ByteText.bytes(of: option.value) + [0]
      }
      for operand in scanner.operands { result += "w".utf8 + ByteText.bytes(of: operand) + [0] }
    } catch {
      var message = ByteText.bytes(of: "ep: \(error)")
      // The C library shows only the first byte of a character.
      if case .invalidLetter(let letter) = error {
        message = "ep: invalid option -- '".utf8 + [ByteText.bytes(of: String(letter))[0]] + "'".utf8
      }
      result += message + [0]
    }
    return result
  }

  private func libraryTranscript(of words: ArraySlice<UInt8>) -> [UInt8] {
    let (words, syntax) = (words.map { CChar(bitPattern: $0) }, options.map { CChar(bitPattern: $0) })
    var length = 0
    guard let text = unsafe getopt_transcript(words, words.count, syntax, syntax.count, &length) else {
      fatalError("no memory")
    }
    defer { unsafe free(text) }
    return unsafe Array(UnsafeRawBufferPointer(start: text, count: length))
  }
}
