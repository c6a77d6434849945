// SPDX-License-Identifier: Apache-2.0

import Foundation
import Records

/// A folder of its own for every test, removed with the last reference to it.
final class ScratchFolder {
  let path: String

  init() throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("records-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    path = folder.path
  }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
  }

  func file(_ name: String) -> String {
    "\(path)/\(name)"
  }

  /// Of all that lies in it.
  func names() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: path).sorted()
  }

  func bytes(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: file(name))))
  }

  func write(_ bytes: [UInt8], to name: String) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: file(name)))
  }
}

enum Samples {
  private static func session(_ number: Int) -> RunRecord.Session {
    RunRecord.Session(
      commit: "0123abcd+", processor: "AMD EPYC 9755", level: "AVX-512", blasKernels: "SkylakeX",
      threads: 2, jobs: 1 + number, started: "2026-01-02T03:04:05Z", seconds: 0.5,
      firstEpoch: Double(number), lastEpoch: 1.5 + Double(number), libraries: ["HDF5": "1.10.8"])
  }

  /// A run that fills every field, with names and values that are easy to lose.
  static func run(seed: Int = 3) -> RunRecord {
    var record = RunRecord(
      id: "9f2c", experiment: "λ-sweep",
      configuration: #"{"block":{"kind":"segmented-inception","segments":4},"seed":3}"#,
      labels: [
        RunRecord.Label(name: "segments", value: "4"),
        RunRecord.Label(name: "block", value: "segmented-inception"),
        RunRecord.Label(name: "between", value: ""),
      ],
      seed: seed, status: .finished,
      cost: RunRecord.Cost(
        trainableParameters: 2_570, nonTrainableParameters: 48, multiplyAdds: 5_000_000_000),
      budget: RunRecord.Budget(quantity: "parameters", target: 2_500, actual: 2_570),
      provenance: RunRecord.Provenance(
        commit: "0123abcd", version: "0.1.0", processor: "AMD EPYC 9755", blasKernels: "SkylakeX",
        threads: 2, libraries: ["HDF5": "1.10.8", "OpenBLAS": "0.3.21"],
        started: "2026-01-02T03:04:05Z", seconds: 12.25, millisecondsPerStep: 1e-300,
        sessions: (0..<2).map { session($0) }))
    record.classNames = ["chat", "chien d’été"]
    record.data = RunRecord.DataIdentity(digest: "ab12", train: 45, validation: 5, test: 10)
    record.images = RunRecord.Images(
      height: 24, width: 32, channels: 3, preprocessing: #"{"scaling":"signed","size":24}"#)
    record.curves = [
      "train/loss": [2.0, 1.5, .nan, .infinity, -.infinity, -0.0],
      "test/top1": [0.25, 0.5], "learningRate": [],
    ]
    record.metrics = ["test/top1": 0.875, "test/loss": .nan]
    record.facts = ["bestPossibleAccuracy": 0.99, "bestPossibleAccuracyError": 0.001]
    record.predictions = RunRecord.Predictions(
      labels: [2, 0], predicted: [1, 0], classes: 3)
    record.weights = [
      NamedTensor(path: "stem/conv/kernel", shape: [1, 2, 3], values: [1, 2, 3, 4, 5, 6]),
      NamedTensor(path: "head/bias", shape: [], values: [-0.0]),
      NamedTensor(path: "head/kernel", shape: [2, 0], values: []),
    ]
    return record
  }

  static func checkpoint() -> Checkpoint {
    Checkpoint(
      runID: "9f2c", numbers: ["step": 1 << 62, "epoch": -3], reals: ["average": 0.1],
      curves: ["train/loss": [1, .nan]], sessions: [session(0), session(1)], data: "ab12",
      tensors: [
        NamedTensor(path: "b", shape: [2], values: [.nan, 1]),
        NamedTensor(path: "a/velocity", shape: [1], values: [3]),
      ])
  }
}

extension RunRecord {
  /// This record with every floating-point number as its bits, so that NaN equals itself.
  var bits: [String: [UInt64]] {
    var bits: [String: [UInt64]] = [:]
    for (name, values) in curves { bits["curve \(name)"] = values.map(\.bitPattern) }
    for (name, value) in metrics { bits["metric \(name)"] = [value.bitPattern] }
    for (name, value) in facts { bits["fact \(name)"] = [value.bitPattern] }
    for tensor in weights { bits["weight \(tensor.path)"] = tensor.bits }
    return bits
  }

  /// This record without its numbers that may be NaN.
  var withoutNumbers: RunRecord {
    var copy = self
    (copy.curves, copy.metrics, copy.facts) = ([:], [:], [:])
    return copy
  }
}

extension NamedTensor {
  var bits: [UInt64] { values.map { UInt64($0.bitPattern) } }
}
