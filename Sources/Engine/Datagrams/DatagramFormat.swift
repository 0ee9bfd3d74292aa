// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
import Text

/// The format of received datagrams on standard output.
package protocol DatagramFormat {
  /// The details that are written besides the bytes.
  var detail: DatagramDetail { get }

  /// Appends the output for one datagram of a batch.
  func write(_ batch: DatagramBatch, at index: Int, to output: inout [UInt8])
}

/// The payload only.
package struct RawDatagramFormat: DatagramFormat {
  /// Creates the format.
  package init() {}
  /// The bytes only.
  package var detail: DatagramDetail { .none }

  /// Appends the payload.
  package func write(_ batch: DatagramBatch, at index: Int, to output: inout [UInt8]) {
    batch.withBytes(at: index) { bytes in
      output.append(copying: bytes)
    }
  }
}

/// `[192.0.2.1] message`, one datagram per line, safe for a terminal.
package struct TextDatagramFormat: DatagramFormat {
  /// Creates the format.
  package init() {}
  /// The address of the sender.
  package var detail: DatagramDetail { .source }

  /// Appends one line; a newline at the end of the message is the end of the line.
  package func write(_ batch: DatagramBatch, at index: Int, to output: inout [UInt8]) {
    let datagram = batch.datagram(at: index)
    let mark = datagram.isTruncated ? " (truncated)" : ""
    let text = batch.withBytes(at: index) { bytes in
      let endsLine = bytes.count > 0 && bytes[bytes.count - 1] == UInt8(ascii: "\n")
      return TerminalSafe.escape(utf8: bytes.extracting(droppingLast: endsLine ? 1 : 0))
    }
    output.append(contentsOf: "[\(TerminalSafe.escape(datagram.source.host))]\(mark) \(text)\n".utf8)
  }
}

/// A line with the source and the length, and a hex dump.
package struct HexDatagramFormat: DatagramFormat {
  /// Creates the format.
  package init() {}
  /// The address of the sender.
  package var detail: DatagramDetail { .source }

  /// Appends the lines of one datagram.
  package func write(_ batch: DatagramBatch, at index: Int, to output: inout [UInt8]) {
    let datagram = batch.datagram(at: index)
    let mark = datagram.isTruncated ? ", truncated" : ""
    let unit = datagram.length == 1 ? "byte" : "bytes"
    let source = TerminalSafe.escape("\(datagram.source)")
    output.append(contentsOf: "\(source): \(datagram.length) \(unit)\(mark)\n".utf8)
    let lines = batch.withBytes(at: index) { HexDump.lines(of: $0) }
    for line in lines { output.append(contentsOf: "\(line)\n".utf8) }
  }
}
