// swift-tools-version: 6.2
// SPDX-License-Identifier: GPL-3.0-or-later

import PackageDescription

let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  // Overlapping accesses are found by the compiler, and where it cannot find them, by debug builds, in which the unit
  // tests and those with the sanitizers run. A check of each access costs a server a tenth of its own time.
  .unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release)),
]

// The linker removes what nothing calls. For that each function needs a section of its own, and the compiler must not
// keep what is visible to other modules.
let small: [SwiftSetting] = [
  .unsafeFlags(
    ["-Xfrontend", "-function-sections", "-Xfrontend", "-internalize-at-link"], .when(configuration: .release)
  )
]

// The program does without the module of regular expressions, which would bring a megabyte.
let product =
  strict + small + [.unsafeFlags(["-Xfrontend", "-disable-implicit-string-processing-module-import"])]

// Nothing that moves bytes, and so of no consequence for speed.
let compact: [SwiftSetting] = [.unsafeFlags(["-Osize"], .when(configuration: .release))]

// The code of others is taken as it is.
let vendored = small + compact + [.unsafeFlags(["-suppress-warnings"])]

// The binary starts up to a third faster with packed relative relocations, which only lld supports, and a fifth faster
// again with the C++ library that Swift's runtime needs linked from its archive, and with no exported symbols.
//
// It is a quarter smaller without the tables that unwind the stack for exceptions, of which there are none, and with one
// function for all that have the same code. What a start calls lies side by side, which saves an idle server a third of
// its memory, since the kernel maps the neighbours of what is used; `make startup-order` records it.
// Symbols for a profiler are kept if SOCKKIT_SYMBOLS is set.
let symbols = Context.environment["SOCKKIT_SYMBOLS"] == nil ? "--strip-all" : "--strip-debug"
let linking = "\(Context.packageDirectory)/packaging/linking"
let quickStart: [LinkerSetting] = [
  .unsafeFlags(
    [
      "-use-ld=lld", "-Xlinker", "-z", "-Xlinker", "pack-relative-relocs", "-Xlinker", symbols,
      "-Xlinker", "--remap-inputs=*/libstdc++.so=/dev/null",
      "-Xlinker", "--no-export-dynamic", "-Xlinker", "--icf=all",
      "-Xlinker", "--no-eh-frame-hdr", "-Xlinker", "\(linking)/no-unwind-tables.ld",
      "-Xlinker", "--symbol-ordering-file=\(linking)/startup-order", "-Xlinker", "--no-warn-symbol-ordering",
    ],
    .when(configuration: .release)),
  .linkedLibrary(":libstdc++.a", .when(configuration: .release)),
  .linkedLibrary(":libgcc_eh.a", .when(configuration: .release)),
]

// Set in the environment by `make`: SwiftPM notices when that changes, but does not notice a new commit.
let commit = Context.environment["SOCKKIT_COMMIT"] ?? ""

let system = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let deque = Target.Dependency.product(name: "DequeModule", package: "swift-collections")

let package = Package(
  name: "sockkit",
  products: [.executable(name: "sockkit", targets: ["sockkit"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-system", exact: "1.8.1"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", exact: "1.0.2"),
    .package(url: "https://github.com/apple/swift-collections", exact: "1.6.0"),
  ],
  targets: [
    .target(name: "CSockkit"),
    .target(name: "Sockets", dependencies: ["CSockkit", system], swiftSettings: product),
    .target(name: "Reactor", dependencies: ["Sockets", system], swiftSettings: product),
    .target(name: "Text", dependencies: ["Sockets", system], swiftSettings: product),
    .target(name: "JSON", swiftSettings: product + compact),
    .target(name: "Services", dependencies: ["Sockets", "Text", system], swiftSettings: product),
    .systemLibrary(name: "CCrypt", providers: [.apt(["libcrypt-dev"])]),
    .target(
      name: "HTTP",
      dependencies: ["CCrypt", "Services", "Sockets", "Text", system],
      swiftSettings: product,
      // The archive, for the same reason as for readline below.
      linkerSettings: [.linkedLibrary(":libcrypt.a")]),
    .systemLibrary(name: "CGMP", providers: [.apt(["libgmp-dev"])]),
    .target(
      name: "Calculator",
      dependencies: ["CGMP", "Services", "Sockets", "Text", deque],
      swiftSettings: product,
      // The archive, for the same reason as for readline below.
      linkerSettings: [.linkedLibrary(":libgmp.a")]),
    .target(name: "Transport", dependencies: ["Sockets", "Text", system], swiftSettings: product),
    .target(name: "Handshakes", dependencies: ["HTTP", "Sockets", "Text"], swiftSettings: product + compact),
    .target(name: "COpenSSL"),
    .target(
      name: "TLS", dependencies: ["COpenSSL", "Sockets", "Text", "Transport", system],
      swiftSettings: product + compact),
    .target(
      name: "Engine",
      dependencies: [
        "Calculator", "HTTP", "Handshakes", "Reactor", "Services", "Sockets", "Text", "Transport", deque,
        system,
      ],
      swiftSettings: product),
    .systemLibrary(name: "CReadline", providers: [.apt(["libreadline-dev"])]),
    .target(
      name: "LineEditing",
      dependencies: ["CReadline", system],
      swiftSettings: product + compact,
      // The archives, because looking up a shared library costs every start, with or without a terminal.
      linkerSettings: [.linkedLibrary(":libreadline.a"), .linkedLibrary(":libtinfo.a")]),
    .target(name: "Usage", dependencies: ["Sockets", "Text", system], swiftSettings: product + compact),
    .target(
      name: "Sessions",
      dependencies: [
        "Calculator", "Engine", "HTTP", "Handshakes", "LineEditing", "Reactor", "Services", "Sockets", "TLS",
        "Text", "Transport", system,
      ],
      swiftSettings: product + compact),
    .target(
      name: "Netcat",
      dependencies: [
        "Engine", "Handshakes", "Sessions", "Sockets", "TLS", "Text", "Transport", system,
      ],
      swiftSettings: product + compact),
    // A copy of the library without what is not used here; its README says what and why.
    .target(
      name: "ArgumentParserToolInfo", path: "Vendor/swift-argument-parser/ArgumentParserToolInfo",
      swiftSettings: vendored),
    .target(
      name: "ArgumentParser", dependencies: ["ArgumentParserToolInfo", "JSON"],
      path: "Vendor/swift-argument-parser/ArgumentParser", swiftSettings: vendored),
    .target(name: "CBuild", cSettings: [.define("SOCKKIT_COMMIT", to: "\"\(commit)\"")]),
    .executableTarget(
      name: "sockkit",
      dependencies: [
        "ArgumentParser", "ArgumentParserToolInfo", "CBuild", "Calculator", "Engine", "HTTP", "Handshakes",
        "JSON", "LineEditing", "Netcat", "Sessions", "Sockets", "TLS", "Text", "Transport", "Usage", system,
      ],
      swiftSettings: product + compact,
      linkerSettings: quickStart),
    .target(
      name: "TestSupport",
      dependencies: [.product(name: "Subprocess", package: "swift-subprocess")],
      path: "Tests/TestSupport",
      exclude: ["short-transfers.c"],
      swiftSettings: strict),
    .target(
      name: "SocketTestSupport",
      dependencies: ["Reactor", "Sockets", system],
      path: "Tests/SocketTestSupport", swiftSettings: strict),
    .testTarget(
      name: "SocketsTests", dependencies: ["Reactor", "SocketTestSupport", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "ReactorTests",
      dependencies: ["Reactor", "SocketTestSupport", "Sockets", system],
      swiftSettings: strict),
    .testTarget(name: "JSONTests", dependencies: ["JSON"], swiftSettings: strict),
    .testTarget(name: "TextTests", dependencies: ["Text"], swiftSettings: strict),
    .testTarget(name: "ServicesTests", dependencies: ["Services"], swiftSettings: strict),
    .testTarget(
      name: "CalculatorTests", dependencies: ["Calculator", "SocketTestSupport", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "HTTPTests", dependencies: ["HTTP", "SocketTestSupport", "TestSupport"], swiftSettings: strict),
    .testTarget(
      name: "TransportTests", dependencies: ["SocketTestSupport", "TestSupport", "Transport"],
      swiftSettings: strict),
    .testTarget(
      name: "HandshakesTests", dependencies: ["HTTP", "Handshakes", "Sockets", "TLS", system],
      swiftSettings: strict),
    .testTarget(
      name: "TLSTests",
      dependencies: ["Reactor", "SocketTestSupport", "Sockets", "TLS", "TestSupport", "Transport", system],
      swiftSettings: strict),
    .testTarget(
      name: "EngineTests", dependencies: ["Engine", "Handshakes", "SocketTestSupport", "TestSupport"],
      swiftSettings: strict
    ),
    .testTarget(
      name: "SessionsTests", dependencies: ["SocketTestSupport", "Sessions", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "NetcatTests", dependencies: ["Engine", "HTTP", "Handshakes", "Netcat", "Sessions", "Sockets"],
      swiftSettings: strict),
    .testTarget(name: "UsageTests", dependencies: ["TestSupport", "Usage"], swiftSettings: strict),
    .testTarget(
      name: "EndToEndTests", dependencies: ["TestSupport", "sockkit"], exclude: ["Scripts"],
      swiftSettings: strict),
    .testTarget(name: "PeerTests", dependencies: ["TestSupport", "sockkit"], swiftSettings: strict),
    // Run by `make test-strangers` only, which unpacks the programs that they need.
    .testTarget(name: "StrangerTests", dependencies: ["TestSupport", "sockkit"], swiftSettings: strict),
    .testTarget(name: "PackageTests", dependencies: ["TestSupport", "sockkit"], swiftSettings: strict),
    .testTarget(name: "DocumentationTests", dependencies: ["TestSupport", "sockkit"], swiftSettings: strict),
  ]
)

// Requested by the checks of the units, which would otherwise wait for the build of the program and of the tests that run
// it.
if Context.environment["SOCKKIT_UNITS"] != nil {
  let ofProgram = [
    "ArgumentParser", "ArgumentParserToolInfo", "EndToEndTests", "PeerTests", "PackageTests",
    "DocumentationTests", "StrangerTests",
  ]
  package.targets.removeAll { $0.type == .executable || ofProgram.contains($0.name) }
  package.products = []
}

// Requested by `make fuzz` only: libFuzzer has a `main` of its own.
if Context.environment["SOCKKIT_FUZZ"] != nil {
  // Reports a failed check in words, which a release build would omit.
  let checking = strict + [.unsafeFlags(["-assert-config", "Debug"])]
  let program = checking + [.unsafeFlags(["-parse-as-library"])]
  // The directories of `fuzz`, and what their programs call.
  let programs: [(name: String, dependencies: [Target.Dependency])] = [
    ("calc", ["Calculator", "Services", "Sockets"]),
    ("certificate", ["COpenSSL", "TLS", "Text"]),
    ("datagram", ["Handshakes", "Sockets", "TLS", "Text"]),
    ("form", ["HTTP"]),
    ("forward", ["HTTP"]),
    ("http", ["HTTP", "Services", "Sockets"]),
    ("list", ["Engine", "Sockets"]),
    ("netcat", ["GetOpt", "Netcat", "Sockets"]),
    ("proxy", ["HTTP", "Handshakes", "Sockets"]),
    ("resolver", ["Engine", "Sockets", "Text"]),
    ("starttls", ["Handshakes", "Sockets"]),
    ("telnet", ["Transport"]),
  ]
  let others = [
    "ArgumentParser", "ArgumentParserToolInfo", "CBuild", "SocketTestSupport", "TestSupport", "Usage",
  ]
  package.targets.removeAll {
    $0.type == .executable || $0.type == .test || others.contains($0.name)
  }
  package.products = []
  package.targets += [
    .target(
      name: "FuzzSupport",
      dependencies: ["HTTP", "Calculator", "Services", system],
      path: "fuzz/support", swiftSettings: checking),
    .target(name: "GetOpt", path: "fuzz/getopt"),
  ]
  package.targets += programs.map { name, dependencies in
    .executableTarget(
      name: "\(name)-fuzz", dependencies: ["FuzzSupport"] + dependencies, path: "fuzz/\(name)",
      swiftSettings: program,
      // Its functions count memory from the first one on.
      linkerSettings: name == "certificate" ? [.linkedLibrary("crypto")] : [])
  }
}
