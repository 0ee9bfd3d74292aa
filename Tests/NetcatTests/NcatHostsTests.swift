// SPDX-License-Identifier: GPL-3.0-or-later

import Netcat
import Testing

struct NcatHostsTests {
  @Test func `blanks, newlines and comments separate the words of a file`() {
    let content = "a b\t c\r\n# all\n10.0.0.0/8#one\n\n192.168.*.1 # and\nlast"
    #expect(NcatHosts.words(of: Array(content.utf8)) == ["a", "b", "c", "10.0.0.0/8", "192.168.*.1", "last"])
  }
}
