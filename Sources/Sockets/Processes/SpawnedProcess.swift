// SPDX-License-Identifier: GPL-3.0-or-later

import CSockkit
import Glibc
package import SystemPackage

/// Another program, running as a child in a process group of its own.
///
/// Its owner has to collect it by `reap` once it has ended; until then neither its number nor that of its group is given
/// to anybody else, so that signals cannot go astray.
package struct SpawnedProcess: ~Copyable, Sendable {
  private let descriptor: Descriptor
  /// The process's number, which is that of its group too.
  package let identifier: Int32

  /// Starts a program, found on the search path as by a shell. The corresponding C function is `posix_spawnp`.
  ///
  /// It has the descriptors 0, 1 and 2 and no other, every signal at its default, and none blocked.
  ///
  /// - Parameters:
  ///   - words: The program's name and its arguments; none is empty of words.
  ///   - environment: Its environment, each entry as `NAME=value`.
  ///   - input: What is to be its standard input.
  ///   - output: What is to be its standard output; `nil` for `/dev/null`.
  /// - Throws: `ENOENT` if there is no such program, `EACCES` and its like if it cannot be executed, and what the system
  ///   lacks for it otherwise.
  package init(
    _ words: [String], environment: [[UInt8]], input: FileDescriptor, output: FileDescriptor?
  ) throws(SystemError) {
    // A process that runs cannot be taken back for want of a descriptor to watch it by.
    let reserve = Descriptor(
      adopting: try attempting(.run(words[0])) { () throws(Errno) in
        try systemCall("fcntl(\(input.rawValue), F_DUPFD_CLOEXEC, 0)") { csockkit_duplicate(input.rawValue) }
      })
    let number = try attempting(.run(words[0])) { () throws(Errno) in
      var child: CInt = 0
      return try systemCall("posix_spawnp(\(words))", note: " {\(child)}", returned: { _ in CInt(0) }) {
        child = unsafe Self.withPointers(words.map(ByteText.bytes)) { arguments in
          unsafe Self.withPointers(environment) {
            unsafe csockkit_spawn(
              ByteText.terminated(words[0]), arguments, $0, input.rawValue, output?.rawValue ?? -1)
          }
        }
        return child
      }
    }
    _ = consume reserve
    do {
      self.init(
        identifier: number, try systemCall("pidfd_open(\(number), 0)") { csockkit_open_process(number) })
    } catch {
      ChildProcess.kill(number)
      throw SystemError(.run(words[0]), error)
    }
  }

  private init(identifier: Int32, _ descriptor: CInt) {
    self.identifier = identifier
    self.descriptor = Descriptor(adopting: descriptor)
  }

  /// What to wait on: readable once the process has ended.
  package var number: FileDescriptor { descriptor.number }

  /// Collects the process if it has ended. The corresponding C function is `waitid`.
  package func reap() -> ProcessEnding? {
    var ending = csockkit_ending(status: -1, signal: -1)
    let isOver = try? systemCall(
      "waitid(P_PID, \(identifier), WEXITED|WNOHANG)", note: Self.ending(ending).map { " {\($0)}" } ?? "",
      returned: { _ in CInt(0) }
    ) {
      unsafe csockkit_reap(identifier, &ending)
    }
    return isOver == 1 ? Self.ending(ending) : nil
  }

  private static func ending(_ ending: csockkit_ending) -> ProcessEnding? {
    if ending.status >= 0 { return .exited(ending.status) }
    return ending.signal > 0 ? .killed(by: ending.signal) : nil
  }

  /// Sends a signal to the process and all of its group; not to be called once it has been reaped.
  package func signalGroup(_ signal: CInt) {
    _ = try? systemCall("kill(-\(identifier), \(ProcessSignals.name(of: signal)))") {
      kill(-identifier, signal)
    }
  }

  /// Lends texts as the array of pointers, with a null one at its end, that C takes.
  private static func withPointers<Result>(
    _ texts: [[UInt8]], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
  ) -> Result {
    var bytes: [CChar] = []
    for text in texts { bytes += text.map { CChar(bitPattern: $0) } + [0] }
    return unsafe bytes.withUnsafeMutableBufferPointer { buffer in
      var pointers: [UnsafeMutablePointer<CChar>?] = unsafe []
      var offset = 0
      for text in texts {
        unsafe pointers.append(buffer.baseAddress.map { unsafe $0 + offset })
        offset += text.count + 1
      }
      unsafe pointers.append(nil)
      return unsafe body(pointers)
    }
  }
}
