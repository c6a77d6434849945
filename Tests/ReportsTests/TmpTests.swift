import Testing
import Foundation
@testable import Reports
@Test func drawAll() throws {
  for seeds in [1, 2, 5] {
    for e in ["png", "svg", "pdf"] {
      try Plot.continuum(records: SyntheticRuns.sweep(seeds: seeds), to: "/tmp/rec_c\(seeds).\(e)")
      try Plot.trainingCurves(records: SyntheticRuns.sweep(seeds: seeds), to: "/tmp/rec_t\(seeds).\(e)")
    }
  }
  let t = try ResultTable(records: SyntheticRuns.sweep(seeds: 3) + [SyntheticRuns.run(block: "regular-conv", seed: 9)])
  for f in TableFormat.allCases { print(t.rendered(as: f)) }
}
