// SPDX-License-Identifier: GPL-3.0-or-later

package import Services
import Sockets
import SystemPackage

/// A client that sends bytes in pieces, and notes what it is answered.
///
/// It is a failure if anything is said to it after the session has ended.
package struct Client<Session: ServiceSession> {
  /// What a client does after its last byte.
  package enum End {
    /// It says that it has nothing more to send.
    case finishes
    /// It sends nothing until its time is over.
    case staysSilent
  }

  /// The server's side of the session.
  package private(set) var session: Session
  /// What came back so far.
  package private(set) var answer: [UInt8] = []
  /// Whether the server has ended the session.
  package private(set) var isOver = false

  /// Creates a client that has said nothing.
  package init(_ session: Session) { self.session = session }

  /// Sends bytes in pieces.
  package mutating func send(_ bytes: ArraySlice<UInt8>, in pieces: Pieces) {
    pieces.cut(bytes) { piece in
      take { $0.receive(piece, reply: &$1) }
      while session.hasBacklog { take { $0.receive([UInt8]().span, reply: &$1) } }
    }
  }

  /// Ends the session from this side.
  package mutating func end(_ end: End) {
    switch end {
    case .finishes: take { $0.clientFinished(reply: &$1) }
    case .staysSilent: take { $0.deadlinePassed(reply: &$1) }
    }
  }

  private mutating func take(_ body: (inout Session, inout Response) -> Void) {
    var reply = Response()
    body(&session, &reply)
    if let work = reply.work {
      work.perform()
      precondition(reply.takeWork(), "what is done cannot be taken")
    }
    precondition(!isOver || reply.parts.isEmpty, "something was said after the end")
    isOver = isOver || reply.endsSession
    for part in reply.parts { answer += Self.bytes(of: part) }
  }

  private static func bytes(of part: Response.Part) -> [UInt8] {
    switch part {
    case .bytes(let bytes): return bytes
    case .file(let file, let offset, let count):
      return unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initializedCount in
        let read = unsafe try? file.descriptor.read(
          fromAbsoluteOffset: Int64(offset), into: UnsafeMutableRawBufferPointer(buffer))
        precondition(read == count, "the file does not have what was promised of it")
        initializedCount = count
      }
    }
  }
}
