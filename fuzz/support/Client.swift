// SPDX-License-Identifier: GPL-3.0-or-later

package import SockkitCore
import SystemPackage

/// A client that sends bytes in pieces, and notes what it is answered.
///
/// It is a failure if anything is said to it after the conversation has ended.
package struct Client<Talk: Conversation> {
  /// What a client does after its last byte.
  package enum End {
    /// It says that it has nothing more to send.
    case finishes
    /// It sends nothing until its time is over.
    case staysSilent
  }

  /// The server's side of the conversation.
  package private(set) var conversation: Talk
  /// What came back so far.
  package private(set) var answer: [UInt8] = []
  /// Whether the server has ended the conversation.
  package private(set) var isOver = false

  /// Creates a client that has said nothing.
  package init(_ conversation: Talk) { self.conversation = conversation }

  /// Sends bytes in pieces.
  package mutating func send(_ bytes: ArraySlice<UInt8>, in pieces: Pieces) {
    pieces.cut(bytes) { piece in
      take { $0.receive(piece, reply: &$1) }
      while conversation.hasBacklog { take { $0.receive([UInt8]().span, reply: &$1) } }
    }
  }

  /// Ends the conversation from this side.
  package mutating func end(_ end: End) {
    switch end {
    case .finishes: take { $0.clientFinished(reply: &$1) }
    case .staysSilent: take { $0.deadlinePassed(reply: &$1) }
    }
  }

  private mutating func take(_ body: (inout Talk, inout Reply) -> Void) {
    var reply = Reply()
    body(&conversation, &reply)
    if let work = reply.work {
      work.perform()
      precondition(reply.takeWork(), "what is done cannot be taken")
    }
    precondition(!isOver || reply.parts.isEmpty, "something was said after the end")
    isOver = isOver || reply.endsConversation
    for part in reply.parts { answer += Self.bytes(of: part) }
  }

  private static func bytes(of part: Reply.Part) -> [UInt8] {
    switch part {
    case .bytes(let bytes): return bytes
    case .file(let file, let offset, let count):
      return unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initializedCount in
        let read = unsafe try? file.number.read(
          fromAbsoluteOffset: Int64(offset), into: UnsafeMutableRawBufferPointer(buffer))
        precondition(read == count, "the file does not have what was promised of it")
        initializedCount = count
      }
    }
  }
}
