// SPDX-License-Identifier: Apache-2.0

import Engine
import ModelZoo
import TestSupport
import Testing

/// Two graphs that are the same function when the second one's parameters are the first one's in
/// another order. The same order then holds for their gradients.
struct Rearrangement: Sendable, CustomTestStringConvertible {
  /// One number of a parameter.
  struct Place: Sendable {
    var path: String
    var index: Int
  }

  var name: String
  var input: Shape
  var first: @Sendable (Value, inout GraphBuilder) -> Value
  var second: @Sendable (Value, inout GraphBuilder) -> Value
  /// Where every number of the second graph's parameters stands in the first graph.
  var places: [String: [Place]]
  /// Whether all sums run over the same numbers in the same order, backward to the input too.
  var keepsOrderOfInputGradient = true

  var testDescription: String { name }

  /// All numbers of a parameter of the first graph.
  static func all(_ path: String, _ count: Int) -> [Place] {
    (0..<count).map { Place(path: path, index: $0) }
  }

  /// The second graph's tensors from the first one's.
  func apply<Scalar>(_ tensors: [String: [Scalar]]) throws -> [String: [Scalar]] {
    var result: [String: [Scalar]] = [:]
    for (path, places) in places {
      result[path] = try places.map { try #require(tensors[$0.path])[$0.index] }
    }
    result["tap/value"] = tensors["tap/value"]
    return result
  }

  /// Both sides' steps, the second with the first one's parameters.
  func steps(
    _ numbers: Step.Numbers, _ gradient: OutputGradient
  ) throws -> (first: Step, second: Step) {
    let first = Step(
      try observedGraph(input, gradient: gradient, first), numbers: numbers)
    var second = Step(
      try observedGraph(input, gradient: gradient, second), numbers: numbers)
    let parameters = try apply(first.parameters)
    #expect(Set(parameters.keys) == Set(second.parameters.keys))
    #expect(parameters.mapValues(\.count) == second.parameters.mapValues(\.count))
    second.parameters = parameters
    return (first, second)
  }

  /// What differs between the second side and the first one rearranged.
  func differences<Scalar: ReferenceScalar>(
    _ first: StepResult<Scalar>, _ second: StepResult<Scalar>,
    _ compare: ([Scalar], [Scalar], String) -> String?
  ) throws -> [String] {
    let gradients = try apply(first.gradients.merging(first.statistics) { own, _ in own })
    let actual = second.gradients.merging(second.statistics) { own, _ in own }
    var findings = [compare(second.logits, first.logits, "output")]
    for path in actual.keys.sorted() {
      findings.append(compare(actual[path] ?? [], gradients[path] ?? [], "gradient of \(path)"))
    }
    return findings.compactMap { $0 }
  }
}

// MARK: The paper's figures

extension Rearrangement {
  private static let channels = 6

  /// The batch norm's tensors that a `between` has.
  private static func normTensors(_ between: Between) -> [String] {
    guard between == .bn || between == .bnReLU else { return [] }
    let name = between == .bn ? "between" : "between-bn"
    return ["scale", "offset", "running-mean", "running-variance"].map { "\(name)/\($0)" }
  }

  /// Fig. 2 ≡ Fig. 3: towers of any widths are segments of those widths.
  static func towersAreSegments(
    _ widths: [Int], between: Between, stride: Int
  ) throws -> Rearrangement {
    let filters = widths.reduce(0, +)
    var options = BlockOptions(filters: filters)
    options.stride = stride
    options[Between.option] = between
    var segmentOptions = options
    options[SimplifiedInception.towerWidths] = widths
    segmentOptions[SegmentedInception.segmentWidths] = widths
    let towers = try SimplifiedInception(options)
    let segments = try SegmentedInception(segmentOptions)
    var places: [String: [Place]] = [:]
    // The 1×1 kernels stand side by side: [C, w₁ | w₂ | …].
    places["block/pointwise/kernel"] = (0..<channels).flatMap { row in
      widths.enumerated().flatMap { index, width in
        (row * width..<(row + 1) * width).map {
          Place(path: "block/tower\(index + 1)/pointwise/kernel", index: $0)
        }
      }
    }
    places["block/spatial/kernel"] = widths.enumerated().flatMap { index, width in
      all("block/tower\(index + 1)/spatial/kernel", 9 * width * width)
    }
    for tensor in normTensors(between) {
      places["block/\(tensor)"] = widths.enumerated().flatMap { index, width in
        all("block/tower\(index + 1)/\(tensor)", width)
      }
    }
    return Rearrangement(
      name: "towers \(widths) = segments, between \(between.rawValue), stride \(stride)",
      input: Shape(height: 6, width: 5, channels: channels),
      first: { x, graph in graph.scope("block") { towers(x, in: &$0) } },
      second: { x, graph in graph.scope("block") { segments(x, in: &$0) } },
      places: places, keepsOrderOfInputGradient: widths.count == 1)
  }

  /// Fig. 3 with a segment a channel ≡ Fig. 4.
  static func channelsAreSegments(between: Between, stride: Int) throws -> Rearrangement {
    let filters = 8
    var options = BlockOptions(filters: filters)
    options.stride = stride
    options[Between.option] = between
    let extreme = try ExtremeInception(options)
    options[SegmentedInception.segments] = filters
    let segmented = try SegmentedInception(options)
    var places = ["block/pointwise/kernel": all("block/pointwise/kernel", channels * filters)]
    // [C, 3, 3, 1, 1] → [3, 3, C, 1].
    places["block/depthwise/kernel"] = (0..<9).flatMap { tap in
      (0..<filters).map { Place(path: "block/spatial/kernel", index: $0 * 9 + tap) }
    }
    for tensor in normTensors(between) {
      places["block/\(tensor)"] = all("block/\(tensor)", filters)
    }
    return Rearrangement(
      name: "segments of one channel = extreme, between \(between.rawValue), stride \(stride)",
      input: Shape(height: 7, width: 4, channels: channels),
      first: { x, graph in graph.scope("block") { segmented(x, in: &$0) } },
      second: { x, graph in graph.scope("block") { extreme(x, in: &$0) } }, places: places)
  }

  /// Spatial convolution first, one channel a segment ≡ the depthwise separable convolution.
  static func inputChannelsAreSegments(between: Between, stride: Int) throws -> Rearrangement {
    var options = BlockOptions(filters: 2 * channels)
    options.stride = stride
    options[Between.option] = between
    let separable = try SeparableConv(options)
    options[SegmentedInception.segments] = channels
    let segmented = try SegmentedSeparable(options)
    var places = ["block/pointwise/kernel": all("block/pointwise/kernel", channels * 2 * channels)]
    places["block/depthwise/kernel"] = (0..<9).flatMap { tap in
      (0..<channels).map { Place(path: "block/spatial/kernel", index: $0 * 9 + tap) }
    }
    for tensor in normTensors(between) {
      places["block/\(tensor)"] = all("block/\(tensor)", channels)
    }
    return Rearrangement(
      name: "segments of one input channel = separable, between \(between.rawValue), "
        + "stride \(stride)",
      input: Shape(height: 7, width: 4, channels: channels),
      first: { x, graph in graph.scope("block") { segmented(x, in: &$0) } },
      second: { x, graph in graph.scope("block") { separable(x, in: &$0) } }, places: places)
  }

  /// Fig. 3 with one segment ≡ a 1×1 before a regular convolution.
  static func oneSegmentIsRegular(between: Between, stride: Int) throws -> Rearrangement {
    let filters = 8
    var options = BlockOptions(filters: filters)
    options.stride = stride
    let regular = try RegularConv(options)
    options[SegmentedInception.segments] = 1
    options[Between.option] = between
    let segmented = try SegmentedInception(options)
    var places = [
      "first/kernel": all("block/pointwise/kernel", channels * filters),
      "second/conv/kernel": all("block/spatial/kernel", 9 * filters * filters),
    ]
    for tensor in normTensors(between) { places[tensor] = all("block/\(tensor)", filters) }
    return Rearrangement(
      name: "one segment = 1×1, 3×3, between \(between.rawValue), stride \(stride)",
      input: Shape(height: 5, width: 8, channels: channels),
      first: { x, graph in graph.scope("block") { segmented(x, in: &$0) } },
      second: { x, graph in
        let mixed = graph.conv2D(x, "first", filters: filters, kernel: 1)
        let active = graph.activation(mixed, "between", between)
        return graph.scope("second") { regular(active, in: &$0) }
      },
      places: places)
  }

  /// n extreme blocks and a 1×1 ≡ a 1×1 and n separable convolutions, a ReLU after every operation.
  /// Source: the paper, section 3, on the order of the operations.
  static func orderShifts(layers: Int) throws -> Rearrangement {
    let widths = [channels] + (0...layers).map { 6 + $0 }
    var places: [String: [Place]] = [:]
    for layer in 0...layers {
      let from = layer < layers ? "extreme\(layer + 1)/pointwise/kernel" : "last/kernel"
      let to = layer > 0 ? "separable\(layer)/pointwise/kernel" : "first/kernel"
      places[to] = all(from, widths[layer] * widths[layer + 1])
    }
    for layer in 1...layers {
      places["separable\(layer)/depthwise/kernel"] = all(
        "extreme\(layer)/depthwise/kernel", 9 * widths[layer])
    }
    let blocks = try activatedBlocks(widths)
    return Rearrangement(
      name: "\(layers) extreme and 1×1 = 1×1 and \(layers) separable",
      input: Shape(height: 6, width: 5, channels: channels),
      first: { x, graph in
        var trunk = x
        for (index, block) in blocks.enumerated() {
          let mapped = graph.scope("extreme\(index + 1)") { block.extreme(trunk, in: &$0) }
          trunk = graph.relu(mapped, "relu\(index + 1)")
        }
        let last = graph.conv2D(trunk, "last", filters: widths[layers + 1], kernel: 1)
        return graph.relu(last, "lastReLU")
      },
      second: { x, graph in
        let first = graph.conv2D(x, "first", filters: widths[1], kernel: 1)
        var trunk = graph.relu(first, "firstReLU")
        for (index, block) in blocks.enumerated() {
          let mapped = graph.scope("separable\(index + 1)") { block.separable(trunk, in: &$0) }
          trunk = graph.relu(mapped, "relu\(index + 1)")
        }
        return trunk
      }, places: places)
  }

  /// Blocks of both orders, with a ReLU between their operations, for each layer of a shifted stack.
  private static func activatedBlocks(
    _ widths: [Int]
  ) throws -> [(extreme: ExtremeInception, separable: SeparableConv)] {
    try (1..<widths.count - 1).map { layer in
      var options = BlockOptions(filters: widths[layer])
      options[Between.option] = .activation(.relu)
      let extreme = try ExtremeInception(options)
      options.filters = widths[layer + 1]
      return (extreme, try SeparableConv(options))
    }
  }
}
