// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

/// `connect -z` on private networks without other hosts.
@Suite(.takingTurns, .onPrivateNetworks)
struct CheckNetworkTests {
  @Test func `all ports are checked at once, and none is its own listener`() async throws {
    let result = try await PrivateNetwork(.none).python(
      """
      listeners = [socket.create_server(("127.0.0.1", port)) for port in (1, 22, 40000, 65535)]
      start = time.monotonic()
      run = subprocess.run(["sockkit", "connect", "-z", "--json", "127.0.0.1", "1-65535"], capture_output=True)
      seconds = time.monotonic() - start
      records = [json.loads(line) for line in run.stdout.splitlines()]
      say(run.returncode, run.stderr, [record["port"] for record in records] == list(range(1, 65536)))
      say([record["port"] for record in records if record["state"] != "closed"])
      start = time.monotonic()
      for port in range(1, 65536, 16):
          with socket.socket() as one:
              one.connect_ex(("127.0.0.1", port))
      alone = (time.monotonic() - start) * 16
      assert seconds < 20 * alone, (seconds, alone)
      """)
    #expect(result == Finished(.exit(0), output: "69 b'' True\n[1, 22, 40000, 65535]\n"))
  }

  @Test func `few descriptors make it slower, not wrong`() async throws {
    let result = try await PrivateNetwork(.none).shell(
      """
      sockkit echo-server --port-file port -m 1 127.0.0.1:0 & server=$!
      until [ -e port ]; do sleep 0.02; done
      ulimit -n 12
      sockkit connect -z 127.0.0.1 1-2000,$(cat port); echo $?
      sockkit connect -z -v 127.0.0.1 1-2000,$(cat port) 2>&1 | grep -c open
      kill $server
      """)
    #expect(result == Finished(.exit(0), output: "69\n1\n"))
  }

  /// A host that the sender has an ARP entry for, but that receives nothing that is sent to it.
  private static let swallowing = """
    ip link add net0 type veth peer name net1
    ip link set net0 up; ip link set net1 up
    ip address add 10.99.0.1/24 dev net0; ip address add fd00:99::1/64 dev net0 nodad
    ip neigh add 10.99.0.2 lladdr 02:00:00:00:00:09 dev net0
    ip neigh add fd00:99::2 lladdr 02:00:00:00:00:09 dev net0

    """

  @Test(arguments: ["10.99.0.2", "fd00:99::2"])
  func `filtered ports are timeout, all in the time of one`(host: String) async throws {
    let result = try await PrivateNetwork(.none).shell(
      Self.swallowing + """
        sockkit connect -z --json -w 500ms \(host) 1-1000 > states; echo $?
        grep -c '"state":"timeout"' states
        sockkit connect -z --timeout 500ms \(host) 1-1000; echo $?
        """)
    #expect(result.text == "69\n1000\n75\n", "\(result)")
  }

  @Test(arguments: ["127.0.0.1", "::1"])
  func `a name is open if either of its addresses is`(listening: String) async throws {
    let network = PrivateNetwork(.none, hosts: "::1 both\n127.0.0.1 both")
    let result = try await network.shell(
      """
      sockkit echo-server --port-file port \(listening) 0 & server=$!
      until [ -e port ]; do sleep 0.02; done
      for family in '' -4 -6; do sockkit connect $family -z both $(cat port); echo $?; done
      kill $server
      """)
    let isIPv4 = listening == "127.0.0.1"
    #expect(result == Finished(.exit(0), output: isIPv4 ? "0\n0\n69\n" : "0\n69\n0\n"))
  }

  @Test func `a name with a filtered address is open at the other`() async throws {
    let network = PrivateNetwork(.none, hosts: "10.99.0.2 both\nfd00:99::1 both")
    let result = try await network.shell(
      Self.swallowing + """
        sockkit echo-server --port-file port fd00:99::1 0 & server=$!
        until [ -e port ]; do sleep 0.02; done
        sockkit connect -z both $(cat port); echo $?
        sockkit connect -4 -z -w 300ms both $(cat port); echo $?
        sockkit connect -z --retry 200ms both 9; echo $?
        kill $server
        """)
    #expect(result == Finished(.exit(0), output: "0\n75\n75\n"))
  }

  @Test func `an unreachable network is closed`() async throws {
    let result = try await PrivateNetwork(.none).shell("sockkit connect -z -v 192.0.2.1 80,443; echo $?")
    #expect(result.text == "69\n")
    #expect(
      result.errorLines.allSatisfy { $0.hasSuffix("ms (Network is unreachable)") }
        && result.errorLines.count == 2,
      "\(result)")
  }
}
