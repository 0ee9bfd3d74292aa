// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Engine
import Transport

/// What happens when a stream ends.
struct StreamOptions: ParsableArguments {
  @Flag(
    name: [.customShort("N"), .customLong("shutdown")],
    help: "Half-close when standard input ends; the default, accepted because scripts for nc pass it.")
  var halfCloses = false

  @Flag(name: .customLong("no-shutdown"), help: "Do not half-close when standard input ends.")
  var keepsOpen = false

  @Option(
    name: [.customShort("q", allowingJoined: true), .customLong("quit-after")], parsing: .unconditional,
    help: ArgumentHelp("End this long after standard input ended.", valueName: "duration"),
    completion: .duration, transform: ValueArgument.duration)
  var quitAfter: Duration?

  @Flag(name: .customLong("quit-on-eof"), help: "End as soon as the peer has stopped sending.")
  var quitsOnPeerEnd = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "How long to wait for a first byte of standard input after the peer has stopped sending, or 'forever' (default: 1s).",
      valueName: "duration"), completion: .durationOrForever, transform: ValueArgument.inputWait)
  var inputWait: InputWait?

  @Flag(name: .customLong("send-only"), help: "Send, and discard what arrives; end once all is acknowledged.")
  var isSendOnly = false

  @Flag(name: .customLong("recv-only"), help: "Receive; do not read standard input.")
  var isReceiveOnly = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("End in order once this many bytes were received.", valueName: "size"),
    completion: .size, transform: ValueArgument.fileSize)
  var maxBytes: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "End in order after this many receives.",
      discussion: "Each is one message, or what has arrived of a stream, up to 16K.", valueName: "n"),
    transform: ValueArgument.count)
  var maxPackets: Int?

  /// Rejects options that exclude each other.
  func validate() throws {
    if maxBytes != nil && maxPackets != nil {
      throw ValidationError("--max-bytes and --max-packets exclude each other")
    }
    if isSendOnly, let flag = limitFlags.first(where: \.isGiven) {
      throw ValidationError("\(flag.name) has no effect with --send-only, which discards what arrives")
    }
    if halfCloses && keepsOpen { throw ValidationError("-N and --no-shutdown exclude each other") }
    if isSendOnly && isReceiveOnly { throw ValidationError("--send-only and --recv-only exclude each other") }
    if isReceiveOnly && quitAfter != nil {
      throw ValidationError("-q has no effect with --recv-only, which reads no input")
    }
    if isReceiveOnly && inputWait != nil {
      throw ValidationError("--input-wait has no effect with --recv-only, which reads no input")
    }
  }

  /// The flags about standard input alone, and whether each of them is given.
  var inputFlags: [(isGiven: Bool, name: String)] { [(inputWait != nil, "--input-wait")] }

  /// The flags that limit what is received, and whether each of them is given.
  var limitFlags: [(isGiven: Bool, name: String)] {
    [(maxBytes != nil, "--max-bytes"), (maxPackets != nil, "--max-packets")]
  }

  /// The flags that change when a stream ends, and whether each of them is given.
  var flags: [(isGiven: Bool, name: String)] {
    [
      (keepsOpen, "--no-shutdown"), (quitAfter != nil, "-q"), (quitsOnPeerEnd, "--quit-on-eof"),
      (isSendOnly, "--send-only"), (isReceiveOnly, "--recv-only"),
    ] + inputFlags + limitFlags
  }

  /// How long to wait for an unused input; `nil` for no limit.
  var patience: Duration? {
    switch inputWait ?? .limited(.seconds(1)) {
    case .limited(let duration): duration
    case .unlimited: nil
    }
  }

  /// The relay's policy, without the settings that depend on the streams themselves.
  var policy: RelayPolicy {
    var policy = RelayPolicy()
    policy.directions = isSendOnly ? .sendOnly : isReceiveOnly ? .receiveOnly : .both
    policy.halfCloses = !keepsOpen
    policy.quitAfter = quitAfter
    policy.quitsOnPeerEnd = quitsOnPeerEnd
    policy.inputWait = patience
    policy.receiveLimit = maxBytes.map { .bytes($0) } ?? maxPackets.map { .packets($0) }
    return policy
  }
}

/// How long to wait, once the peer has ended, for an open input that has never delivered a byte.
enum InputWait {
  /// A limited time.
  case limited(Duration)
  /// Until it ends.
  case unlimited
}
