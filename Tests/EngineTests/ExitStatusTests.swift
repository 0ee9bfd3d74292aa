// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Sockets
import SystemPackage
import Testing

struct ExitStatusTests {
  private static let address = Address.internet(.anyIPv4, port: 1)

  @Test(arguments: [
    (SystemError(.connect(address), .connectionRefused), Engine.ExitStatus.unavailable),
    (SystemError(.connect(address), .noRouteToHost), .unavailable),
    (SystemError(.connect(.unix(path: "x")), .noSuchFileOrDirectory), .unavailable),
    (SystemError(.connect(.unix(path: "x")), .permissionDenied), .noPermission),
    (SystemError(.connect(.unix(path: "x")), .fileNameTooLong), .usage),
    (SystemError(.connect(address), .timedOut), .timedOut),
    (SystemError(.bind(address), .addressInUse), .cannotCreate),
    (SystemError(.bind(address), .addressNotAvailable), .cannotCreate),
    (SystemError(.bind(address), .permissionDenied), .noPermission),
    (SystemError(.create("ipv4 socket"), .tooManyOpenFiles), .noResources),
    (SystemError(.accept(address), .tooManyOpenFiles), .noResources),
    (SystemError(.createFile("port"), .isDirectory), .cannotCreate),
    (SystemError(.createFile("port"), .permissionDenied), .noPermission),
    (SystemError(.openDirectory("uploads"), .noSuchFileOrDirectory), .cannotCreate),
    (SystemError(.openDirectory("uploads"), .permissionDenied), .noPermission),
    (SystemError(.set("interface to x"), .noSuchAddressOrDevice), .usage),
    (SystemError(.set("congestion control to x"), .notPermitted), .noPermission),
    (SystemError(.receive(from: "x"), .connectionReset), .broken),
    (SystemError(.send(to: "x"), .brokenPipe), .broken),
    (SystemError(.sendDatagram(to: address), .connectionRefused), .unavailable),
    (SystemError(.sendDatagram(to: address), .noRouteToHost), .unavailable),
    (SystemError(.sendDatagram(to: address), .messageTooLong), .dataError),
    (SystemError(.sendDatagram(to: address), .permissionDenied), .noPermission),
    (SystemError(.sendDatagram(to: .unix(path: "x")), .noSuchFileOrDirectory), .unavailable),
    (SystemError(.read("standard input"), .isDirectory), .noInput),
    (SystemError(.read("standard input"), .ioError), .broken),
    (SystemError(.write("standard output"), .noSpace), .broken),
    (SystemError(.run("x"), .noSuchFileOrDirectory), .noCommand),
    (SystemError(.run("x/y"), .notDirectory), .noCommand),
    (SystemError(.run("x"), .permissionDenied), .notExecutable),
    (SystemError(.run("x"), .isDirectory), .notExecutable),
    (SystemError(.run("x"), .resourceTemporarilyUnavailable), .noResources),
    (SystemError(.run("x"), .tooManyOpenFiles), .noResources),
  ])
  func `a failed call has the status of what was attempted`(
    _ error: SystemError, _ status: Engine.ExitStatus
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
