// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import TestSupport
import Testing

/// The result of `make build` can be installed, packaged, and uninstalled.
@Suite(.takingTurns)
struct InstallationTests {
  @Test func `make install puts everything in its place, and make uninstall takes exactly that away`()
    async throws
  {
    let directory = try TemporaryDirectory()
    let foreign = directory.file("root/opt/share/man/man1")
    try FileManager.default.createDirectory(atPath: foreign, withIntermediateDirectories: true)
    _ = try directory.write("", to: "root/opt/share/man/man1/other.1")
    let installed = try await inProject(
      "make --silent install prefix=/opt DESTDIR=\"$1\" && cd \"$1/opt\" && find . -type f | sort && bin/sockkit --version && lib/sockkit/netcat/nc -h 2>&1 && lib/sockkit/netcat/ncat --version 2>&1",
      directory.file("root"))
    #expect(installed.ending == .exit(0), "\(installed)")
    for file in [
      "bin/sockkit", "share/man/man1/sockkit.1", "share/man/man1/sockkit-listen.1",
      "share/man/man7/sockkit-proxies.7",
      "share/man/man7/sockkit-systemd.7",
      "share/man/man7/sockkit-tls.7",
      "share/bash-completion/completions/sockkit", "share/zsh/site-functions/_sockkit",
      "share/fish/vendor_completions.d/sockkit.fish", "share/doc/sockkit/README.md",
      "share/doc/sockkit/docs/tutorial.md", "share/doc/sockkit/examples/systemd/sockkit-echo.service",
    ] {
      #expect(installed.text.contains("./\(file)\n"), "\(installed)")
    }
    let links = try Project.lines("README.md").flatMap { $0.matches(of: /\]\((?<file>[^):#]+)\)/) }
    #expect(!links.isEmpty)
    for link in links {
      #expect(installed.text.contains("./share/doc/sockkit/\(link.file)\n"), "\(link.file)")
    }
    #expect(installed.text.contains("\nsockkit 0.1.0"), "\(installed)")
    #expect(installed.text.contains("\nOpenBSD netcat "), "\(installed)")
    #expect(installed.text.contains("\nNcat: Version "), "\(installed)")
    let left = try await inProject(
      "make --silent uninstall prefix=/opt DESTDIR=\"$1\" && cd \"$1\" && find . | sort",
      directory.file("root"))
    let kept = [
      ".", "./opt", "./opt/share", "./opt/share/man", "./opt/share/man/man1", "./opt/share/man/man1/other.1",
    ]
    #expect(left == Finished(.exit(0), output: kept.map { $0 + "\n" }.joined()))
  }

  @Test func `the Debian package is the same bytes twice, and lintian finds no error`() async throws {
    let directory = try TemporaryDirectory()
    let made = try await inProject(
      """
      first=$(scripts/build-deb .build/release/sockkit "$1/1") || exit
      second=$(scripts/build-deb .build/release/sockkit "$1/2") || exit
      cmp "$first" "$second" || exit
      lintian --allow-root --fail-on error,warning "$first"
      """, directory.path)
    #expect(made.ending == .exit(0), "\(made)")
  }

  @Test func `the files of a release are the same bytes twice, and their sums are right`() async throws {
    let directory = try TemporaryDirectory()
    // The compiler is asked for its version.
    let path = try #require(ProcessInfo.processInfo.environment["PATH"])
    let made = try await inProject(
      """
      export PATH='\(path)'
      scripts/build-release .build/release/sockkit "$1/1" || exit
      scripts/build-release .build/release/sockkit "$1/2" || exit
      diff -r "$1/1" "$1/2" || exit
      cd "$1/1" && sha256sum --check SHA256SUMS && python3 -m json.tool ./*.spdx.json
      """, directory.path)
    #expect(made.ending == .exit(0), "\(made)")
    #expect(made.text.contains("-oci-"), "\(made)")
    #expect(made.text.contains("\"spdxVersion\": \"SPDX-2.3\""), "\(made)")
  }

  @Test(arguments: ["event", "thread", "fork"])
  func `an idle server takes 6.75 MiB at most`(model: String) async throws {
    let directory = try TemporaryDirectory()
    let measured = try await inProject(
      """
      .build/release/sockkit echo-server --model \(model) --port-file "$1/port" 127.0.0.1:0 &
      trap 'kill "$!"' EXIT
      until [ -e "$1/port" ]; do sleep 0.1; done
      awk '/^Pss:/ { print $2 " KiB"; exit ($2 > 6912) }' "/proc/$!/smaps_rollup"
      """, directory.path)
    #expect(measured.ending == .exit(0), "\(measured)")
  }

  @Test func `the Debian package is installed, works, and leaves nothing behind`() async throws {
    let directory = try TemporaryDirectory()
    let tested = try await inProject(
      "scripts/test-deb \"$(scripts/build-deb .build/release/sockkit \"$1\")\"", directory.path)
    #expect(tested.ending == .exit(0), "\(tested)")
    #expect(tested.text.contains("\nNothing is left"), "\(tested)")
  }

  /// Runs a shell script at the top of the project; its argument is `$1`.
  private func inProject(_ script: String, _ argument: String) async throws -> Finished {
    let program = Program.shell("cd \"$2\" && {\n\(script)\n}", [argument, Project.path(".")])
    return try await RunningProgram(program, input: .file("/dev/null"), limit: 400).finished()
  }
}
