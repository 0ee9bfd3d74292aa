// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import Synchronization

/// The services database, `/etc/services` on most systems: names for port numbers.
///
/// If the system has no database, as in small containers, the built-in well-known services are used.
package enum ServiceDatabase {
  /// The port of a service, or `nil` if the database has no such service.
  package static func port(of name: String, protocol: String = "tcp") -> UInt16? {
    service(named: name, protocol: `protocol`)?.port
  }

  /// The service of a protocol with a given name or alias; `nil` if there is none.
  ///
  /// The corresponding C function is `getservbyname_r`; `getservbyname` returns a static buffer.
  package static func service(named name: String, protocol: String) -> Service? {
    let found = tracing("getservbyname_r(\"\(name)\", \"\(`protocol`)\")") {
      unsafe read { unsafe getservbyname_r(name, `protocol`, $0, $1, $2, $3) }
    }
    return found ?? builtIn { $0.protocol == `protocol` && $0.isNamed(name) }.first
  }

  /// The service of a protocol on a given port; `nil` if there is none.
  ///
  /// The corresponding C function is `getservbyport_r`.
  package static func service(onPort port: UInt16, protocol: String) -> Service? {
    let found = tracing("getservbyport_r(\(port), \"\(`protocol`)\")") {
      unsafe read { unsafe getservbyport_r(CInt(port.bigEndian), `protocol`, $0, $1, $2, $3) }
    }
    return found ?? builtIn { $0.protocol == `protocol` && $0.port == port }.first
  }

  /// The services of all protocols with a given name or alias, in the database's order.
  package static func services(named name: String) -> [Service] { services { $0.isNamed(name) } }

  /// The services of all protocols on a port, in the database's order.
  package static func services(onPort port: UInt16) -> [Service] { services { $0.port == port } }

  /// All services of all protocols, in the database's order.
  package static var all: [Service] { services { _ in true } }

  // MARK: The system's database

  private static let firstBuffer = 1024
  private static let largestBuffer = 1 << 20
  /// The C library keeps one position in the database for the whole process.
  private static let enumeration = Guarded(())

  /// All entries that match, or the matching well-known services if the database has no entries at all.
  private static func services(where matches: (Service) -> Bool) -> [Service] {
    var matching: [Service] = []
    let count = enumerate { service in
      if matches(service) { matching.append(service) }
      return true
    }
    return count == 0 ? WellKnownServices.all.filter(matches) : matching
  }

  /// The well-known services that match, if the system has no database.
  private static func builtIn(where matches: (Service) -> Bool) -> [Service] {
    enumerate { _ in false } == 0 ? WellKnownServices.all.filter(matches) : []
  }

  /// Passes the entries to `body` until it returns false, and counts the entries passed.
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

  /// Traces a call that finds one service.
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

  /// Calls such a function, and repeats it with a larger buffer as long as it reports that the buffer is too small.
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
