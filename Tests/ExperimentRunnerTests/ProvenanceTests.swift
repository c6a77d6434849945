// SPDX-License-Identifier: Apache-2.0

import Foundation
import Kernels
import Records
import Testing

@testable import ExperimentRunner

/// What made a result: the commit that was built, and where each stretch of a run was done.
@Suite struct ProvenanceTests {
  private let scratch: ScratchFolder
  private static let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Plugins/BuildCommit/commit.sh").path

  init() throws {
    scratch = try ScratchFolder()
  }

  private func path(_ name: String) -> String { scratch.url.appendingPathComponent(name).path }

  private func shell(_ line: String) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", line]
    process.currentDirectoryURL = scratch.url
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0, "\(line)")
  }

  /// What the build would be told of a package.
  private func commit(_ package: String, environment: String = "") throws -> String {
    try shell(
      "\(environment) /bin/sh '\(Self.script)' '\(path(package))' '\(path("Commit.swift"))'")
    let text = try String(contentsOfFile: path("Commit.swift"), encoding: .utf8)
    let match = try #require(text.firstMatch(of: #/static let text = "([0-9a-f]{12}\+?|unknown)"/#))
    return String(match.1)
  }

  private func makeRepository() throws {
    try shell(
      """
      mkdir -p a/Sources/Module a/Results/quickstart && cd a && git init -q . &&
      echo 1 > Sources/Module/file.swift && echo 1 > Results/quickstart/table.md && touch README.md &&
      git add . && git -c user.name=a -c user.email=a@b -c commit.gpgsign=false commit -qm first
      """)
  }

  /// What a sweep rewrites under Results/, and what is only read, make no other program.
  @Test func theCommitIsMarkedWhereSourcesDiffer() throws {
    try makeRepository()
    let clean = try commit("a")
    #expect(clean.count == 12)
    try shell(
      "echo 2 > a/Results/quickstart/table.md; echo 2 > a/Results/new; echo 2 > a/README.md")
    #expect(try commit("a") == clean)
    try shell("echo 2 > a/Sources/Module/new.swift")
    #expect(try commit("a") == clean + "+")
    try shell("rm a/Sources/Module/new.swift; echo 2 > a/Sources/Module/file.swift")
    #expect(try commit("a") == clean + "+")
    try shell("cd a && git checkout -q Sources && rm Sources/Module/file.swift")
    #expect(try commit("a") == clean + "+")
    try shell("cd a && git checkout -q Sources && git worktree add -q ../tree")
    #expect(try commit("tree") == clean)
    try shell("touch a/Package.swift")
    #expect(try commit("a") == clean + "+")
  }

  /// Neither an archive of the sources, wherever it lies, nor a machine without git ends a build.
  @Test func whereGitKnowsNothingTheCommitIsUnknown() throws {
    try makeRepository()
    try shell("mkdir -p plain/Sources a/vendored/Sources empty")
    #expect(try commit("plain") == "unknown")
    #expect(try commit("a/vendored") == "unknown")
    #expect(try commit("a", environment: "PATH='\(path("empty"))'") == "unknown")
    #expect(try commit("a", environment: "GIT_DIR=/nowhere GIT_WORK_TREE=/").count == 12)
  }

  @Test func anUnchangedCommitLeavesItsFileAlone() throws {
    try makeRepository()
    _ = try commit("a")
    try shell("touch -d 2001-01-01 Commit.swift")
    _ = try commit("a")
    let attributes = try FileManager.default.attributesOfItem(atPath: path("Commit.swift"))
    let modified = try #require(attributes[.modificationDate] as? Date)
    #expect(modified.timeIntervalSince1970 < 1_000_000_000)
  }

  @Test func theBuiltCommitAndTheLibrariesAreKnown() {
    #expect(Provenance.commit.wholeMatch(of: #/[0-9a-f]{12}\+?|unknown/#) != nil)
    #expect(["AVX-512", "AVX2", "portable"].contains(Processor.level))
    #expect(Set(Provenance.libraries.keys) == ["OpenBLAS", "HDF5", "C library"])
    #expect(Provenance.libraries.values.allSatisfy { $0.contains(where: \.isNumber) })
  }

  /// A run that was stopped twice has three sessions, whose epochs follow one another.
  @Test func everySessionIsKeptWithItsEpochs() throws {
    let run = try #require(ExperimentText.runs().first)
    let data = try LoadedData(run.data, directory: nil)
    let results = ResultsFolder(path: path("results"))
    try results.make()
    var outcome = RunExecution.Outcome.interrupted
    for (go, threads) in [1, 2, 1].enumerated() {
      let execution = RunExecution(
        experiment: "question", results: results, threads: threads, jobs: 1 + go,
        checkpointInterval: 1000, keepsWeights: false)
      outcome = try execution.execute(run, data: data) { _ in go == 2 }
    }
    #expect(outcome == .finished)
    let record = try RunRecord(contentsOf: results.run(run.id))
    let sessions = record.provenance.sessions
    try #require(sessions.count == 3)
    #expect(sessions.map(\.threads) == [1, 2, 1])
    #expect(sessions.map(\.jobs) == [1, 2, 3])
    #expect(sessions[0].firstEpoch == 0 && sessions[2].lastEpoch == 6)
    #expect(zip(sessions, sessions.dropFirst()).allSatisfy { $0.lastEpoch == $1.firstEpoch })
    #expect(sessions.allSatisfy { $0.lastEpoch > $0.firstEpoch && $0.seconds > 0 })
    #expect(sessions.allSatisfy { $0.commit == Provenance.commit && $0.level == Processor.level })
    #expect(sessions.allSatisfy { $0.libraries == Provenance.libraries })
    let total = sessions.reduce(0) { $0 + $1.seconds }
    #expect(abs(record.provenance.seconds - total) < 0.5)
    let identity = try #require(record.data)
    #expect(identity.digest == data.splits.digest && identity.digest.count == 64)
    #expect(identity.train == 128 && identity.validation == 0 && identity.test == 64)
  }
}
