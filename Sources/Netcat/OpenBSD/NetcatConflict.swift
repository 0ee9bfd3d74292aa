// SPDX-License-Identifier: GPL-3.0-or-later

extension NetcatOptions {
  /// Why options cannot be combined, in the words of the original; `nil` if they can.
  var conflict: String? {
    let conflicts: [(Bool, String)] = [
      (!listens && keepsOpen, "must use -l with -k"),
      (listens && isCheck, "cannot use -z and -l"),
      (passesDescriptor && isUnix, "cannot use -F and -U"),
      (passesDescriptor && listens, "cannot use -F and -l"),
      (passesDescriptor && isCheck, "cannot use -F and -z"),
      (passesDescriptor && command != nil, "cannot use -F with -c or -e"),
      (isCheck && command != nil, "cannot use -z with -c or -e"),
      (tls.isOn && isUDP, "no TLS support for UDP mode"),
      (tls.isOn && passesDescriptor, "cannot use TLS and -F"),
      (proxy != nil && listens, "no proxy support for listen"),
      (proxy != nil && isUDP, "no proxy support for UDP mode"),
      (proxy != nil && isUnix, "no proxy support for unix sockets"),
      (proxy != nil && source != nil, "no proxy support for local source address"),
    ]
    return conflicts.first(where: \.0)?.1 ?? tls.conflict(listens: listens)
  }
}
