// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

/// The units of `examples/systemd`.
@Suite(.takingTurns)
struct ServiceUnitTests {
  @Test func `systemd accepts every unit`() async throws {
    let directory = try TemporaryDirectory()
    // systemd looks for programs in the directories of the system only.
    let end = try await shell(
      """
      cp "$1"/*.service "$1"/*.socket "$2"
      sed -i "s|^ExecStart=sockkit |ExecStart=$(command -v sockkit) |" "$2"/*.service
      exec systemd-analyze verify --man=no "$2"/*.service "$2"/*.socket
      """, Project.path("examples/systemd"), directory.path)
    #expect(end == Finished(.exit(0)))
  }

  /// The services, and ten times the exposure that systemd calculates for each: from 0, confined, to 100.
  @Test(arguments: [("echo", 13), ("forward", 11), ("http", 2), ("proxy", 11)])
  func `a service is confined`(name: String, exposure: Int) async throws {
    let unit = Project.path("examples/systemd/sockkit-\(name).service")
    let end = try await shell(
      "exec systemd-analyze security --no-pager --offline=true --threshold=$1 $2", "\(exposure)", unit)
    #expect(end.ending == .exit(0), "\(end)")
  }

  @Test(arguments: ["echo", "forward", "http", "proxy"])
  func `a service may confine itself further`(name: String) throws {
    let calls = try Self.value(of: "SystemCallFilter", in: "sockkit-\(name).service").split(separator: " ")
    for call in ["landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self", "seccomp"] {
      #expect(calls.contains(Substring(call)), "\(call)")
    }
  }

  /// The value of a setting in a unit, of which long ones have several lines.
  private static func value(of name: String, in unit: String) throws -> String {
    let text = try Project.lines("examples/systemd/\(unit)").joined(separator: "\n")
    let lines = text.replacing("\\\n", with: " ").split(separator: "\n")
    let line = try #require(lines.first { $0.hasPrefix("\(name)=") })
    return String(line.dropFirst(name.count + 1))
  }

  /// The port of the service is `$1`, and that of a server behind it `$2`.
  @Test(arguments: [
    ("http", "curl --silent http://127.0.0.1:$1/page"),
    ("proxy", "curl --silent --proxy socks5h://127.0.0.1:$1 http://localhost:$2/"),
  ])
  func `a service serves on the socket that systemd opens`(name: String, request: String) async throws {
    let target = RunningProgram.sockkit(["http-server", "-v", "--text", "well", "127.0.0.1:0"])
    let directory = try TemporaryDirectory()
    _ = try directory.write("well", to: "page")
    let command = try Self.value(of: "ExecStart", in: "sockkit-\(name).service")
    let words = command.replacing("/srv/www", with: directory.path).split(separator: " ").map(String.init)
    let socket = try Self.value(of: "FileDescriptorName", in: "sockkit-\(name).socket")
    let service = RunningProgram(
      try .activated([.listener], names: socket, Array(words.dropFirst())), input: .file("/dev/null"))
    let end = try await shell(
      "exec \(request)", "\(try await service.printedPort())", "\(try await target.announcedPort())")
    #expect(end == Finished(.exit(0), output: "well"))
    for program in [service, target] {
      program.signal(15)
      let ended = try await program.finished()
      #expect(ended.ending == .exit(0), "\(ended)")
    }
  }
}
