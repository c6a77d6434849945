// SPDX-License-Identifier: Apache-2.0

import Engine
import ModelZoo
import Settings

/// `extreme-inception` with one mistake. Each has the key of the real block, so that only the
/// mistake is there to be found.
protocol FaultyBlock: Block {
  var options: BlockOptions { get }
  init(checked options: BlockOptions)
}

extension FaultyBlock {
  static var key: String { ExtremeInception.key }
  static var summary: String { ExtremeInception.summary }
  static var source: Citation { ExtremeInception.source }
  static var options: [any AnyOption] { ExtremeInception.options }

  init(_ options: BlockOptions) throws(BlockError) {
    _ = try ExtremeInception(options)
    self.init(checked: options)
  }
}

/// Computes the ReLU and goes on without it.
struct LosesReLU: FaultyBlock {
  let options: BlockOptions
  init(checked options: BlockOptions) { self.options = options }

  func callAsFunction(_ x: Value, in graph: inout GraphBuilder) -> Value {
    let mixed = graph.conv2D(x, "pointwise", filters: options.filters, kernel: 1)
    _ = graph.activation(mixed, "between", options[Between.option])
    return graph.depthwiseConv2D(
      mixed, "depthwise", kernel: Extent(options.kernel), stride: options.stride)
  }
}

/// Takes `between` and never looks at it.
struct IgnoresBetween: FaultyBlock {
  let options: BlockOptions
  init(checked options: BlockOptions) { self.options = options }

  func callAsFunction(_ x: Value, in graph: inout GraphBuilder) -> Value {
    let mixed = graph.conv2D(x, "pointwise", filters: options.filters, kernel: 1)
    return graph.depthwiseConv2D(
      mixed, "depthwise", kernel: Extent(options.kernel), stride: options.stride)
  }
}

/// Has the right shape and the right number of parameters, and other multiply-adds.
struct StrideOnTheWrongConvolution: FaultyBlock {
  let options: BlockOptions
  init(checked options: BlockOptions) { self.options = options }

  func callAsFunction(_ x: Value, in graph: inout GraphBuilder) -> Value {
    let mixed = graph.conv2D(
      x, "pointwise", filters: options.filters, kernel: 1, stride: options.stride)
    let between = graph.activation(mixed, "between", options[Between.option])
    return graph.depthwiseConv2D(between, "depthwise", kernel: Extent(options.kernel))
  }
}

/// Forgets the stride.
struct IgnoresStride: FaultyBlock {
  let options: BlockOptions
  init(checked options: BlockOptions) { self.options = options }

  func callAsFunction(_ x: Value, in graph: inout GraphBuilder) -> Value {
    let mixed = graph.conv2D(x, "pointwise", filters: options.filters, kernel: 1)
    let between = graph.activation(mixed, "between", options[Between.option])
    return graph.depthwiseConv2D(between, "depthwise", kernel: Extent(options.kernel))
  }
}

/// Has a shortcut that no gradient passes.
struct DeadBranch: FaultyBlock {
  let options: BlockOptions
  init(checked options: BlockOptions) { self.options = options }

  func callAsFunction(_ x: Value, in graph: inout GraphBuilder) -> Value {
    let mixed = graph.conv2D(x, "pointwise", filters: options.filters, kernel: 1)
    let dead = graph.append(Doubling(fault: .dead), "dead", [mixed])
    let between = graph.activation(dead, "between", options[Between.option])
    return graph.depthwiseConv2D(
      between, "depthwise", kernel: Extent(options.kernel), stride: options.stride)
  }
}

/// Refuses nothing.
struct TakesAnything: Block {
  static let key = ExtremeInception.key
  static let summary = ExtremeInception.summary
  static let source = ExtremeInception.source
  static let options = ExtremeInception.options
  private let options: BlockOptions

  init(_ options: BlockOptions) throws(BlockError) {
    self.options = options
  }

  func callAsFunction(_ x: Value, in graph: inout GraphBuilder) -> Value {
    IgnoresBetween(checked: options)(x, in: &graph)
  }
}
