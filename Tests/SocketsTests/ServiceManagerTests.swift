// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import Testing

struct ServiceManagerTests {
  @Test func `a service manager has a path or a name`() {
    for address in ["/run/notify", "@notify"] { #expect(ServiceManager(at: address, process: 7) != nil) }
    for address in [nil, "", "/", "@", "notify", "vsock:2:1234"] {
      #expect(ServiceManager(at: address, process: 7) == nil)
    }
  }

  @Test func `a reload has its time`() {
    let now = Deadline.now
    #expect(ServiceManager.message(.ready, at: now) == "READY=1")
    #expect(ServiceManager.message(.stopping, at: now) == "STOPPING=1")
    #expect(
      ServiceManager.message(.reloading, at: now) == "RELOADING=1\nMONOTONIC_USEC=\(now.microseconds)")
  }
}
