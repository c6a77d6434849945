// SPDX-License-Identifier: Apache-2.0

import Records

/// A curve over the seeds of one point, epoch by epoch.
struct MeanCurve {
  struct Value {
    let epoch: Double
    let mean: Double
    /// The ends of the 95 % interval of the mean; nil where one seed gives none.
    let interval: (low: Double, high: Double)?
  }

  /// By epoch.
  let values: [Value]

  /// Seeds meet where they were evaluated after the same epoch, wherever that stands in their
  /// files; an epoch that some of them lack is the mean of the others.
  ///
  /// No accuracy lies below 0 or above 1 and no loss below 0: intervals end there.
  init(_ runs: [RunRecord], _ metric: Metric) {
    var samples: [Double: [Double]] = [:]
    for run in runs {
      guard let curve = run.curves[metric.key] else { continue }
      for (epoch, value) in zip(Self.epochs(of: metric.key, in: run), curve)
      where value.isFinite && epoch.isFinite {
        samples[epoch, default: []].append(value)
      }
    }
    values = samples.sorted { $0.key < $1.key }.compactMap { epoch, sample in
      guard let statistics = SampleStatistics(sample) else { return nil }
      let interval = statistics.confidence95.map { spread in
        let low = max(statistics.mean - spread, min(0, statistics.mean))
        let high = statistics.mean + spread
        return (
          low: low * metric.scale,
          high: (metric.isFraction ? min(high, 1) : high) * metric.scale
        )
      }
      return Value(epoch: epoch, mean: statistics.mean * metric.scale, interval: interval)
    }
  }

  /// When each value was taken: as the file says for its set, else after every epoch.
  private static func epochs(of key: String, in run: RunRecord) -> [Double] {
    let set = key.split(separator: "/").dropLast().joined(separator: "/")
    if let epochs = run.curves["\(set)/epoch"] { return epochs }
    return (run.curves[key] ?? []).indices.map { Double($0 + 1) }
  }
}
