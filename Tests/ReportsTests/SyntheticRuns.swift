// SPDX-License-Identifier: Apache-2.0

import Foundation
import Records

/// Runs with made-up results, in no particular order.
enum SyntheticRuns {
  static func run(
    block: String, segments: String? = nil, lambda: String = "0", width: Int = 24, seed: Int,
    top1: Double? = nil, target: Int? = 2_500, parameters: Int = 2_507, rate: String = "0.01",
    epochs: Int = 16, between: String = "none", kernel: Int = 3, optimizer: String = "adamw"
  ) -> RunRecord {
    let configuration = configuration(
      block: block, segments: segments, lambda: lambda, width: width, seed: seed, rate: rate,
      epochs: epochs, between, kernel, optimizer)
    var record = RunRecord(
      id: RunRecord.identifier(of: configuration), experiment: "quick_start",
      configuration: configuration, labels: labels(block, segments, width), seed: seed,
      status: top1 == nil ? .failed(reason: "step 7: loss is not finite") : .finished,
      cost: RunRecord.Cost(
        trainableParameters: parameters, nonTrainableParameters: 48, multiplyAdds: 1_234_567),
      provenance: RunRecord.Provenance(
        commit: "0123456789abcdef", version: "0.1.0", processor: "AMD EPYC 9755",
        blasKernels: "SkylakeX", threads: 2, started: "2026-01-02T03:04:05Z", seconds: 3.5,
        millisecondsPerStep: 4 + Double(seed)))
    if let target {
      record.budget = RunRecord.Budget(quantity: "parameters", target: target, actual: parameters)
    }
    record.facts = ["bestPossibleAccuracy": 0.9897, "bestPossibleAccuracyError": 0.0005]
    guard let top1 else { return record }
    record.metrics = [
      "test/top1": top1, "test/loss": 1.5 - top1,
    ]
    let progress = (1...16).map { 1 - exp(-Double($0) / 4) }
    record.curves = [
      "train/loss": progress.map { 2.1 - $0 * 2 * top1 },
      "test/top1": progress.map { $0 * top1 },
      "learningRate": progress.map { 0.01 * (1 - $0) },
    ]
    return record
  }

  /// As canonical as a real run's.
  private static func configuration(
    block: String, segments: String?, lambda: String, width: Int, seed: Int, rate: String,
    epochs: Int, _ between: String, _ kernel: Int, _ optimizer: String
  ) -> String {
    let segments = segments.map { ",\"segments\":\($0)" } ?? ""
    return """
      {"data":{"kind":"coupling","lambda":\(lambda),"seed":0},\
      "network":{"block":{"between":"\(between)","kernel":\(kernel),"kind":"\(block)"\(segments)},\
      "network":"probe","width":\(width)},"seed":\(seed),\
      "training":{"batch":64,"epochs":\(epochs),\
      "optimizer":{"kind":"\(optimizer)","learningRate":\(rate)}}}
      """
  }

  private static func labels(
    _ block: String, _ segments: String?, _ width: Int
  ) -> [RunRecord.Label] {
    [RunRecord.Label(name: "block", value: block)]
      + (segments.map { [RunRecord.Label(name: "segments", value: $0)] } ?? [])
      + [
        RunRecord.Label(name: "between", value: "none"),
        RunRecord.Label(name: "width", value: "\(width)"),
      ]
  }

  /// A sweep and two runs of another learning rate.
  static let queried =
    sweep(seeds: 2) + [1, 2].map { run(block: "regular-conv", seed: $0, top1: 0.4, rate: "0.001") }

  /// A sweep over the spectrum at two couplings, as the quickstart makes it.
  static func sweep(seeds: Int) -> [RunRecord] {
    let means: [(String, String?, Double, Double)] = [
      ("separable-conv", nil, 0.80, 0.95), ("extreme-inception", nil, 0.97, 0.50),
      ("segmented-inception", "8", 0.84, 0.80), ("segmented-inception", "4", 0.92, 0.83),
      ("segmented-inception", "2", 0.80, 0.86), ("segmented-inception", "1", 0.66, 0.88),
      ("regular-conv", nil, 0.77, 0.83),
    ]
    var runs: [RunRecord] = []
    for seed in 1...seeds {
      for (block, segments, first, second) in means {
        for (lambda, mean) in [("1", second), ("0", first)] {
          let noise = 0.02 * sin(Double(seed) * 7 + mean * 40)
          runs.append(
            run(block: block, segments: segments, lambda: lambda, seed: seed, top1: mean + noise))
        }
      }
    }
    return runs
  }
}
