// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

/// What comes of system calls that fail, in a sample of what `make faults` runs.
@Suite(.takingTurns)
struct FaultTests {
  private static func violations(_ arguments: String...) async throws -> Finished {
    let harness = try Program.other(
      "python3", package: "python3",
      [Project.path("faults/run"), "--sockkit", Program.sockkit([]).path, "--workers", "2"] + arguments)
    return try await RunningProgram(harness, input: .file("/dev/null"), limit: 240).finished()
  }

  @Test func `whatever call fails, no job hangs, crashes, loses bytes or stops serving`() async throws {
    let finished = try await Self.violations("--sample", "50")
    #expect(finished.ending == .exit(0), "\(finished)")
  }

  @Test(arguments: [
    // Each of these has hung, used a full processor, lost its end or kept a connection before.
    ("connect_blocking", "sendto", "ENOBUFS"), ("connect_tls", "sendto", "ENOMEM"),
    ("listen_tls", "sendto", "ENOMEM"), ("calc", "sendto", "ENOMEM"), ("resolve", "close", "EINTR"),
    ("echo_server_tls", "epoll_ctl", "ENOMEM"), ("forward", "sendto", "ENOMEM"),
    ("connect_filtered_command", "sendto", "ENOMEM"), ("http_get", "landlock_add_rule", "ENOMEM"),
    ("keep_open_command", "pidfd_open", "ENOMEM"), ("keep_open_command", "recvmsg", "ENOMEM"),
  ])
  func `a call that cannot be made ends the job`(job: String, call: String, error: String) async throws {
    let finished = try await Self.violations("--job", job, "--call", call, "--error", error)
    #expect(finished.ending == .exit(0), "\(finished)")
  }

  @Test(arguments: [
    ("proxy_socks", "sendto"), ("proxy_connect", "sendto"), ("connect_command", "sendto"),
    ("connect_command", "recvfrom"),
  ])
  func `what cannot be moved at once is moved later`(job: String, call: String) async throws {
    let finished = try await Self.violations("--job", job, "--call", call, "--error", "EAGAIN")
    #expect(finished.ending == .exit(0), "\(finished)")
  }
}
