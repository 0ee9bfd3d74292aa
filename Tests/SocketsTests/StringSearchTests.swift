// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import Testing

struct StringSearchTests {
  @Test func `a string includes its parts, wherever they are`() {
    for part in ["t", "tcp", "://", "://h", "tcp://host", "st"] {
      #expect("tcp://host".includes(part), "\(part)")
    }
    for other in [":/:", "tcp://host:", "TCP"] {
      #expect(!"tcp://host".includes(other), "\(other)")
    }
    #expect(!"".includes("a"))
  }
}
