// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import FuzzSupport
import Glibc
import Sockets

/// Reads names, one in a line.
enum LineCheck {
  /// Stops the program if the names depend on the pieces, or are others.
  static func check(_ bytes: ArraySlice<UInt8>, in pieces: Pieces) {
    let lines = bytes.split(separator: 10).map { line in
      line.drop { isspace(CInt($0)) != 0 }.reversed().drop { isspace(CInt($0)) != 0 }.reversed().map(\.self)
    }
    let names = lines.filter { !$0.isEmpty }
    for pieces in [Pieces.whole, pieces] {
      let queries = queries(in: bytes, pieces)
      precondition(queries.count == names.count, "there are other names")
      for (query, name) in zip(queries, names) {
        let isText = String(validating: name, as: UTF8.self) != nil
        let isName = name.count <= LookupQuery.longest && isText && !name.contains(0)
        precondition((query.refusal == nil) == isName, "what is no name is looked up, or a name is not")
        precondition(!isName || ByteText.bytes(of: query.text) == name, "a name is another one")
        precondition(query.text.utf8.count <= 4 * LookupQuery.longest, "too much is kept of a name")
      }
    }
  }

  private static func queries(in bytes: ArraySlice<UInt8>, _ pieces: Pieces) -> [LookupQuery] {
    var (lines, queries) = (NameLines(), [LookupQuery]())
    pieces.cut(bytes) { piece in
      lines.append(piece.indices.map { piece[$0] })
      while let query = lines.next() { queries.append(query) }
    }
    lines.end()
    while let query = lines.next() { queries.append(query) }
    return queries
  }
}
