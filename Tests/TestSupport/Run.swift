// SPDX-License-Identifier: GPL-3.0-or-later

/// Runs `sockkit` to its end, by default with `/dev/null` as its input.
public func sockkit(
  _ arguments: String..., input: RunningProgram.Input = .file("/dev/null"),
  output: RunningProgram.Output = .captured, limit: Double = RunningProgram.limit
) async throws -> Finished {
  try await sockkit(arguments, input: input, output: output, limit: limit)
}

/// Runs `sockkit` with a list of arguments to its end.
public func sockkit(
  _ arguments: [String], input: RunningProgram.Input = .file("/dev/null"),
  output: RunningProgram.Output = .captured, limit: Double = RunningProgram.limit
) async throws -> Finished {
  try await RunningProgram(.sockkit(arguments), input: input, output: output, limit: limit).finished()
}

/// Runs a shell script to its end; `sockkit` in it is the one that was built, `arguments` are `$1` and on.
public func shell(
  _ script: String, _ arguments: String..., input: RunningProgram.Input = .file("/dev/null")
) async throws -> Finished {
  try await RunningProgram(.shell(script, arguments), input: input).finished()
}

/// Runs a Python script to its end.
public func python(
  _ script: String, _ arguments: String..., input: RunningProgram.Input = .file("/dev/null")
) async throws -> Finished {
  try await RunningProgram(try .python(script, arguments), input: input).finished()
}

/// Runs a Python script in which a `Screen` is a terminal whose contents can be read.
public func screens(_ script: String, in directory: TemporaryDirectory? = nil) async throws -> Finished {
  let directory = try directory ?? TemporaryDirectory()
  return try await RunningProgram(.screenScript(script, in: directory), input: .file("/dev/null"), limit: 60)
    .finished()
}
