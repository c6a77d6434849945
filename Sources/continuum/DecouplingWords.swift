// SPDX-License-Identifier: Apache-2.0

import Decoupling
import Tables

/// What the stages of networks read like on the curve of known couplings, a sentence each.
struct DecouplingWords {
  /// The kernels of one stage, of all files.
  private struct Stage {
    let name: String
    var rows: [DecouplingRow]
  }

  private let stages: [Stage]
  private let curve: CouplingCurve

  /// - Parameter rows: one a layer and file.
  init(_ rows: [DecouplingRow], _ curve: CouplingCurve) {
    var stages: [Stage] = []
    for row in rows {
      let name = row.stage
      if let index = stages.firstIndex(where: { $0.name == name }) {
        stages[index].rows.append(row)
      } else {
        stages.append(Stage(name: name, rows: [row]))
      }
    }
    (self.stages, self.curve) = (stages, curve)
  }

  /// `stage2 reads like λ = 0.80 [0.70, 0.90]: 4 kernels of 3 files.`
  var sentences: [String] {
    stages.map { stage in
      let files = Set(stage.rows.map(\.file)).count
      let mean = stage.rows.reduce(0) { $0 + $1.excess } / Double(stage.rows.count)
      // Layers of one network are trained together: a network counts once.
      let like = curve.lambda(of: mean, ofMean: files)
      let count = stage.rows.count
      return "\(stage.name) reads like \(words(like)): \(count) kernel\(count == 1 ? "" : "s") of "
        + "\(files) file\(files == 1 ? "" : "s")."
    }
  }

  private func words(_ like: CouplingCurve.Reading) -> String {
    let isFirst = like.lambda == curve.levels[0].lambda
    let sign = like.isBeyond ? (isFirst ? "≤" : "≥") : "="
    let interval = like.interval.map { range in
      "[\(NumberText.fixed(range.lowerBound, decimals: 2)), "
        + "\(NumberText.fixed(range.upperBound, decimals: 2))]"
    }
    return "λ \(sign) \(NumberText.fixed(like.lambda, decimals: 2)) "
      + (interval ?? "(no interval: the curve's spread is unknown, or nothing on it reads so)")
  }
}

extension DecouplingRow {
  /// The part of the network that the layer lies in: what stands before the first `/` of its name.
  var stage: String { layer.split(separator: "/").first.map(String.init) ?? layer }
}
