// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import Reactor
import Sockets
import SystemPackage

/// What the process of a `CommandSpawner` does: it starts the command on request, and for each one passes signals on to it
/// and its end back.
final class SpawnerLoop {
  private let command: Command
  private let naming: CommandEnvironment.Naming
  private let privileges: Privileges
  private let requests: FileDescriptor
  private let reactor: Reactor
  private var members: [ObjectIdentifier: Member] = [:]

  /// The channel of a request, on which signals arrive and the end of the command is awaited.
  private final class Channel {
    private let owned: Descriptor
    var number: FileDescriptor { owned.number }

    init(_ number: FileDescriptor) throws(IOFailure) {
      do { owned = try Descriptor.duplicate(of: number) } catch {
        throw IOFailure(.create("a descriptor"), error)
      }
    }
  }

  /// A running command.
  private final class Member {
    let process: SpawnedProcess
    let channel: Channel
    var processWatch: Registration?
    /// `nil` once the channel is closed by its other end.
    var channelWatch: Registration?

    init(_ process: consuming SpawnedProcess, _ channel: Channel) {
      self.process = process
      self.channel = channel
    }
  }

  /// - Parameters:
  ///   - command: The only command that is started.
  ///   - naming: The names of the variables that are passed on to it.
  ///   - privileges: What is given up on request.
  ///   - requests: The descriptor at which requests arrive.
  /// - Throws: `EMFILE` and similar errors of the reactor.
  init(
    _ command: Command, _ naming: CommandEnvironment.Naming, _ privileges: Privileges,
    _ requests: FileDescriptor
  ) throws(IOFailure) {
    self.command = command
    self.naming = naming
    self.privileges = privileges
    self.requests = requests
    reactor = try Reactor()
  }

  /// Serves until every process that can send requests has closed its end.
  ///
  /// - Throws: An error of the wait.
  func run() throws(IOFailure) {
    let watch = try reactor.register(requests, for: .readable) { [unowned self] (_) throws(IOFailure) in
      try serve()
    }
    try reactor.run()
    withExtendedLifetime(watch) {}
  }

  private func serve() throws(IOFailure) {
    guard let message = try HelperProcess.nextRequest(from: requests) else { return reactor.stop() }
    // Without a free descriptor, the channel is closed, which its other end notices.
    guard let channel = try? Channel(message.descriptors[0]) else { return }
    var code = Errno(rawValue: 0)
    var member: Member?
    do throws(IOFailure) { member = try obey(message, channel) } catch { code = error.code }
    // The command's copies are the only ones that should hold the connection open.
    _ = consume message
    guard !SpawnerChannel.send(code.rawValue, to: channel.number), let member else { return }
    // The other end takes its channel, which is closed, to mean that nothing runs.
    ChildProcess.kill(member.process.identifier)
    remove(member)
  }

  /// - Returns: The command, if it was started.
  private func obey(_ message: borrowing PassedMessage, _ channel: Channel) throws(IOFailure) -> Member? {
    switch SpawnerRequest(message.bytes) {
    case .drop?:
      _ = try privileges.drop()
      return nil
    case .start(let variables, let isHeard)? where message.descriptors.count == 2:
      return try start(variables, on: message.descriptors[1], isHeard: isHeard, channel)
    default: throw IOFailure(.run(command.words[0]), .invalidArgument)
    }
  }

  private func start(
    _ variables: [[UInt8]], on stream: FileDescriptor, isHeard: Bool, _ channel: Channel
  ) throws(IOFailure) -> Member {
    let process = try SpawnedProcess(
      command.words, environment: naming.entries(variables, replacing: ProcessEnvironment.entries),
      input: stream, output: isHeard ? stream : nil)
    let member = Member(process, channel)
    do throws(IOFailure) {
      member.processWatch = try reactor.register(member.process.descriptor, for: .readable) {
        [unowned self, unowned member] _ in collect(member)
      }
      member.channelWatch = try reactor.register(channel.number, for: .readable) { [unowned member] _ in
        Self.takeSignals(for: member)
      }
    } catch {
      ChildProcess.kill(member.process.identifier)
      throw SpawnedProcess.cancellation(of: command.words[0])
    }
    members[ObjectIdentifier(member)] = member
    return member
  }

  private static func takeSignals(for member: Member) {
    while true {
      switch SpawnerChannel.receive(from: member.channel.number) {
      case .message(let signal, _): member.process.signalGroup(signal)
      case .nothing: return
      case .closed:
        member.channelWatch = nil
        return
      }
    }
  }

  private func collect(_ member: Member) {
    guard let ending = member.process.reap() else { return }
    switch ending {
    case .exited(let status): SpawnerChannel.send(status, 0, to: member.channel.number)
    case .killed(let signal): SpawnerChannel.send(0, signal, to: member.channel.number)
    }
    remove(member)
  }

  private func remove(_ member: Member) {
    // Before their descriptors are closed.
    (member.processWatch, member.channelWatch) = (nil, nil)
    members[ObjectIdentifier(member)] = nil
  }
}
