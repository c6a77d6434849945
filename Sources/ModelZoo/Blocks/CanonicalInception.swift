// SPDX-License-Identifier: Apache-2.0

import Engine
import Settings

/// `[1×1 ∥ 1×1 → k×k ∥ 1×1 → k×k → k×k ∥ average pool → 1×1]`, concatenated.
///
/// Every tower gives a quarter of the filters and works at that width; `between` stands after every
/// convolution but a tower's last.
/// Shapes: H×W×C → ⌈H/stride⌉×⌈W/stride⌉×filters; the last spatial op of a tower takes the stride.
/// Cost: with t = filters/4: 4·C·t + 3·k²·t² parameters.
/// Source: the paper, Fig. 1.
/// Differs from the paper: Inception V3 tunes every tower's width by hand; here they are equal.
public struct CanonicalInception: Block {
  public static let key = "canonical-inception"
  public static let summary = "[1×1 ∥ 1×1 → k×k ∥ 1×1 → k×k → k×k ∥ average pool → 1×1]"
  public static let source = Citation("Fig. 1")
  public static let options: [any AnyOption] = [Between.option]
  private let options: BlockOptions

  public init(_ options: BlockOptions) throws(BlockError) {
    let options = try options.checked(for: Self.self)
    guard options.filters.isMultiple(of: 4) else {
      throw BlockError(
        block: Self.key, field: "filters", value: "\(options.filters)",
        rule: "must be a multiple of its four towers")
    }
    self.options = options
  }

  public func callAsFunction(_ x: Value, in graph: inout GraphBuilder) -> Value {
    let width = options.filters / 4
    let kernel = Extent(options.kernel)
    let stride = options.stride
    let between = options[Between.option]

    let pointwiseTower = graph.conv2D(
      x, "tower1/pointwise", filters: width, kernel: 1, stride: stride)

    let singleReduced = graph.conv2D(x, "tower2/pointwise", filters: width, kernel: 1)
    let singleActive = graph.activation(singleReduced, "tower2/between", between)
    let singleTower = graph.conv2D(
      singleActive, "tower2/spatial", filters: width, kernel: kernel, stride: stride)

    let doubleReduced = graph.conv2D(x, "tower3/pointwise", filters: width, kernel: 1)
    let doubleActive = graph.activation(doubleReduced, "tower3/between1", between)
    let doubleFirst = graph.conv2D(doubleActive, "tower3/spatial1", filters: width, kernel: kernel)
    let doubleAgain = graph.activation(doubleFirst, "tower3/between2", between)
    let doubleTower = graph.conv2D(
      doubleAgain, "tower3/spatial2", filters: width, kernel: kernel, stride: stride)

    let pooled = graph.averagePool(x, "tower4/pool", window: kernel, stride: stride)
    let poolTower = graph.conv2D(pooled, "tower4/pointwise", filters: width, kernel: 1)

    return graph.concatenate(
      [pointwiseTower, singleTower, doubleTower, poolTower], "concatenated")
  }
}
