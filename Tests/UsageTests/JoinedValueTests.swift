// SPDX-License-Identifier: GPL-3.0-or-later

import Testing
import Usage

struct JoinedValueTests {
  @Test(arguments: [
    ("connect -zvw1 a 9", "connect -zv -w1 a 9"), ("connect -nvi500ms a 9", "connect -nv -i500ms a 9"),
    ("listen -vp5000", "listen -v -p5000"), ("connect -4w4 a 9", "connect -4 -w4 a 9"),
    ("connect -vs127.0.0.1 a 9", "connect -v -s127.0.0.1 a 9"),
    ("connect -Nq0 -zvw1", "connect -N -q0 -zv -w1"),
  ])
  func `flags and an option with its value are put apart`(line: String, expected: String) {
    let words = line.split(separator: " ").map(String.init)
    #expect(JoinedValue.separate(words).joined(separator: " ") == expected)
  }

  @Test(arguments: [
    "connect -w1 a 9", "connect -zv a 9", "connect -zvw 1 a 9", "connect --vw1", "connect -", "connect",
    "-vwx",
    "connect -vxw1", "connect a 9 -- nc -zvw1 b", "udp-send a 9 vw1", "connect -zv1",
  ])
  func `whatever else there is stays as it is`(line: String) {
    let words = line.split(separator: " ").map(String.init)
    #expect(JoinedValue.separate(words) == words)
  }
}
