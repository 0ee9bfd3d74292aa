// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import SockkitCore

/// Something that happened to a connection, or to the program, that a person or a log may want to know.
enum Event {
  case listening(Address)
  case connected(from: Address, to: Address)
  case accepted(from: Address, on: Address)
  case attemptFailed(SystemError)
  case option(EffectiveOption)
  case closed(peer: Address, sent: Int, received: Int, duration: Duration)
  case called(Trace.Call)
  case failed(Failure)

  /// The event as one line for people, without the program's name.
  var text: String {
    switch self {
    case .listening(let address): "listening on \(address) (\(address.transport))"
    case .connected(let local, let remote):
      "connected to \(remote)\(Self.origin(local)) (\(remote.transport))"
    case .accepted(let remote, let local): "accepted \(remote) on \(local) (\(local.transport))"
    case .attemptFailed(let error): "\(error)"
    case .option(let option): "\(option.name) is \(option.value.text)"
    case .closed(let peer, let sent, let received, let duration):
      "closed \(peer): sent \(sent) bytes, received \(received) bytes in \(DurationFormat.describe(duration))"
    case .called(let call): call.line
    case .failed(let failure): failure.message
    }
  }

  private static func origin(_ local: Address) -> String { local == .unnamed ? "" : " from \(local)" }

  /// The event as a record for programs.
  var record: EventRecord {
    var record = EventRecord(event: name)
    switch self {
    case .listening(let address):
      record.local = AddressRecord(address)
      record.protocol = address.transport
    case .connected(let local, let remote), .accepted(let remote, let local):
      record.local = AddressRecord(local)
      record.remote = AddressRecord(remote)
      record.protocol = remote.transport
    case .attemptFailed(let error): record.message = "\(error)"
    case .option(let option):
      record.name = option.name
      record.value = option.value
    case .closed(let peer, let sent, let received, let duration):
      record.remote = AddressRecord(peer)
      record.sentBytes = sent
      record.receivedBytes = received
      record.seconds = duration.seconds
    case .called(let call):
      record.call = call.invocation
      record.result = call.result
      record.milliseconds = Double(call.nanoseconds) / 1e6
    case .failed(let failure):
      record.message = failure.message
      record.status = failure.status.rawValue
    }
    return record
  }

  private var name: String {
    switch self {
    case .listening: "listening"
    case .connected: "connected"
    case .accepted: "accepted"
    case .attemptFailed: "attemptFailed"
    case .option: "option"
    case .closed: "closed"
    case .called: "call"
    case .failed: "error"
    }
  }
}

extension EffectiveOption.Value: Encodable {
  /// The value for people.
  var text: String {
    switch self {
    case .number(let number): "\(number)"
    case .text(let text): text
    case .flag(let isOn): isOn ? "on" : "off"
    }
  }

  /// Writes a number as a number, a name as text and a flag as a truth value.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .number(let number): try container.encode(number)
    case .text(let text): try container.encode(text)
    case .flag(let isOn): try container.encode(isOn)
    }
  }
}

extension Address {
  /// The transport's short name.
  var transport: String { family == .unix ? "unix" : "tcp" }
}
