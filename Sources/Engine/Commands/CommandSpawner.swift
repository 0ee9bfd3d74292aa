// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import Reactor
package import Sockets
import SystemPackage
import Transport

/// A process that starts, signals and reaps one command, any number of times, for a process that may not run programs.
///
/// What takes rights away from a process is inherited by the programs that it runs, which expect to have theirs. This process
/// is forked before, reads nothing from peers, and can run no other program. See `HelperProcess`.
package final class CommandSpawner: Sendable {
  /// The command.
  package let command: Command
  private let naming: CommandEnvironment.Naming
  private let helper: HelperProcess

  /// Forks the process.
  ///
  /// - Parameters:
  ///   - command: The only command that it can start.
  ///   - naming: The names of the variables that describe a connection. It accepts no others.
  ///   - privileges: What it gives up on request, in particular the user.
  /// - Throws: The error of `socketpair` or `fork`.
  package init(
    of command: Command, naming: CommandEnvironment.Naming, _ privileges: Privileges
  ) throws(IOFailure) {
    self.command = command
    self.naming = naming
    helper = try HelperProcess { (requests) throws(IOFailure) in
      try SpawnerLoop(command, naming, privileges, requests).run()
    }
  }

  /// Has the process give up its privileges, as this one does.
  ///
  /// - Throws: The error that this causes there.
  package func dropPrivileges() throws(IOFailure) {
    let channel = try helper.request(SpawnerRequest.drop.bytes)
    guard let code = try SpawnerChannel.result(from: channel.near) else { return }
    throw IOFailure(.set("privileges of the command"), code)
  }

  /// Starts the command.
  ///
  /// - Parameters:
  ///   - environment: The variables that describe its connection.
  ///   - stream: The stream that it reads and writes.
  ///   - isHeard: Whether its output goes to the stream; otherwise it is discarded.
  /// - Throws: `.run`, with the error that keeps it from being started.
  func start(
    _ environment: CommandEnvironment, on stream: FileDescriptor, isHeard: Bool
  ) throws(IOFailure) -> SpawnedCommand {
    do throws(IOFailure) {
      let request = SpawnerRequest.start(environment.entries, isHeard: isHeard)
      let channel = try helper.request(request.bytes, passing: [stream])
      if let code = try SpawnerChannel.result(from: channel.near) {
        throw IOFailure(.run(command.words[0]), code)
      }
      return .spawned(channel)
    } catch {
      throw IOFailure(.run(command.words[0]), error.code)
    }
  }
}
