// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets

extension ResolutionError {
  /// The reason in the words of glibc's `gai_strerror`, which the originals show.
  package var wordsOfLibrary: String {
    switch reason {
    case .otherFamily: "Address family for hostname not supported"
    case .unknownHost, .lookupForbidden: "Name or service not known"
    case .unknownService, .portOutOfRange, .portWithProtocol: "Servname not supported for ai_socktype"
    case .timedOut, .unavailable: "Temporary failure in name resolution"
    default: "\(self)"
    }
  }
}
