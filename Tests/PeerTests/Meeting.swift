// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport

/// A `sockkit` and a peer that are connected, or about to connect.
struct Meeting {
  let sockkit: RunningProgram
  let peer: RunningProgram

  /// The standard streams of the two.
  struct Streams {
    var sockkitInput = RunningProgram.Input.file("/dev/null")
    var sockkitOutput = RunningProgram.Output.captured
    var peerInput = RunningProgram.Input.file("/dev/null")
    var peerOutput = RunningProgram.Output.captured
  }

  /// Starts both, the listening one first.
  ///
  /// - Parameter prepare: Changes the peer's program before it starts.
  init(
    _ role: Role, _ other: Peer, _ flags: [String] = [], streams: Streams,
    prepare: (Program) -> Program = { $0 }
  ) async throws {
    func start(_ words: [String]) -> RunningProgram {
      RunningProgram(
        .sockkit(words + flags), input: streams.sockkitInput, output: streams.sockkitOutput, limit: 60)
    }
    func start(_ program: Program) -> RunningProgram {
      RunningProgram(prepare(program), input: streams.peerInput, output: streams.peerOutput, limit: 60)
    }
    switch role {
    case .listen:
      sockkit = start(["listen", "-v", "127.0.0.1", "0"])
      peer = start(try other.client(of: try await sockkit.announcedPort()))
    case .connect:
      let place = Place()
      peer = start(try other.server(at: place))
      sockkit = start(["connect", "-v", "--retry", "15s", place.host, "\(place.port)"])
    }
  }
}
