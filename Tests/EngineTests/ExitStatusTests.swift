// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Sockets
import SystemPackage
import Testing

struct ExitStatusTests {
  private static let address = Address.internet(.anyIPv4, port: 1)

  @Test(arguments: [
    (IOFailure(.connect(address), .connectionRefused), Engine.ExitStatus.unavailable),
    (IOFailure(.connect(address), .noRouteToHost), .unavailable),
    (IOFailure(.connect(.unix(path: "x")), .noSuchFileOrDirectory), .unavailable),
    (IOFailure(.connect(.unix(path: "x")), .permissionDenied), .noPermission),
    (IOFailure(.connect(.unix(path: "x")), .fileNameTooLong), .usage),
    (IOFailure(.connect(address), .timedOut), .timedOut),
    (IOFailure(.bind(address), .addressInUse), .cannotCreate),
    (IOFailure(.bind(address), .addressNotAvailable), .cannotCreate),
    (IOFailure(.bind(address), .permissionDenied), .noPermission),
    (IOFailure(.create("ipv4 socket"), .tooManyOpenFiles), .noResources),
    (IOFailure(.accept(address), .tooManyOpenFiles), .noResources),
    (IOFailure(.createFile("port"), .isDirectory), .cannotCreate),
    (IOFailure(.createFile("port"), .permissionDenied), .noPermission),
    (IOFailure(.openDirectory("uploads"), .noSuchFileOrDirectory), .cannotCreate),
    (IOFailure(.openDirectory("uploads"), .permissionDenied), .noPermission),
    (IOFailure(.set("interface to x"), .noSuchAddressOrDevice), .usage),
    (IOFailure(.set("congestion control to x"), .notPermitted), .noPermission),
    (IOFailure(.set("--tls-ciphers"), .malformed("no such cipher")), .usage),
    (IOFailure(.set("--md5-key"), .missing("this kernel has none")), .noResources),
    (IOFailure(.receive(from: "x"), .connectionReset), .broken),
    (IOFailure(.send(to: "x"), .brokenPipe), .broken),
    (IOFailure(.sendDatagram(to: address), .connectionRefused), .unavailable),
    (IOFailure(.sendDatagram(to: address), .noRouteToHost), .unavailable),
    (IOFailure(.sendDatagram(to: address), .messageTooLong), .dataError),
    (IOFailure(.sendDatagram(to: address), .permissionDenied), .noPermission),
    (IOFailure(.sendDatagram(to: .unix(path: "x")), .noSuchFileOrDirectory), .unavailable),
    (IOFailure(.read("standard input"), .isDirectory), .noInput),
    (IOFailure(.read("standard input"), .ioError), .broken),
    (IOFailure(.write("standard output"), .noSpace), .broken),
    (IOFailure(.run("x"), .noSuchFileOrDirectory), .noCommand),
    (IOFailure(.run("x/y"), .notDirectory), .noCommand),
    (IOFailure(.run("x"), .permissionDenied), .notExecutable),
    (IOFailure(.run("x"), .isDirectory), .notExecutable),
    (IOFailure(.run("x"), .resourceTemporarilyUnavailable), .noResources),
    (IOFailure(.run("x"), .tooManyOpenFiles), .noResources),
  ])
  func `a failed call has the status of what was attempted`(
    _ error: IOFailure, _ status: Engine.ExitStatus
  ) {
    #expect(Failure(error).status == status)
    #expect(Failure(error).message == "\(error)")
  }

  @Test(arguments: [
    (ResolutionError.Reason.unknownHost("Name or service not known"), Engine.ExitStatus.unknownName),
    (.unknownService, .unknownName), (.lookupForbidden, .unknownName), (.portOutOfRange, .usage),
    (.timedOut, .timedOut), (.unavailable("Temporary failure"), .timedOut),
    (.system(.noMemory), .noResources), (.notPossible("no library"), .noResources),
  ])
  func `a failed look-up has the status of its reason`(
    _ reason: ResolutionError.Reason, _ status: Engine.ExitStatus
  ) {
    #expect(Failure(ResolutionError(name: "x", reason: reason)).status == status)
  }

  @Test func `the statuses are those of sysexits, and of shells for commands`() {
    #expect(
      Engine.ExitStatus.allCases.map(\.rawValue) == [
        0, 64, 65, 66, 68, 69, 71, 73, 74, 75, 76, 77, 126, 127,
      ])
  }
}
