// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import TestSupport
import Testing

/// A program whose behaviour another one has to have: the same command lines are run with both, against the same peers.
struct Oracle: Sendable {
  /// The original.
  private let original: Program
  /// The link by whose name our program stands for the original.
  private let link: String
  private let directory: TemporaryDirectory
  /// Whether a listener that is asked for port 0 reports the port that it gets.
  private let announcesPort: Bool
  private let normalize: @Sendable (String) -> String

  /// Finds the original, and makes the link.
  ///
  /// - Parameters:
  ///   - name: The name of both.
  ///   - program: The file name of the original.
  ///   - package: The Debian package that contains it.
  ///   - announcesPort: Whether a listener that is asked for port 0 reports the port that it gets. Otherwise it is asked
  ///     for a port that was free.
  ///   - normalize: Removes from a behaviour what need not be the same.
  init(
    _ name: String, program: String, package: String, announcesPort: Bool = true,
    normalize: @escaping @Sendable (String) -> String = { $0 }
  ) throws {
    self.announcesPort = announcesPort
    self.normalize = normalize
    original = try .other(program, package: package, [])
    directory = try TemporaryDirectory()
    // Messages of the original begin with the name by which it was called.
    for (place, path) in [("original", original.path), ("ours", Program.sockkit([]).path)] {
      try FileManager.default.createDirectory(
        atPath: directory.path + "/" + place, withIntermediateDirectories: false)
      try FileManager.default.createSymbolicLink(
        atPath: "\(directory.path)/\(place)/\(name)", withDestinationPath: path)
    }
    link = name
  }

  /// `ncat` as the original, of which newer releases do not print all.
  static func ncat() throws -> Oracle {
    try Oracle("ncat", program: "ncat", package: "ncat", announcesPort: false, normalize: normalizedNcat)
  }

  /// A behaviour without what differs from run to run, and without what newer releases do not print any more.
  @Sendable private static func normalizedNcat(_ text: String) -> String {
    text.replacing(/Version [0-9.]+/, with: "Version N")
      .replacing(/in [0-9.]+ seconds/, with: "in T seconds")
      .replacing(/fingerprint:( [0-9A-FN]{1,4}){10}/, with: "fingerprint: F")
      .replacing(/Ncat: Connection from [0-9.:]+( on file descriptor \d+)?\.?\nNcat: Connection from/) { _ in
        "Ncat: Connection from"
      }
  }

  /// What a program did, as text: its status, its streams, and what its peer saw.
  struct Behaviour: Equatable, CustomStringConvertible {
    /// The lines.
    let description: String

    /// Whether the behaviour contains a text.
    func contains(_ text: String) -> Bool { description.contains(text) }
  }

  /// Runs a line of the shell with both programs.
  ///
  /// - Parameters:
  ///   - line: The line, in which the program is on the search path. `PORT` stands for the port of the peer, or for the
  ///     one to listen on.
  ///   - peer: Python that talks with the program over `c`, and returns what it saw; `nil` for no peer.
  ///   - listens: Whether the program listens, with `-v`, and the peer connects.
  func run(
    _ line: String, with peer: String?, listens: Bool = false
  ) async throws -> (original: Behaviour, ours: Behaviour) {
    async let original = behaviour("original", line, peer, listens)
    async let ours = behaviour("ours", line, peer, listens)
    return try await (original, ours)
  }

  /// Runs a line of the shell with our program alone, as `run` does.
  func ours(_ line: String, with peer: String?, listens: Bool = false) async throws -> Behaviour {
    try await behaviour("ours", line, peer, listens)
  }

  private func behaviour(
    _ place: String, _ line: String, _ peer: String?, _ listens: Bool
  ) async throws -> Behaviour {
    let body = (peer ?? "return ''").split(separator: "\n").map { "    " + $0 }.joined(separator: "\n")
    let result = try await python(
      "def act(c):\n\(body)\n" + Self.harness, "\(directory.path)/\(place)", line,
      peer == nil ? "alone" : listens ? "listens" : "connects", directory.path + "/" + place,
      announcesPort ? "0" : "free")
    #expect(result.ending == .exit(0), "\(result)")
    return Behaviour(description: normalize(result.text))
  }

  private static let harness = """
    import re
    directory, line, mode, home, wanted = arguments
    def drain(c):
        parts = []
        while part := c.recv(1 << 16):
            parts.append(part)
        return b''.join(parts)
    def wait_end(c):
        try:
            return drain(c), 'end'
        except ConnectionResetError:
            return 'reset'
    seen, port = [], 0
    errors, written = b'', b''
    def await_text(stream, text, before):
        while text not in before:
            ready, _, _ = select.select([stream], [], [], 20)
            part = os.read(stream.fileno(), 1 << 12) if ready else b''
            if not part:
                raise EOFError(text)
            before += part
        return before
    def shown(text):
        'Waits until a listener has written a text to standard output.'
        global written
        written = await_text(process.stdout, text, written)
    def said(text):
        'Waits until a listener has written a text to standard error.'
        global errors
        errors = await_text(process.stderr, text, errors)
    def ended():
        'Waits for the end of the program.'
        process.wait(20)
    def serve(listener):
        connection, _ = listener.accept()
        meet(connection)
        listener.close()
    def meet(connection):
        connection.settimeout(20)
        try:
            seen.append(act(connection))
        except Exception as error:
            seen.append(repr(error))
        connection.close()
    peer = None
    if mode == 'connects':
        listener = socket.create_server(('127.0.0.1', 0))
        port = listener.getsockname()[1]
        peer = threading.Thread(target=serve, args=(listener,), daemon=True)
        peer.start()
    if mode == 'listens' and wanted == 'free':
        with socket.create_server(('127.0.0.1', 0)) as free:
            port = free.getsockname()[1]
    # A program may end before its input was written, and what failed then is not its status.
    prelude = 'set -o pipefail; ' + ''.join(
        f'{name}() (trap "" PIPE; builtin {name} "$@" 2> /dev/null; true); ' for name in ['echo', 'printf'])
    environment = dict(os.environ, PATH=directory + ':' + os.environ['PATH'], HOME=home)
    process = subprocess.Popen(
        ['bash', '-c', prelude + line.replace('PORT', str(port))], stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=home, env=environment, start_new_session=True)
    if mode == 'listens':
        # A socket of IPv6 may be open before that of IPv4.
        while not (found := re.search(rb'(?:Listening|Bound) on (?!:::)\\S+?[ :](\\d+)', errors)):
            ready, _, _ = select.select([process.stderr], [], [], 20)
            part = os.read(process.stderr.fileno(), 1 << 12) if ready else b''
            if not part:
                break
            errors += part
        else:
            port = int(found[1]) or port
            kind = socket.SOCK_DGRAM if b'Bound on' in errors else socket.SOCK_STREAM
            connection = socket.socket(socket.AF_INET, kind)
            connection.connect(('127.0.0.1', port))
            meet(connection)
    try:
        output, rest = process.communicate(timeout=20)
    except subprocess.TimeoutExpired:
        # With everything that it has left in the background, which would hold the pipes open.
        os.killpg(process.pid, signal.SIGKILL)
        output, rest = process.communicate()
        seen.append('killed')
    if peer:
        peer.join(20)
    output = written + output
    errors = (errors + rest).decode()
    errors = re.sub(r'\\b\\d{4,5}\\b', 'N', errors)
    print('status', process.returncode, '\\noutput', output, '\\nerrors', errors, '\\npeer', seen)
    """
}
