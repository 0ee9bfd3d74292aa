// SPDX-License-Identifier: GPL-3.0-or-later

import CSockkit
import Glibc
package import SystemPackage

/// Another program, running as a child in a process group of its own.
///
/// The owner has to collect it with `reap` once it has ended. Until then the kernel does not reuse its process ID or
/// group ID, so signals cannot reach an unrelated process.
package struct SpawnedProcess: ~Copyable, Sendable {
  private let owned: Descriptor
  /// The process ID, which is the process group ID too.
  package let identifier: Int32

  /// Starts a program, found on the search path as by a shell. The corresponding C function is `posix_spawnp`.
  ///
  /// The program inherits the descriptors 0, 1 and 2 and no others. Every signal has its default action, and none is
  /// blocked.
  ///
  /// - Parameters:
  ///   - words: The program's name and its arguments; must not be empty.
  ///   - environment: Its environment, each entry as `NAME=value`.
  ///   - input: Its standard input.
  ///   - output: Its standard output; `nil` for `/dev/null`.
  /// - Throws: `ENOENT` if there is no such program, `EACCES` and similar errors if it cannot be executed, and
  ///   otherwise the error of the resource that the system lacks, or `cancellation`.
  package init(
    _ words: [String], environment: [[UInt8]], input: FileDescriptor, output: FileDescriptor?
  ) throws(IOFailure) {
    // Reserved first: once the process runs, a failure to open its process descriptor could not be undone.
    let reserve = try attempting(.run(words[0])) { () throws(Errno) in try Descriptor.duplicate(of: input) }
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
      throw Self.cancellation(of: words[0])
    }
  }

  /// The failure if a process was ended as soon as it ran, since it cannot be watched: `ECANCELED`.
  ///
  /// It is not that of the resource which was lacking, for which a start can be tried again: this process may have read
  /// from its input.
  package static func cancellation(of program: String) -> IOFailure { IOFailure(.run(program), .canceled) }

  private init(identifier: Int32, _ descriptor: CInt) {
    self.identifier = identifier
    owned = Descriptor(adopting: descriptor)
  }

  /// The descriptor to wait on: readable once the process has ended.
  package var descriptor: FileDescriptor { owned.number }

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

  /// Sends a signal to the process and all of its group; must not be called once the process has been reaped.
  package func signalGroup(_ signal: CInt) {
    _ = try? systemCall("kill(-\(identifier), \(ProcessSignals.name(of: signal)))") {
      kill(-identifier, signal)
    }
  }

  /// Passes texts to `body` as the null-terminated array of pointers that C takes.
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
