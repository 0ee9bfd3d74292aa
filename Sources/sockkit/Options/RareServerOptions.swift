// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser

/// The options of a server that few command lines have, in one group: each type of options makes every start slower.
///
/// A class, because the code that copies a structure of this size takes much room.
final class RareServerOptions<TLS: ParsableArguments>: ParsableArguments {
  @OptionGroup(title: "TLS") var tls: TLS
  @OptionGroup(title: "PROXY protocol") var headers: AcceptedHeaderOptions

  /// Creates the description for the parser.
  init() {}
}
