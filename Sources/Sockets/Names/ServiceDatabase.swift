// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import Synchronization

/// The services database, `/etc/services` on most systems: names for port numbers.
///
/// Where the system has none, as small containers do, the well-known services answer in its place.
package enum ServiceDatabase {
  /// The port of a service, or `nil` if the database does not know it.
  package static func port(of name: String, protocol: String = "tcp") -> UInt16? {
    service(named: name, protocol: `protocol`)?.port
  }

  /// The service that a protocol has under a name or alias; `nil` if it has none.
  ///
  /// The corresponding C function is `getservbyname_r`; `getservbyname` answers from a static buffer.
  package static func service(named name: String, protocol: String) -> Service? {
    let found = tracing("getservbyname_r(\"\(name)\", \"\(`protocol`)\")") {
      unsafe read { unsafe getservbyname_r(name, `protocol`, $0, $1, $2, $3) }
    }
    return found ?? builtIn { $0.protocol == `protocol` && $0.isNamed(name) }.first
  }

  /// The service that a protocol has on a port; `nil` if it has none.
  ///
  /// The corresponding C function is `getservbyport_r`.
  package static func service(onPort port: UInt16, protocol: String) -> Service? {
    let found = tracing("getservbyport_r(\(port), \"\(`protocol`)\")") {
      unsafe read { unsafe getservbyport_r(CInt(port.bigEndian), `protocol`, $0, $1, $2, $3) }
    }
    return found ?? builtIn { $0.protocol == `protocol` && $0.port == port }.first
  }

  /// The services of all protocols under a name or alias, in the database's order.
  package static func services(named name: String) -> [Service] { services { $0.isNamed(name) } }

  /// The services of all protocols on a port, in the database's order.
  package static func services(onPort port: UInt16) -> [Service] { services { $0.port == port } }

  /// All services of all protocols, in the database's order.
  package static var all: [Service] { services { _ in true } }

  // MARK: The system's database

  private static let firstBuffer = 1024
  private static let largestBuffer = 1 << 20
  /// The C library has one place in the database for the whole process.
  private static let enumeration = Mutex(())

  /// All entries that match, or the well-known ones where the database has no entry at all.
  private static func services(where matches: (Service) -> Bool) -> [Service] {
    var matching: [Service] = []
    let count = enumerate { service in
      if matches(service) { matching.append(service) }
      return true
    }
    return count == 0 ? WellKnownServices.all.filter(matches) : matching
  }

  /// The well-known services that match, if the system has no database to go by.
  private static func builtIn(where matches: (Service) -> Bool) -> [Service] {
    enumerate { _ in false } == 0 ? WellKnownServices.all.filter(matches) : []
  }

  /// Shows all entries to `body` for as long as it wants more, and counts those that it saw.
  ///
  /// The corresponding C functions are `setservent`, `getservent_r` and `endservent`.
  private static func enumerate(_ body: (Service) -> Bool) -> Int {
    let start: Deadline = .now
    var count = 0
    enumeration.withLock { _ in
      setservent(0)
      while let service = unsafe read({ unsafe getservent_r($0, $1, $2, $3) }) {
        count += 1
        if !body(service) { break }
      }
      endservent()
    }
    if Trace.isEnabled { Trace.report("getservent_r()", result: "0 after \(count) entries", since: start) }
    return count
  }

  /// Narrates a call that finds one service.
  private static func tracing(_ invocation: @autoclosure () -> String, _ call: () -> Service?) -> Service? {
    let start: Deadline = .now
    let service = call()
    if Trace.isEnabled {
      let result = service.map { "0 \($0.name) \($0.port)/\($0.protocol)" } ?? "0 none"
      Trace.report(invocation(), result: result, since: start)
    }
    return service
  }

  /// A function of the `getserv..._r` kind: result, buffer and its size, found entry.
  private typealias Function = (
    UnsafeMutablePointer<servent>, UnsafeMutablePointer<CChar>, Int,
    UnsafeMutablePointer<UnsafeMutablePointer<servent>?>
  ) -> CInt

  /// Calls such a function, again with more room for as long as it says that there is too little.
  private static func read(_ function: Function) -> Service? {
    let storage = UnsafeMutablePointer<servent>.allocate(capacity: 1)
    defer { unsafe storage.deallocate() }
    var size = firstBuffer
    while true {
      let buffer = UnsafeMutablePointer<CChar>.allocate(capacity: size)
      defer { unsafe buffer.deallocate() }
      var found: UnsafeMutablePointer<servent>? = nil
      let status = unsafe function(storage, buffer, size, &found)
      guard status == ERANGE, size < largestBuffer else {
        return unsafe status == 0 ? found.map { unsafe Service(copying: $0.pointee) } : nil
      }
      size *= 4
    }
  }
}
