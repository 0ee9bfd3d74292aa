// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Sockets
import Text

/// The results of a buffer experiment, as text that answers common questions about socket buffers.
struct BufferLesson {
  private let measurement: BufferMeasurement

  /// Explains a measurement.
  init(_ measurement: BufferMeasurement) { self.measurement = measurement }

  /// The text: the sizes, and three questions with their answers, each line at most 79 columns wide.
  var lines: [String] {
    var lines = ["Socket buffers in bytes, \(setting)", ""]
    lines += table
    lines += ["", "1. What happens when the receiver does not read?"] + indented(unread)
    lines += ["2. How is the buffering changed?"] + indented(change)
    lines += ["3. How large can it get?"] + indented(limits)
    return lines
  }

  private var setting: String {
    switch measurement.transport {
    case .tcp: "measured on a TCP connection over loopback"
    case .unix: "measured on a connection of Unix stream sockets"
    case .udp: "measured with UDP datagrams over loopback"
    }
  }

  private func indented(_ sentences: [String]) -> [String] {
    Paragraph.wrap(sentences.joined(separator: " "), width: 76).map { "   " + $0 }
  }

  // MARK: The sizes

  private var table: [String] {
    let isTuned = measurement.transport == .tcp
    let header = ["", "default", "asked", isTuned ? "connected" : "got"] + (isTuned ? ["at the end"] : [])
    return ([header] + [row("SO_SNDBUF", send), row("SO_RCVBUF", receive)]).map { cells in
      Column.left(cells[0], width: 11) + cells.dropFirst().map { Column.right($0, width: 12) }.joined()
    }
  }

  private func row(_ name: String, _ buffer: BufferSize) -> [String] {
    let sizes = [name, "\(buffer.initial)", buffer.requested.map { "\($0)" } ?? "-", "\(buffer.effective)"]
    return sizes + (measurement.transport == .tcp ? ["\(buffer.effectiveAfter)"] : [])
  }

  private var send: BufferSize { measurement.sendBuffer }
  private var receive: BufferSize { measurement.receiveBuffer }

  // MARK: The answers

  private var unread: [String] {
    let taken =
      "The kernel took \(measurement.bytesTaken) bytes in \(measurement.writes == 1 ? "1 write" : "\(measurement.writes) writes"):"
    let wait = [
      "Then send() fails with EAGAIN in non-blocking mode, and in blocking mode it sleeps until the reader",
      "makes room. Nothing is lost: the writer waits.",
    ]
    switch measurement.transport {
    case .tcp:
      return [
        taken, "\(measurement.bytesInReceiver) lie in the receiver's buffer (FIONREAD),",
        "\(measurement.bytesInSender) in the sender's (SIOCOUTQ), held back by the receiver's closed window.",
      ] + wait
    case .unix:
      return [
        taken, "all \(measurement.bytesInReceiver) wait at the receiver (FIONREAD), but are charged to the",
        "sender's buffer, which alone limits them.",
      ] + wait
    case .udp:
      return datagramFate
    }
  }

  private var datagramFate: [String] {
    guard let datagrams = measurement.datagrams else { return [] }
    return [
      "send() took \(datagrams.sent) datagrams (\(measurement.bytesTaken) bytes) and never waited.",
      "Only \(datagrams.kept) (\(measurement.bytesInReceiver) bytes) could be read afterwards: the receiver's",
      "buffer was full, and the kernel silently dropped the rest. It counted \(datagrams.dropped) drops",
      "(SO_MEMINFO); neither program gets an error.",
    ]
  }

  private var change: [String] {
    // The scale of TCP's window is negotiated in the handshake; other buffers can be set at any time.
    let moment = measurement.transport == .tcp ? ", before connect() or listen()" : ""
    let call = "By setsockopt() with SO_SNDBUF and SO_RCVBUF\(moment);"
    let flags = "here by --send-buffer and --receive-buffer."
    return [call, flags, answer("send", send), answer("receive", receive)]
  }

  private func answer(_ name: String, _ buffer: BufferSize) -> String {
    guard let requested = buffer.requested else {
      guard measurement.transport == .tcp, buffer.effectiveAfter != buffer.initial else {
        return "No \(name) buffer was asked for: it stayed at \(buffer.effectiveAfter)."
      }
      return
        "No \(name) buffer was asked for: TCP tuned it from \(buffer.initial) to \(buffer.effectiveAfter)."
    }
    let got = "A \(name) buffer of \(requested) was asked for, and \(buffer.effective) given:"
    switch buffer.answer {
    case .none, .doubled: return "\(got) Linux doubles it, to hold its own bookkeeping too."
    case .cut: return "\(got) cut to the maximum of \(buffer.limit.maximum), and doubled."
    case .raised: return "\(got) the minimum."
    }
  }

  private var limits: [String] {
    let asked = [
      "setsockopt() takes up to \(maximum(send)) to send and up to \(maximum(receive)) to receive,",
      "and doubles it; sysctl raises these limits.",
    ]
    guard measurement.transport == .tcp else { return asked }
    return asked + [
      "Where nothing is asked for, TCP tunes the send buffer \(tuningRange(send)) and the receive buffer",
      "\(tuningRange(receive)).",
    ]
  }

  private func maximum(_ buffer: BufferSize) -> String {
    let name = buffer.side.maximum.name
    return buffer.limit.isProbed
      ? "\(buffer.limit.maximum) (found by asking for more: \(name) cannot be read here)"
      : "\(buffer.limit.maximum) (\(name))"
  }

  private func tuningRange(_ buffer: BufferSize) -> String {
    let name = buffer.side.tuning.name
    guard let maximum = buffer.limit.tuningMaximum else {
      return "to a limit that cannot be read here (\(name))"
    }
    return "up to \(maximum) (\(name))"
  }
}
