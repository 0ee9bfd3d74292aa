// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

/// What a command line that was not understood is told.
@Suite(.takingTurns)
struct UsageAdviceTests {
  @Test(arguments: [
    ("conect 127.0.0.1 9", "no subcommand 'conect'. Did you mean 'connect'?"),
    ("127.0.0.1 9", "no subcommand '127.0.0.1'. Did you mean 'sockkit connect 127.0.0.1 9'?"),
    ("-lu 5000", "Unknown option '-lu'. Did you mean 'sockkit udp-recv 5000'?"),
    ("help conect", "no subcommand 'conect'. Did you mean 'connect'?"),
    ("help nonsense", "no subcommand 'nonsense'"),
    ("ncat -l 5000", "no subcommand 'ncat'. Did you mean 'sockkit listen 5000'?"),
  ])
  func `a subcommand is found`(line: String, message: String) async throws {
    let words = line.split(separator: " ").map(String.init)
    #expect(try await sockkit(words) == .usage(message, of: ""))
  }

  @Test(arguments: [
    ("connect -l 9", "Unknown option '-l'. To listen is a subcommand: 'sockkit listen'."),
    ("connect -help", "Unknown option '-help'. Did you mean '--help'?"),
    ("connect -listen 9", "Unknown option '-listen'. Did you mean 'sockkit listen'?"),
    ("connect --sweep a 9", "Unknown option '--sweep'. It is an option of 'buffers'."),
    ("connect -T ef 127.0.0.1 9", "Unknown option '-T'. The type of service is '--dscp NAME'."),
    (
      "connect --ssl a 9",
      "Unknown option '--ssl'. TLS is not supported; 'openssl s_client' and 'socat OPENSSL:' speak it."
    ),
  ])
  func `an option is found or explained`(line: String, message: String) async throws {
    let words = line.split(separator: " ").map(String.init)
    #expect(try await sockkit(words) == .usage(message, of: words[0]))
  }

  @Test func `a proxy of nc is not taken for a file, and not passed over in silence`() async throws {
    #expect(
      try await sockkit("connect", "-x", "proxy:1080", "127.0.0.1", "9")
        == .usage(
          "-x writes a hex dump and takes no proxy; if proxy:1080 is a file, write ./proxy:1080",
          of: "connect"))
  }

  @Test func `flags may be joined with an option and its value`() async throws {
    let port = SilentPort()
    let result = try await sockkit("connect", "-zvw1", "127.0.0.1", "\(port.number)")
    #expect(result.ending == .exit(69))
    #expect(result.errors.hasPrefix("sockkit: 127.0.0.1:\(port.number): closed after "), "\(result)")
    let joined = try await sockkit("listen", "-vw0.1", "127.0.0.1:0")
    #expect(joined.ending == .exit(75), "\(joined)")
  }
}
