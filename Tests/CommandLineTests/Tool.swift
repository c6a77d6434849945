// SPDX-License-Identifier: Apache-2.0

import Foundation
import Pictures
import Records
import Settings
import Testing

/// The built `continuum`, run as a child process.
enum Tool {
  /// How a child ended and what it said.
  struct Outcome {
    var exitCode: Int32
    /// Ended by a signal: a crash.
    var wasKilled: Bool
    var output: String
    var messages: String
    /// The most memory that the child, or one of its own children, had resident.
    var peakBytes: Int

    /// The lines on stderr.
    var messageLines: [String] { messages.split(separator: "\n").map(String.init) }
  }

  /// The folder of the executable: that of the test bundle.
  static let folder: URL = {
    let beside = Bundle.main.executableURL?.deletingLastPathComponent()
    let candidates =
      [beside].compactMap { $0 } + [
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
          .deletingLastPathComponent().appending(path: ".build/release")
      ]
    let manager = FileManager.default
    return candidates.first {
      manager.isExecutableFile(atPath: $0.appending(path: "continuum").path)
    }
      ?? candidates[0]
  }()

  /// Instead of the user's cache.
  private static let cache: ScratchFolder = {
    guard let folder = try? ScratchFolder() else { fatalError("no temporary folder") }
    return folder
  }()

  /// Runs the tool with the given words.
  ///
  /// - Parameter temporary: where it makes its temporary files.
  static func run(
    _ words: [String], in directory: URL? = nil, temporary: URL? = nil
  ) throws -> Outcome {
    try execute(folder.appending(path: "continuum"), words, directory, temporary)
  }

  /// Runs a line of shell in which `continuum` is the tool.
  static func shell(_ line: String, in directory: URL? = nil) throws -> Outcome {
    try execute(URL(fileURLWithPath: "/bin/bash"), ["-c", line], directory)
  }

  private static func execute(
    _ program: URL, _ words: [String], _ directory: URL?, _ temporary: URL? = nil
  ) throws -> Outcome {
    var environment = ProcessInfo.processInfo.environment
    environment["PATH"] = "\(folder.path):\(environment["PATH"] ?? "/usr/bin:/bin")"
    environment["CONTINUUM_DATA"] = nil
    environment["XDG_CACHE_HOME"] = cache.url.path
    if let temporary { environment["TMPDIR"] = temporary.path }
    let child = try ChildProcess(
      [program.path] + words, environment: environment, directory: directory?.path)
    return Outcome(
      exitCode: child.exitCode, wasKilled: child.wasKilled, output: child.output,
      messages: child.messages, peakBytes: child.peakBytes)
  }

  /// The output of a command that must succeed and say nothing on stderr.
  static func output(_ words: String...) throws -> String {
    let outcome = try run(words)
    try #require(outcome.exitCode == 0, "\(words): \(outcome.messages)")
    #expect(outcome.messages.isEmpty)
    return outcome.output
  }

  /// The output of a command as JSON.
  static func json(_ words: String...) throws -> JSON { try json(words) }

  static func json(_ words: [String]) throws -> JSON {
    let outcome = try run(words + ["--format", "json"])
    try #require(outcome.exitCode == 0, "\(words): \(outcome.messages)")
    _ = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
    return try JSON(text: outcome.output, source: "output")
  }

  /// The commands that the overview lists.
  static func commandNames() throws -> [String] {
    let overview = try output("--help")
    let section = overview.components(separatedBy: "\nCommands:\n").last ?? ""
    return section.components(separatedBy: "\n\n")[0].split(separator: "\n")
      .compactMap { $0.split(separator: " ").first.map(String.init) }
  }
}

/// A folder that is gone after the test.
final class ScratchFolder: Sendable {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appending(path: "continuum-\(UUID())")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit {
    try? FileManager.default.removeItem(at: url)
  }

  func write(_ text: String, to name: String) throws -> String {
    let file = url.appending(path: name)
    try Data(text.utf8).write(to: file)
    return file.path
  }

  /// Run files of three points and two seeds under `Results/quickstart`.
  func addResults() throws {
    let runs = url.appending(path: "Results/quickstart/runs")
    try FileManager.default.createDirectory(at: runs, withIntermediateDirectories: true)
    let points = [
      ("regular-conv", "", 0.5), ("segmented-inception", #","segments":4"#, 0.7),
      ("extreme-inception", "", 0.9),
    ]
    for (block, segments, accuracy) in points {
      for seed in 0..<2 {
        let configuration = """
          {"data":{"kind":"coupling","lambda":0},"network":{"block":{"kind":"\(block)"\(segments)},\
          "network":"probe","width":24},"seed":\(seed),"training":{"epochs":3}}
          """
        let record = RunRecord(
          id: RunRecord.identifier(of: configuration), experiment: "quickstart",
          configuration: configuration,
          labels: [RunRecord.Label(name: "block", value: block)],
          seed: seed, status: .finished,
          cost: RunRecord.Cost(
            trainableParameters: 2500, nonTrainableParameters: 60, multiplyAdds: 500_000),
          provenance: RunRecord.Provenance(
            commit: "0123abc", version: "0.1.0", processor: "a processor", blasKernels: "Haswell",
            threads: 1, started: "2026-01-01T00:00:00Z", seconds: 1),
          curves: ["train/loss": [2, 1, 0.5], "test/top1": [0.2, 0.4, accuracy]],
          metrics: ["test/top1": accuracy + 0.01 * Double(seed), "test/loss": 1 - accuracy])
        try record.write(to: runs.appending(path: "\(block)-\(seed).h5").path)
      }
    }
  }
}

extension ScratchFolder {
  /// `Results/rates`: two blocks at three learning rates, with a validation set.
  func addRates() throws {
    let runs = url.appending(path: "Results/rates/runs")
    try FileManager.default.createDirectory(at: runs, withIntermediateDirectories: true)
    for (place, block) in ["regular-conv", "separable-conv"].enumerated() {
      for (index, rate) in [0.01, 0.03, 0.1].enumerated() {
        let id = "\(block)-\(rate)"
        let accuracy = 0.5 + 0.1 * Double((index + place) % 3)
        let configuration = """
          {"data":{"kind":"coupling"},"network":{"block":{"kind":"\(block)"},"network":"probe"},\
          "seed":0,"training":{"optimizer":{"kind":"sgd","learningRate":\(rate)}}}
          """
        let record = RunRecord(
          id: RunRecord.identifier(of: configuration), experiment: "rates",
          configuration: configuration,
          labels: [RunRecord.Label(name: "block", value: block)], seed: 0, status: .finished,
          cost: RunRecord.Cost(
            trainableParameters: 2500, nonTrainableParameters: 60, multiplyAdds: 500_000),
          provenance: RunRecord.Provenance(
            commit: "0123abc", version: "0.1.0", processor: "a processor", blasKernels: "Haswell",
            threads: 1, started: "2026-01-01T00:00:00Z", seconds: 1),
          metrics: ["test/top1": accuracy, "validation/top1": accuracy])
        try record.write(to: runs.appending(path: "\(id).h5").path)
      }
    }
  }
}

// MARK: Weights

extension ScratchFolder {
  /// `pictures`, two of each of ten classes, and `probe.h5`, a probe that has seen them.
  func addWeights() throws {
    for label in 0..<10 {
      let folder = url.appending(path: "pictures/class\(label)")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      for index in 0..<2 {
        let pixels = (0..<40 * 36 * 3).map { UInt8(($0 * (label + 2) + 90 * index) % 251) }
        try Picture(height: 40, width: 36, pixels: pixels)
          .write(png: folder.appending(path: "\(index).png").path)
      }
    }
    try train("probe", to: "probe.h5")
    try train(#"{"network": "probe", "block": {"kind": "regular-conv"}}"#, to: "regular.h5")
  }

  /// `Results/coupling`, regular convolutions of two couplings with their weights, and `seed0.h5` to
  /// `seed2.h5`, three networks of one kind.
  func addCoupling() throws {
    let experiment = """
      {"data": {"kind": "coupling", "train": 32, "test": 8, "size": 6, "calibrationImages": 256},
       "network": {"network": "probe", "width": 4, "block": {"kind": "regular-conv"}},
       "training": {"epochs": 1, "batch": 16}, "seeds": 3, "vary": {"data.lambda": [0, 1]}}
      """
    let file = try write(experiment, to: "coupling.json")
    let results = "Results/coupling"
    let outcome = try Tool.run(
      ["run", file, "--keep-weights", "--results", results, "--quiet"], in: url)
    try #require(outcome.exitCode == 0, "\(outcome.messages)")
    let folder = url.appending(path: "\(results)/runs")
    let runs = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".h5") }.sorted()
    for (seed, run) in runs.prefix(3).enumerated() {
      try FileManager.default.copyItem(
        at: folder.appending(path: run), to: url.appending(path: "seed\(seed).h5"))
    }
  }

  /// Trains a network on the pictures and takes its weights.
  private func train(_ network: String, to file: String) throws {
    let results = "trained-\(file)"
    let outcome = try Tool.run(
      [
        "train", network, "--dataset", "image-folder", "--set", "data.path=pictures", "--epochs",
        "1", "--batch", "5", "--results", results, "--quiet",
      ], in: url)
    try #require(outcome.exitCode == 0, "\(outcome.messages)")
    let runs = try FileManager.default.contentsOfDirectory(
      atPath: url.appending(path: "\(results)/runs").path)
    let run = try #require(runs.first { $0.hasSuffix(".h5") })
    let converted = try Tool.run(
      ["weights", "convert", "\(results)/runs/\(run)", file, "--network", network], in: url)
    try #require(converted.exitCode == 0, "\(converted.messages)")
  }
}
