// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import Sockets
import Testing

struct ServiceManagerTests {
  @Test func `a service manager has a path or a name`() {
    for address in ["/run/notify", "@notify"] {
      #expect(ServiceManager(process: 7) { ["NOTIFY_SOCKET": address][$0] } != nil)
    }
    for address in ["", "/", "@", "notify", "vsock:2:1234"] {
      #expect(ServiceManager(process: 7) { ["NOTIFY_SOCKET": address][$0] } == nil)
    }
    #expect(ServiceManager(process: 7) { _ in nil } == nil)
  }

  @Test func `a reload has its time`() {
    let now = Deadline.now
    #expect(ServiceManager.message(.ready, at: now) == "READY=1")
    #expect(ServiceManager.message(.stopping, at: now) == "STOPPING=1")
    #expect(
      ServiceManager.message(.reloading, at: now) == "RELOADING=1\nMONOTONIC_USEC=\(now.microseconds)")
  }

  @Test func `the other messages are single lines`() {
    #expect(ServiceManager.message(.alive, at: .now) == "WATCHDOG=1")
    #expect(ServiceManager.message(.serving(connections: 1), at: .now) == "STATUS=1 connection")
    #expect(ServiceManager.message(.serving(connections: 0), at: .now) == "STATUS=0 connections")
  }

  @Test func `only the process that is watched has an interval`() {
    let own = getpid()
    for (microseconds, process, interval) in [
      ("2000000", nil, Duration.seconds(2)), ("1", "\(own)", .microseconds(1)), ("2000000", "1", nil),
      ("2000000", "", nil), ("0", nil, nil), ("-1", nil, nil), ("x", nil, nil), (nil, nil, nil),
    ] as [(String?, String?, Duration?)] {
      let variables = [
        "NOTIFY_SOCKET": "@x", "WATCHDOG_USEC": microseconds, "WATCHDOG_PID": process,
      ].compactMapValues { $0 }
      #expect(ServiceManager(process: own) { variables[$0] }?.watchdogInterval == interval)
    }
  }
}
