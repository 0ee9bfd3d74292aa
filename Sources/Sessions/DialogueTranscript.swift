// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import Text
import Transport

/// Reports the dialogue that precedes TLS.
struct DialogueTranscript {
  private let peer: Address
  private let observer: any SessionObserver

  /// Creates the transcript of a dialogue with a peer.
  init(of peer: Address, _ observer: any SessionObserver) {
    self.peer = peer
    self.observer = observer
  }

  /// Reports bytes: text line by line, and anything else as it was received or sent.
  func report(_ bytes: ArraySlice<UInt8>, _ direction: TrafficDirection) {
    let isText = bytes.allSatisfy { $0 >= UInt8(ascii: " ") || $0.isSpace }
    for var line in isText ? bytes.split(separator: ASCII.lineFeed) : [bytes] {
      if isText, line.last == ASCII.carriageReturn { line.removeLast() }
      observer.report(.negotiating(direction, ByteText.text(of: line), peer: peer))
    }
  }
}
