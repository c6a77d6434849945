// SPDX-License-Identifier: Apache-2.0

import Engine

/// A module of Inception V3 as data: towers whose channels are concatenated.
struct InceptionModule: Sendable {
  /// One step of a tower.
  indirect enum Step: Sendable {
    /// `[conv → BN → ReLU]`, or in another order; see `InceptionBody`.
    case conv(Int, Extent, stride: Int = 1, padding: Padding = .same)
    case averagePool(stride: Int = 1, padding: Padding = .same)
    case maxPool
    /// Two steps on the same value, concatenated.
    case fork(Step, Step)
  }

  let towers: [[Step]]

  func callAsFunction(
    _ x: Value, _ body: InceptionBody, in graph: inout GraphBuilder
  ) -> Value {
    var outputs: [Value] = []
    for (position, tower) in towers.enumerated() {
      var value = x
      for (index, step) in tower.enumerated() {
        value = append(step, "tower\(position + 1)/\(index + 1)", value, body, in: &graph)
      }
      outputs.append(value)
    }
    return graph.concatenate(outputs, "concatenated")
  }

  private func append(
    _ step: Step, _ name: String, _ x: Value, _ body: InceptionBody,
    in graph: inout GraphBuilder
  ) -> Value {
    switch step {
    case .conv(let filters, let kernel, let stride, let padding):
      return graph.scope(name) {
        body.unit(
          x, filters: filters, kernel: kernel, stride: stride, padding: padding, in: &$0)
      }
    case .averagePool(let stride, let padding):
      return graph.averagePool(x, "\(name)/pool", window: 3, stride: stride, padding: padding)
    case .maxPool:
      return graph.maxPool(x, "\(name)/pool", window: 3, stride: 2, padding: .valid)
    case .fork(let first, let second):
      let left = append(first, "\(name)a", x, body, in: &graph)
      let right = append(second, "\(name)b", x, body, in: &graph)
      return graph.concatenate([left, right], "\(name)/concatenated")
    }
  }
}

// MARK: The published modules

extension InceptionModule {
  private static let row3 = Extent(height: 1, width: 3)
  private static let column3 = Extent(height: 3, width: 1)
  private static let row7 = Extent(height: 1, width: 7)
  private static let column7 = Extent(height: 7, width: 1)

  /// mixed0 to mixed2, 35×35: 1×1; 5×5; two 3×3; a pool.
  static func wide(pooled: Int) -> InceptionModule {
    InceptionModule(towers: [
      [.conv(64, 1)],
      [.conv(48, 1), .conv(64, 5)],
      [.conv(64, 1), .conv(96, 3), .conv(96, 3)],
      [.averagePool(), .conv(pooled, 1)],
    ])
  }

  /// mixed3, to 17×17.
  static let firstReduction = InceptionModule(towers: [
    [.conv(384, 3, stride: 2, padding: .valid)],
    [.conv(64, 1), .conv(96, 3), .conv(96, 3, stride: 2, padding: .valid)],
    [.maxPool],
  ])

  /// mixed4 to mixed7, 17×17: 1×1; 1×7 and 7×1; twice 7×1 and 1×7; a pool.
  static func factored(_ inner: Int, reduced: Int) -> InceptionModule {
    InceptionModule(towers: [
      [.conv(192, 1)],
      [.conv(inner, 1), .conv(inner, row7), .conv(192, column7)],
      [
        .conv(reduced, 1), .conv(inner, column7), .conv(inner, row7), .conv(inner, column7),
        .conv(192, row7),
      ],
      [.averagePool(), .conv(192, 1)],
    ])
  }

  /// mixed8, to 8×8.
  static func secondReduction(pool: Step) -> InceptionModule {
    InceptionModule(towers: [
      [.conv(192, 1), .conv(320, 3, stride: 2, padding: .valid)],
      [
        .conv(192, 1), .conv(192, row7), .conv(192, column7),
        .conv(192, 3, stride: 2, padding: .valid),
      ],
      [pool],
    ])
  }

  /// mixed9 and mixed10, 8×8: towers that end in a 1×3 beside a 3×1.
  static let expanded = InceptionModule(towers: [
    [.conv(320, 1)],
    [.conv(384, 1), .fork(.conv(384, row3), .conv(384, column3))],
    [.conv(448, 1), .conv(384, 3), .fork(.conv(384, row3), .conv(384, column3))],
    [.averagePool(), .conv(192, 1)],
  ])
}
