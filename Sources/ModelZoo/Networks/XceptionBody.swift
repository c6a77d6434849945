// SPDX-License-Identifier: Apache-2.0

import Engine
import Settings

/// Everything of Xception but what its middle flow repeats: 14 modules, of which all but the first
/// and the last stand inside a linear residual.
///
/// Entry flow: `[3×3/2 conv 32 → BN → ReLU → 3×3 conv 64 → BN → ReLU]`, both valid; three
/// `xception-block`s of 128, 256 and 728 filters at stride 2, the first without its leading ReLU.
/// Middle flow: eight modules of three units at 728 channels.
/// Exit flow: an `xception-block` 728 → 1024 at stride 2, then
/// `[separable conv 1536 → BN → ReLU → separable conv 2048 → BN → ReLU]` and the head.
///
/// Options: `widthMultiplier`; `small`, for 32×32 images: the stem's first convolution has stride 1
/// and both are `same`, so that the middle flow works on 4×4 instead of 19×19 pixels; `residual`
/// (Fig. 9); `between`, what stands between depthwise and pointwise (Fig. 10); those of `Head`.
/// Differs from the paper: no dropout unless asked for (it trains with 0.5).
/// Source: the paper, Fig. 5.
struct XceptionBody {
  let scaling: Scaling
  let isResidual: Bool
  let between: Between
  let head: Head

  init(_ fields: inout Fields) throws(SettingsError) {
    scaling = try Scaling(&fields)
    isResidual = try fields.bool(
      "residual", default: true, "whether there are shortcuts (Fig. 9 compares)")
    between = try fields.choice(
      "between", default: .none, "what stands between depthwise and pointwise (Fig. 10)")
    head = try Head(&fields)
  }

  /// - Parameters:
  ///   - width: the channels that stand for the paper's 728.
  ///   - unit: what each module of the middle flow repeats three times.
  ///   - unitName: the name of its scope.
  func callAsFunction(
    _ images: Value, classes: Int, width: Int, unit: any Block, unitName: String,
    in graph: inout GraphBuilder
  ) throws(BlockError) -> Value {
    let entered = try entryFlow(images, width: width, in: &graph)
    var trunk = entered
    let module = ResidualModule(
      units: [unit, unit, unit], unitName: unitName, isResidual: isResidual)
    for block in 5...12 { trunk = graph.scope("block\(block)") { module(trunk, in: &$0) } }
    let features = try exitFlow(trunk, width: width, in: &graph)
    return head(features, classes: classes, in: &graph)
  }

  /// `separable-conv` with the network's options.
  func separableConv(filters: Int) throws(BlockError) -> SeparableConv {
    var options = BlockOptions(filters: filters)
    options[Between.option] = between
    return try SeparableConv(options)
  }

  private func entryFlow(
    _ images: Value, width: Int, in graph: inout GraphBuilder
  ) throws(BlockError) -> Value {
    let stem = graph.scope("block1") { graph in
      let padding: Padding = scaling.isSmall ? .same : .valid
      let conv1 = graph.conv2D(
        images, "conv1", filters: scaling(32), kernel: 3, stride: scaling.isSmall ? 1 : 2,
        padding: padding)
      let normalized1 = graph.batchNorm(conv1, "bn1")
      let active1 = graph.relu(normalized1, "relu1")
      let conv2 = graph.conv2D(
        active1, "conv2", filters: scaling(64), kernel: 3, padding: padding)
      let normalized2 = graph.batchNorm(conv2, "bn2")
      return graph.relu(normalized2, "relu2")
    }
    let block2 = try module(filters: scaling(128), hasLeadingReLU: false)
    let block3 = try module(filters: scaling(256))
    let block4 = try module(filters: width)
    let half = graph.scope("block2") { block2(stem, in: &$0) }
    let quarter = graph.scope("block3") { block3(half, in: &$0) }
    return graph.scope("block4") { block4(quarter, in: &$0) }
  }

  private func exitFlow(
    _ x: Value, width: Int, in graph: inout GraphBuilder
  ) throws(BlockError) -> Value {
    let block13 = try module(filters: scaling(1024), hidden: width)
    let separable1 = try separableConv(filters: scaling(1536))
    let separable2 = try separableConv(filters: scaling(2048))
    let narrowed = graph.scope("block13") { block13(x, in: &$0) }
    return graph.scope("block14") { graph in
      let mapped1 = graph.scope("separable1") { separable1(narrowed, in: &$0) }
      let normalized1 = graph.batchNorm(mapped1, "bn1")
      let active1 = graph.relu(normalized1, "relu1")
      let mapped2 = graph.scope("separable2") { separable2(active1, in: &$0) }
      let normalized2 = graph.batchNorm(mapped2, "bn2")
      return graph.relu(normalized2, "relu2")
    }
  }

  /// A module of the entry or exit flow.
  private func module(
    filters: Int, hidden: Int? = nil, hasLeadingReLU: Bool = true
  ) throws(BlockError) -> XceptionBlock {
    var options = BlockOptions(filters: filters)
    options.stride = 2
    options[Between.option] = between
    options[XceptionBlock.hiddenFilters] = hidden
    options[XceptionBlock.leadingReLU] = hasLeadingReLU
    options[XceptionBlock.residual] = isResidual
    return try XceptionBlock(options)
  }
}
