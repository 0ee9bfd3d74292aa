// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import Sockets
import SystemPackage

/// Who serves one connection at a time for an `AcceptLoop`.
protocol ConnectionModel: AnyObject {
  /// How many are being served.
  var count: Int { get }
  /// Ready for reading when one may have ended; `nil` where a signal tells.
  var bell: FileDescriptor? { get }

  /// Lets somebody serve a client, and takes it.
  ///
  /// - Parameter leaving: Lets go of what belongs to the parent, where a child process serves.
  /// - Throws: What the system lacks for it; the client is left where it is.
  func serve(_ arrival: inout StreamSocket?, leaving: () -> Void) throws(SystemError)
  /// Asks whoever is connected to come to an end.
  func stop()
  /// Takes note of those that have ended.
  func collect()
  /// Ends those that are being served, now.
  func endAll()
}

/// Accepts connections in the main thread, and hands each to somebody who serves nobody else.
struct AcceptLoop<Model: ConnectionModel> {
  private let settings: ServerSettings
  private let admission: Admission
  private let model: Model

  init(_ settings: ServerSettings, _ admission: Admission, _ model: Model) {
    self.settings = settings
    self.admission = admission
    self.model = model
  }

  /// Accepts until a signal comes, and then waits for whoever is connected, until they are done, the grace is over,
  /// or a second signal comes.
  func run(
    _ door: Door, _ sideline: (any Sideline)?, until signals: borrowing SignalQueue
  ) throws(SystemError) {
    var end = Deadline.never
    var stops = StopRequests()
    var shortage = Shortage()
    var arrival: StreamSocket? = nil
    while end == .never || model.count > 0 || arrival != nil, !end.hasPassed {
      let hasRoom = model.count < settings.maximumConnections
      var readiness = PollSet()
      readiness.add(signals.number, for: .readable)
      if let bell = model.bell { readiness.add(bell, for: .readable) }
      if let sideline, end == .never { readiness.add(sideline.number, for: .readable) }
      if end == .never, hasRoom, arrival == nil, shortage.end.hasPassed {
        readiness.add(door.number, for: .readable)
      }
      _ = try readiness.wait(until: hasRoom && !shortage.end.hasPassed ? min(shortage.end, end) : end)
      switch stops.take(from: signals, for: admission) {
      case .goOn: break
      case .finish:
        door.close()
        model.stop()
        end = .after(settings.grace)
      case .end: return model.endAll()
      }
      // After the signals are taken: one that a child has ended stands for all that have.
      model.collect()
      if end == .never, readiness.readiness(of: door.number).allowsRead {
        arrival = try accept(through: door, &shortage)
      }
      if arrival != nil, shortage.end.hasPassed {
        do {
          try model.serve(&arrival) { leave(door, sideline) }
        } catch {
          pause(&shortage, because: error)
        }
      }
      if let sideline, end == .never, readiness.readiness(of: sideline.number).allowsRead {
        try sideline.attend()
      }
    }
    model.endAll()
  }

  private func accept(through door: Door, _ shortage: inout Shortage) throws(SystemError) -> StreamSocket? {
    switch try admission.accept(through: door) {
    case .client(let socket): return socket
    case .failed(let error): pause(&shortage, because: error)
    case .refused: break
    case .nobody: break
    }
    return nil
  }

  private func pause(_ shortage: inout Shortage, because error: SystemError) {
    shortage.begin(because: error) { admission.report(.short($0)) }
  }

  private func leave(_ door: Door, _ sideline: (any Sideline)?) {
    door.closeInChild()
    sideline?.closeInChild()
  }
}
