// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

/// `ncat -l -u -k`: any number of peers of UDP, with a command for each of them or with standard input for all.
@Suite(.takingTurns)
struct NcatDatagramTests {
  /// Python that starts the server, and talks with it.
  private static let prelude = #"""
    import itertools, re
    def start(*words):
        "A server, and its port; of a Unix socket nothing."
        global server, errors
        server = subprocess.Popen(
            ['sockkit', 'ncat', '-v', '-luk', *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE)
        errors = b''
        port = said(r'Listening on \S+?(?::(\d+))?\n')[1]
        return int(port) if port else None
    def said(pattern, times=1):
        "Waits until the server has written a text to standard error so often."
        global errors
        while len(found := list(re.finditer(pattern.encode(), errors))) < times:
            assert select.select([server.stderr], [], [], 20)[0], errors
            part = os.read(server.stderr.fileno(), 1 << 12)
            assert part, errors
            errors += part
        return found[times - 1]
    def shown(*texts):
        "Waits until the server has written texts to standard output."
        written = b''
        while not all(text in written for text in texts):
            assert select.select([server.stdout], [], [], 20)[0], written
            written += os.read(server.stdout.fileno(), 1 << 16)
        return written
    def peer(port, host='127.0.0.1'):
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.settimeout(20)
        s.bind((host, 0))
        s.connect(('127.0.0.1', port))
        return s
    def ask(peer, question):
        peer.send(question)
        return peer.recv(1 << 16)
    def of(process):
        with open(f'/proc/{process}/task/{process}/children') as file:
            return file.read().split()
    def children():
        """The processes for peers, with those that have ended and are not reaped: that of each peer, and its command. The
        oldest child of the server starts the commands."""
        spawner, *sessions = of(server.pid)
        return sessions + of(spawner)
    STRANGERS = '127.0.0.2', '127.0.0.3'
    DENIED = '--deny', ','.join(STRANGERS)
    def left(port):
        "Waits until the processes of a server that denies the strangers have ended, and it has seen to that."
        for child in children():
            try:
                ended = os.pidfd_open(int(child))
            except ProcessLookupError:
                continue
            assert select.select([ended], [], [], 20)[0], child
            os.close(ended)
        # What was due before the first of these datagrams is done before the second is read. The kernel reports the end
        # of a process before it sends SIGCHLD, so that some more may be read before.
        limit = time.monotonic() + 20
        for times, host in enumerate(itertools.cycle(STRANGERS), 1):
            if times > len(STRANGERS) and not children(): return
            assert time.monotonic() < limit, children()
            peer(port, host).send(b'x')
            said('New connection denied', times)
    def end():
        server.send_signal(signal.SIGTERM)
        print('ended', server.wait(20))

    """#

  private static func run(_ script: String) async throws -> Finished { try await python(prelude + script) }

  @Test func `each peer has a command of its own, and another one after its end`() async throws {
    let result = try await Self.run(
      #"""
      port = start(*DENIED, '127.0.0.1', '0', '-c', 'read word; echo $NCAT_PROTO $NCAT_REMOTE_PORT $NCAT_LOCAL_PORT $word')
      peers = [peer(port), peer(port)]
      for p in peers: p.send(b'hello\n')
      for p in peers: print(p.recv(99) == b'UDP %d %d hello\n' % (p.getsockname()[1], port))
      left(port)
      print(ask(peers[0], b'again\n').endswith(b' again\n'))
      said('Connection from 127.0.0.1:', 3)
      end()
      """#)
    #expect(result.text == "True\nTrue\nTrue\nended -15\n", "\(result)")
  }

  @Test func `a datagram reaches the command whole, and answers are datagrams of what it writes`()
    async throws
  {
    let result = try await Self.run(
      #"""
      port = start('127.0.0.1', '0', '-e', '/bin/cat')
      p = peer(port)
      for size in [1, 1472, 16384]: print(ask(p, b'x' * size) == b'x' * size)
      p.send(b'')
      print(ask(p, b'behind an empty one'))
      end()
      """#)
    #expect(
      result.text == "True\nTrue\nTrue\nb'behind an empty one'\nended -15\n", "\(result)")
  }

  @Test func `the command of a silent peer is ended, and nothing of it is left`() async throws {
    let result = try await Self.run(
      #"""
      port = start(*DENIED, '-i', '300ms', '127.0.0.1', '0', '-c', 'ls /proc/self/fd | wc -l; exec sleep 99')
      def descriptors():
          return len(os.listdir(f'/proc/{server.pid}/fd'))
      before = descriptors()
      p = peer(port)
      # Those of the command are its standard streams, and the directory that it reads.
      print(ask(p, b'x'))
      left(port)
      print(descriptors() - before)
      print(ask(p, b'y'))
      end()
      """#)
    #expect(result.text == "b'4\\n'\n0\nb'4\\n'\nended -15\n", "\(result)")
  }

  @Test func `what a command does not read is dropped, and said to be`() async throws {
    let result = try await Self.run(
      #"""
      port = start('127.0.0.1', '0', '-c', 'exec sleep 99')
      slow, other = peer(port), peer(port)
      for _ in range(100): slow.send(b'x' * 9000)
      said('1 datagram from 127.0.0.1:%d dropped' % slow.getsockname()[1])
      end()
      """#)
    #expect(result.text == "ended -15\n", "\(result)")
  }

  @Test func `further peers than -m, and denied ones, are not served`() async throws {
    let result = try await Self.run(
      #"""
      port = start('-m', '1', '--deny', '127.0.0.2', '127.0.0.1', '0', '-e', '/bin/cat')
      first, second, denied = peer(port), peer(port), peer(port, '127.0.0.2')
      print(ask(first, b'one'))
      second.send(b'two')
      said(r'New connection denied: connection limit reached \(1\)')
      denied.send(b'three')
      said('New connection denied: not allowed')
      print(ask(first, b'four'))
      end()
      """#)
    #expect(result.text == "b'one'\nb'four'\nended -15\n", "\(result)")
  }

  @Test func `standard input goes to all peers that have spoken, and what they send is shown`() async throws {
    let result = try await Self.run(
      #"""
      port = start('127.0.0.1', '0')
      peers = [peer(port), peer(port)]
      for p in peers: p.send(b'from %d\n' % p.getsockname()[1])
      shown(*(b'from %d\n' % p.getsockname()[1] for p in peers))
      server.stdin.write(b'to all')
      server.stdin.flush()
      print([p.recv(99) for p in peers])
      # The end of the input is not that of the peers.
      server.stdin.close()
      peers[0].send(b'x' * 65000 + b'late')
      shown(b'late')
      end()
      """#)
    #expect(result.text == "[b'to all', b'to all']\nended -15\n", "\(result)")
  }

  @Test func `a broker passes the datagrams of each peer on to the others`() async throws {
    let result = try await Self.run(
      #"""
      port = start('--broker', '127.0.0.1', '0')
      one, two = peer(port), peer(port)
      one.send(b'first')
      said('Connection from', 1)
      two.send(b'second')
      print(one.recv(99))
      one.send(b'third')
      print(two.recv(99))
      end()
      """#)
    #expect(result.text == "b'second'\nb'third'\nended -15\n", "\(result)")
  }

  @Test func `peers of the Unix domain are served by commands, too`() async throws {
    let directory = try TemporaryDirectory()
    let result = try await Self.run(
      #"""
      os.chdir('DIRECTORY')
      start('-U', 'server', '-c', 'read word; echo $NCAT_PROTO $NCAT_REMOTE_ADDR $word')
      peers = []
      for name in ['one', 'two']:
          s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
          s.settimeout(20)
          s.bind(name)
          s.connect('server')
          peers.append(s)
      # One without a name, which cannot be answered.
      nameless = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
      nameless.sendto(b'lost\n', 'server')
      for s in peers: s.send(b'hello\n')
      for s in peers: print(s.recv(99))
      end()
      print(os.path.exists('server'))
      """#.replacing("DIRECTORY", with: directory.path))
    #expect(
      result.text == "b'UNIX one hello\\n'\nb'UNIX two hello\\n'\nended -15\nFalse\n", "\(result)")
  }
}
