// SPDX-License-Identifier: Apache-2.0

import Engine
import Tables

/// Where the time of a batch goes, step by step.
struct Profile {
  private let benchmark: Benchmark
  private let steps: [Plan.ProfiledStep]
  private let seconds: [Double]
  private let total: Double

  init(_ benchmark: Benchmark, seconds: [Double]) {
    self.benchmark = benchmark
    self.seconds = seconds
    steps = benchmark.steps
    total = seconds.reduce(0, +)
  }

  /// Every step, then all steps of a kind and pass together.
  var text: String {
    let titles = ["ms", "share %", "GB/s", "GFLOP/s"]
    var table = TextTable(["step", "pass", "kind"] + titles)
    table.rows = zip(steps, seconds).map { step, seconds in
      [.text(step.name), .text(step.pass.rawValue), .text(step.kind)]
        + numbers(seconds, bytes: step.bytes, multiplyAdds: step.multiplyAdds)
    }
    var kinds = TextTable(["kind", "pass"] + titles)
    kinds.rows = groups.map { group in
      [.text(group.step.kind), .text(group.step.pass.rawValue)]
        + numbers(
          group.seconds, bytes: group.step.bytes, multiplyAdds: group.step.multiplyAdds)
    }
    kinds.totals =
      [.text("all"), .empty]
      + numbers(
        total, bytes: steps.reduce(0) { $0 + $1.bytes },
        multiplyAdds: steps.reduce(0) { $0 + $1.multiplyAdds })
    return table.rendered(as: .text) + "\n" + kinds.rendered(as: .text)
      + "\n\(benchmark.graph.name), \(benchmark.mode.rawValue), batch \(benchmark.batch), "
      + "\(benchmark.threads) threads: "
      + "\(NumberText.fixed(1000 * total / Double(benchmark.batch), decimals: 3)) ms an image "
      + "without the optimiser\n"
  }

  var json: JSONDocument {
    .object([
      ("network", .text(benchmark.graph.name)), ("mode", .text(benchmark.mode.rawValue)),
      ("batch", .integer(benchmark.batch)), ("threads", .integer(benchmark.threads)),
      ("seconds", .number(total)),
      (
        "steps",
        .list(
          zip(steps, seconds).map { step, seconds in
            .object(
              Bench.fields(of: step) + [
                ("seconds", .number(seconds)), ("share", .number(seconds / total)),
                ("gigabytesPerSecond", .number(Double(step.bytes) / seconds / 1e9)),
                ("gigaflops", .number(2 * Double(step.multiplyAdds) / seconds / 1e9)),
              ])
          })
      ),
    ])
  }

  private func numbers(_ seconds: Double, bytes: Int, multiplyAdds: Int) -> [TextTable.Cell] {
    [
      .number(1000 * seconds, decimals: 3), .number(100 * seconds / total, decimals: 1),
      .number(Double(bytes) / seconds / 1e9, decimals: 1),
      .number(2 * Double(multiplyAdds) / seconds / 1e9, decimals: 1),
    ]
  }

  /// Sums over the steps of each kind and pass, the longest first.
  private var groups: [(step: Plan.ProfiledStep, seconds: Double)] {
    var groups: [String: (step: Plan.ProfiledStep, seconds: Double)] = [:]
    for (step, seconds) in zip(steps, seconds) {
      let key = "\(step.kind)/\(step.pass.rawValue)"
      guard var group = groups[key] else {
        groups[key] = (step, seconds)
        continue
      }
      group.step.bytes += step.bytes
      group.step.multiplyAdds += step.multiplyAdds
      group.seconds += seconds
      groups[key] = group
    }
    return groups.values.sorted { $0.seconds > $1.seconds }
  }
}
