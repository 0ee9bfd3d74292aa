// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets

/// The files of the system that the start of a session reads: for names, certificates, terminals, times and locales.
enum SystemFiles {
  /// What discards all bytes. A standard stream that is closed is replaced by it.
  static let null = "/dev/null"

  /// The parameters of the kernel's network.
  static let parameters = "/proc/sys/net"

  /// The devices that are opened.
  static let written = [null, "/dev/tty", "/dev/random", "/dev/urandom"]

  /// Files and directories that are read, with all below them. Each rule takes time, so none of the environment is below one
  /// of the system.
  static var read: [String] {
    directories
      + (configured + ofHome + linked).filter { path in !directories.contains { path.hasPrefix("\($0)/") } }
  }

  /// Where the files of the resolver are that are links to elsewhere. They are replaced by others of the same name.
  private static var linked: [String] {
    ["resolv.conf", "hosts", "nsswitch.conf", "services", "host.conf", "gai.conf"].compactMap { name in
      guard let target = LinkTarget.resolved("/etc/\(name)"), !target.hasPrefix("/etc/"),
        let slash = target.lastIndex(of: "/"), slash > target.startIndex
      else { return nil }
      return String(target[..<slash])
    }
  }

  private static let directories = [
    "/etc", "/usr/lib", "/usr/lib64", "/lib", "/lib64", "/usr/local/lib", "/usr/share",
    "/usr/local/share/ca-certificates", parameters, "/proc/self", "/run/nscd", "/run/systemd/resolve",
    "/run/resolvconf", "/run/NetworkManager", "/var/lib/sss", "/run/avahi-daemon",
  ]

  /// Those that the environment names.
  private static var configured: [String] {
    let lists = ["LD_LIBRARY_PATH", "TERMINFO_DIRS", "SSL_CERT_DIR", "GCONV_PATH"]
    let files = ["TERMINFO", "INPUTRC", "SSL_CERT_FILE", "OPENSSL_CONF", "HOSTALIASES", "LOCPATH", "TZDIR"]
    return files.compactMap(ProcessEnvironment.value)
      + lists.compactMap(ProcessEnvironment.value).flatMap { $0.split(separator: ":").map(String.init) }
  }

  private static var ofHome: [String] {
    guard let home = ProcessEnvironment.value(of: "HOME"), home.hasPrefix("/") else { return [] }
    return ["\(home)/.inputrc", "\(home)/.terminfo"]
  }

  /// What verifies the certificates of peers, which may be looked for during a handshake.
  static var trusted: [String] {
    let named = ["SSL_CERT_FILE", "SSL_CERT_DIR"].compactMap(ProcessEnvironment.value)
    return named.flatMap { $0.split(separator: ":").map(String.init) }
      + [
        "/etc/ssl", "/etc/pki", "/usr/lib/ssl", "/usr/share/ca-certificates",
        "/usr/local/share/ca-certificates",
      ]
  }

  /// What line editing reads.
  static var ofTerminals: [String] {
    ["/etc/terminfo", "/lib/terminfo", "/usr/share/terminfo", "/etc/inputrc", "/usr/lib/locale"]
      + ["TERMINFO", "INPUTRC"].compactMap(ProcessEnvironment.value) + ofHome
  }
}
