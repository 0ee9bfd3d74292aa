// SPDX-License-Identifier: GPL-3.0-or-later

@unsafe @preconcurrency import CReadline
import Glibc

/// Reads the keyboard, one character at a time.
///
/// Readline drops the first byte of a UTF-8 character if the rest of the character does not follow. Such bytes bypass
/// readline and are inserted into the line here.
enum Keyboard {
  /// The bytes of a character that readline has not taken yet. Accessed on the main thread only.
  nonisolated(unsafe) private static var character: [UInt8] = []
  nonisolated(unsafe) private static var isUTF8 = false

  /// The maximum time for the rest of a character, in milliseconds: a terminal sends all of it at once.
  private static let patience: CInt = 100
  /// In these states of readline, a key is not text.
  private static let commandStates =
    RL_STATE_METANEXT | RL_STATE_MOREINPUT | RL_STATE_ISEARCH | RL_STATE_NSEARCH | RL_STATE_NUMERICARG
    | RL_STATE_MULTIKEY | RL_STATE_VIMOTION | RL_STATE_CHARSEARCH

  /// Makes readline take its keys from here, once the locale is set.
  static func install() {
    unsafe isUTF8 = strcmp(nl_langinfo(nl_item(CODESET)), "UTF-8") == 0
    // Otherwise readline would itself read ahead while text is typed ahead.
    _rl_optimize_typeahead = 0
    unsafe rl_getc_function = { stream in
      unsafe Keyboard.character.isEmpty ? rl_getc(stream) : CInt(Keyboard.character.removeFirst())
    }
  }

  /// Reads a character, and passes it to readline or inserts it into the line.
  static func attend() {
    guard let byte = read() else {
      // Readline detects the end of the input itself.
      return rl_callback_read_char()
    }
    var next: UInt8? = byte
    while let first = next {
      next = nil
      var bytes = [first]
      while bytes.count < length(of: first), let byte = readSoon() {
        guard byte & 0xC0 == 0x80 else {
          next = byte
          break
        }
        bytes.append(byte)
      }
      if isText(bytes) || Int32(truncatingIfNeeded: rl_readline_state) & commandStates != 0 {
        unsafe character = bytes
        for _ in bytes where unsafe EditorState.isEditing { rl_callback_read_char() }
      } else {
        insert(bytes)
      }
    }
  }

  private static func isText(_ bytes: [UInt8]) -> Bool {
    unsafe !isUTF8 || String(validating: bytes, as: UTF8.self) != nil
  }

  /// The length in bytes of the character that begins with a given byte.
  private static func length(of first: UInt8) -> Int {
    guard unsafe isUTF8 else { return 1 }
    return switch first {
    case 0xC2..<0xE0: 2
    case 0xE0..<0xF0: 3
    case 0xF0..<0xF5: 4
    default: 1
    }
  }

  private static func insert(_ bytes: [UInt8]) {
    unsafe (bytes + [0]).withUnsafeBytes {
      unsafe _ = rl_insert_text($0.baseAddress?.assumingMemoryBound(to: CChar.self))
    }
    rl_redisplay()
  }

  private static func readSoon() -> UInt8? {
    var entry = pollfd(fd: STDIN_FILENO, events: CShort(POLLIN), revents: 0)
    return unsafe poll(&entry, 1, patience) == 1 ? read() : nil
  }

  /// Reads a single byte: what follows a line may be for another program.
  private static func read() -> UInt8? {
    var byte: UInt8 = 0
    return unsafe Glibc.read(STDIN_FILENO, &byte, 1) == 1 ? byte : nil
  }
}
