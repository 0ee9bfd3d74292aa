// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import TestSupport
import Testing

/// The completions are those that the binary generates, and work in real shells.
@Suite(.takingTurns)
struct CompletionTests {
  @Test(arguments: [("bash", "sockkit.bash"), ("zsh", "_sockkit"), ("fish", "sockkit.fish")])
  func `a completion is what the binary generates`(shell: String, file: String) async throws {
    let generated = try await sockkit("completion", shell)
    #expect(try await sockkit("--generate-completion-script", shell) == generated)
    let kept = try String(contentsOfFile: Project.path("completions/\(file)"), encoding: .utf8)
    #expect(generated.ending == .exit(0))
    #expect(generated.text == kept, "'make completions' writes them anew")
  }

  /// The text typed before the Tab key is pressed, and the line afterwards.
  static let lines = [
    ("sockkit lis", "sockkit listen"), ("sockkit connect --tel", "sockkit connect --telnet"),
    ("sockkit echo-server --model thr", "sockkit echo-server --model thread"),
    ("sockkit connect --log-format j", "sockkit connect --log-format json"),
    ("sockkit connect --dscp e", "sockkit connect --dscp ef"),
    ("sockkit connect --interface l", "sockkit connect --interface lo"),
    ("sockkit connect known-h", "sockkit connect known-host.example"),
    ("sockkit udp-send other-h", "sockkit udp-send other-host.example"),
    (
      "sockkit connect -v -w 5s known-host.example goph", "sockkit connect -v -w 5s known-host.example gopher"
    ),
    ("sockkit listen -o writ", "sockkit listen -o written-here"),
    ("sockkit http-server --root direc", "sockkit http-server --root directory"),
    ("sockkit http-server 8080 direc", "sockkit http-server 8080 directory"),
    ("sockkit http-server 127.0.0.1 goph", "sockkit http-server 127.0.0.1 gopher"),
    ("sockkit help lis", "sockkit help listen"), ("sockkit completion fi", "sockkit completion fish"),
    ("sockkit connect --log-format=j", "sockkit connect --log-format=json"),
    ("sockkit listen --record=writ", "sockkit listen --record=written-here"),
    ("sockkit connect unix:writ", "sockkit connect unix:written-here"),
    ("sockkit connect unix:direc", "sockkit connect unix:directory"),
    ("sockkit connect localhost:goph", "sockkit connect localhost:gopher"),
    ("sockkit forward 8080 localhost:goph", "sockkit forward 8080 localhost:gopher"),
    ("sockkit listen 127.0.0.1:goph", "sockkit listen 127.0.0.1:gopher"),
    ("sockkit connect -z known-host.example 22,goph", "sockkit connect -z known-host.example 22,gopher"),
    ("sockkit connect -zv localhost:22,goph", "sockkit connect -zv localhost:22,gopher"),
    ("sockkit connect --source 127.0.0", "sockkit connect --source 127.0.0.1"),
    ("sockkit connect --source=127.0.0", "sockkit connect --source=127.0.0.1"),
    ("sockkit listen 5000 -- mktem", "sockkit listen 5000 -- mktemp"),
    ("sockkit connect uni", "sockkit connect unix:"),
    ("sockkit listen uni", "sockkit listen unix:"),
    ("sockkit http-server systemd:http direc", "sockkit http-server systemd:http directory"),
    ("true | sockkit connect --tel", "true | sockkit connect --telnet"),
    ("sockkit connect -w 500", "sockkit connect -w 500ms"),
    ("sockkit connect --input-wait for", "sockkit connect --input-wait forever"),
    ("sockkit listen -owrit", "sockkit listen -owritten-here"),
    ("sockkit listen -o \"two wo", "sockkit listen -o \"two words\""),
    ("sockkit listen -o two\\ wo", "sockkit listen -o two\\ words"),
    ("sockkit listen -o ~/writ", "sockkit listen -o ~/written-here"),
    ("sockkit listen --output-dir direc", "sockkit listen --output-dir directory"),
    ("sockkit listen --allow 172.16.", "sockkit listen --allow 172.16.0.0/12"),
    ("sockkit udp-recv --join 224.0.0.2", "sockkit udp-recv --join 224.0.0.251"),
    ("sockkit udp-recv --join 224.0.0.251%l", "sockkit udp-recv --join 224.0.0.251%lo"),
    ("sockkit listen 5000 --sh-exec mktem", "sockkit listen 5000 --sh-exec mktemp"),
    ("sockkit doctor --js", "sockkit doctor --json"), ("sockkit connect --vers", "sockkit connect --version"),
  ]

  /// Free text, of which there is nothing to offer.
  private static let texts = [
    "--reply", "--greeting", "--prefix", "--text", "--header", "--tls-pin", "--tls-ciphers",
    "--proxy-header", "--proxy-tls-pin", "--max-packets",
  ]

  @Test(arguments: HelpTests.subcommands)
  func `every option with a value has values to choose from`(name: String) async throws {
    for option in try #require(await CommandHelp.of(name)).options where option.kind == "option" {
      let spelling = try #require(option.flags.max { $0.count < $1.count })
      let answer = try await sockkit("---complete", name, spelling, "")
      let isText = Self.texts.contains(spelling)
      #expect((answer.text == "nothing\t\n") == isText, "\(spelling): \(answer)")
    }
  }

  @Test func `a name to look up is no Unix socket`() async throws {
    let answer = try await sockkit("---complete", "resolve", "")
    #expect(answer.text.contains("\nlocalhost\n") && !answer.text.contains("unix:"), "\(answer)")
    #expect(try await sockkit("---complete", "forward", "8080", "uni").text == "nothing\t\nunix:\n")
  }

  @Test(arguments: ["calc-server", "echo-server", "forward", "http-server", "listen", "proxy", "udp-recv"])
  func `an address to bind may be a Unix socket, or name inherited ones`(name: String) async throws {
    let answer = try await sockkit("---complete", name, "")
    for word in ["unix:", "systemd", "systemd:", "fd:"] {
      #expect(answer.text.contains("\n\(word)\n"), "\(answer)")
    }
    #expect(try await sockkit("---complete", name, "systemd:ht").text == "nothing\t\n")
    let peer = try await sockkit("---complete", "connect", "")
    #expect(!peer.text.contains("\nsystemd"), "\(peer)")
  }

  @Test func `a description is a whole sentence`() async throws {
    let answer = try await sockkit("---complete", "connect", "--sh-exec")
    #expect(answer.text.hasSuffix(" runs a program without a shell\n"), "\(answer)")
  }

  @Test(arguments: ["bash", "zsh", "fish"])
  func `the tabulator completes what is typed`(shell: String) async throws {
    let directory = try TemporaryDirectory()
    let home = directory.file("home")
    try FileManager.default.createDirectory(atPath: home + "/.ssh", withIntermediateDirectories: true)
    try FileManager.default.createDirectory(
      atPath: home + "/directory", withIntermediateDirectories: false)
    for name in ["written-here", "two words"] { _ = try directory.write("", to: "home/" + name) }
    _ = try directory.write(
      """
      known-host.example,192.0.2.1 ssh-ed25519 AAAA
      [other-host.example]:2222 ssh-ed25519 AAAA
      |1|hashed|hashed ssh-ed25519 AAAA
      """, to: "home/.ssh/known_hosts")
    let lines = String(
      decoding: try JSONEncoder().encode(Self.lines.map { [$0.0, $0.1] }), as: UTF8.self)
    let result = try await screens(
      """
      home, files = directory + "/home", "\(Project.path("completions"))"
      starts = {
          "bash": ("source " + files + "/sockkit.bash", "exec bash --noprofile --rcfile rc -i"),
          "zsh": ("fpath=(" + files + " $fpath); autoload -Uz compinit; compinit -u -d dump", "ZDOTDIR=$PWD exec zsh -i"),
          "fish": ("source " + files + "/sockkit.fish; function fish_prompt; echo -n '$ '; end; set fish_greeting",
              "exec fish --no-config --init-command 'source rc' -i"),
      }
      rc, start = starts["\(shell)"]
      for name in "rc", ".zshrc":
          with open(home + "/" + name, "w") as file:
              file.write(("PS1='$ '; " if "\(shell)" != "fish" else "") + rc + "\\n")
      command = "cd " + home + "; export HOME=" + home + " TERM=xterm; " + start
      with Screen(command, columns=100) as screen:
          screen.wait(lambda rows: rows[-1].rstrip() == "$", "the prompt")
          for typed, completed in json.loads(r'''\(lines)'''):
              screen.type(typed)
              screen.wait(lambda rows: rows[0].startswith("$ " + typed), typed)
              screen.press("Tab")
              # A shell may put a space or a slash behind.
              screen.wait(lambda rows: rows[0].rstrip(" /") == "$ " + completed, completed)
              screen.press("C-u", "C-l")
              screen.wait(lambda rows: rows == ["$"], "the prompt again")
          screen.press("C-c")
      """, in: directory)
    #expect(result == Finished(.exit(0)))
  }
}
