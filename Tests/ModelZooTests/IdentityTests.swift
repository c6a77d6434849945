// SPDX-License-Identifier: Apache-2.0

import Engine
import ModelZoo
import TestSupport
import Testing

/// What the paper calls equivalent is the same function with the same gradients, to the last bit.
@Suite struct IdentityTests {
  static let identities: [Rearrangement] = {
    do {
      var all: [Rearrangement] = []
      for stride in 1...2 {
        for between in Between.allCases {
          for widths in [[4, 4, 4], [3, 5, 8], [8]] {
            all.append(try .towersAreSegments(widths, between: between, stride: stride))
          }
          all.append(try .channelsAreSegments(between: between, stride: stride))
          all.append(try .inputChannelsAreSegments(between: between, stride: stride))
          all.append(try .oneSegmentIsRegular(between: between, stride: stride))
        }
      }
      return try all + [.orderShifts(layers: 1), .orderShifts(layers: 3)]
    } catch {
      Issue.record(error)
      return []
    }
  }()

  /// Those whose numbers stay integers.
  static let exact = identities.filter { identity in
    Between.allCases.allSatisfy { between in
      [.none, .activation(.relu)].contains(between)
        || !identity.name.contains("between \(between.rawValue)")
    }
  }

  @Test func allIdentitiesAreTried() {
    let count = Between.allCases.count
    #expect(Self.identities.count == 6 * count + 6 * count + 2)
    #expect(Self.exact.count == 12 + 12 + 2)
    #expect(Self.identities.count { !$0.keepsOrderOfInputGradient } == 4 * count)
  }

  @Test(arguments: exact)
  func fastKernelsAgreeExactlyOnIntegers(_ identity: Rearrangement) throws {
    let steps = try identity.steps(.integers, .integers)
    let differences = try identity.differences(steps.first.fast(), steps.second.fast()) {
      Compare.exact($0, $1, $2)
    }
    #expect(differences == [])
  }

  /// All gradients, that of the input too: no sum of integers is rounded, in whatever order. What
  /// divides or takes an exponential (batch norm, most activations) gives no integers; its turn is the next
  /// test's.
  @Test(arguments: exact)
  func twinsAgreeInBitsOnIntegers(_ identity: Rearrangement) throws {
    let steps = try identity.steps(.integers, .integers)
    let first = steps.first.reference(Float.self)
    let second = steps.second.reference(Float.self)
    let differences = try identity.differences(first, second) { Compare.bits($0, $1, $2) }
    #expect(differences == [])
  }

  /// On real numbers, too, the output and every gradient are the same bits, but for one: where
  /// several towers give their shares of the input's gradient, the shares are sums of their own,
  /// added in another order than one sum over all channels, and floating point rounds them
  /// otherwise. It is compared within Double's rounding here and in bits on integers above.
  @Test(arguments: identities)
  func twinsAgreeInBits(_ identity: Rearrangement) throws {
    let steps = try identity.steps(.real, .real)
    let first = steps.first.reference(Double.self)
    let second = steps.second.reference(Double.self)
    let differences = try identity.differences(first, second) { actual, expected, what in
      what == "gradient of tap/value" && !identity.keepsOrderOfInputGradient
        ? Compare.close(actual, expected, tolerance: 1e-14, what)
        : Compare.bits(actual, expected, what)
    }
    #expect(differences == [])
  }

  @Test(arguments: identities)
  func fastKernelsAgreeWithinRounding(_ identity: Rearrangement) throws {
    let steps = try identity.steps(.real, .real)
    let differences = try identity.differences(steps.first.fast(), steps.second.fast()) {
      Compare.close($0, $1, tolerance: 1e-5, $2)
    }
    #expect(differences == [])
  }

  // MARK: Where the order of the operations matters

  /// One channel, one pixel, weights −1 and −1, nothing between the two operations. Extreme: the
  /// signs cancel before the ReLU, and 1 comes out. Separable, after its 1×1 and ReLU: the first
  /// −1 is cut to 0, and nothing comes out.
  @Test func theOrderMattersWithoutActivationBetween() throws {
    #expect(try Self.onePixel(between: .none, image: 1) == [1, 0])
  }

  /// With a ReLU after both operations the same weights agree, whatever the image's sign.
  @Test(arguments: [Float(1), -1, 2])
  func theOrderDoesNotMatterWithActivationBetween(_ image: Float) throws {
    let outputs = try Self.onePixel(between: .activation(.relu), image: image)
    #expect(outputs.count == 2)
    #expect(outputs[0] == outputs[1])
  }

  /// `[extreme, ReLU, 1×1, ReLU]` and `[1×1, ReLU, separable, ReLU]` on one number.
  private static func onePixel(between: Between, image: Float) throws -> [Float] {
    var options = BlockOptions(filters: 1)
    options[Between.option] = between
    let extreme = try ExtremeInception(options)
    let separable = try SeparableConv(options)
    let point = Shape(height: 1, width: 1, channels: 1)
    let first = try observedGraph(point, batch: 1) { x, graph in
      let mapped = graph.scope("block") { extreme(x, in: &$0) }
      let active = graph.relu(mapped, "relu")
      let last = graph.conv2D(active, "last", filters: 1, kernel: 1)
      return graph.relu(last, "lastReLU")
    }
    let second = try observedGraph(point, batch: 1) { x, graph in
      let mixed = graph.conv2D(x, "first", filters: 1, kernel: 1)
      let active = graph.relu(mixed, "relu")
      let mapped = graph.scope("block") { separable(active, in: &$0) }
      return graph.relu(mapped, "lastReLU")
    }
    // Only the centre of the window sees the one pixel.
    let window: [Float] = [5, 5, 5, 5, -1, 5, 5, 5, 5]
    let weights: [[String: [Float]]] = [
      ["block/pointwise/kernel": [-1], "block/depthwise/kernel": window, "last/kernel": [1]],
      ["first/kernel": [-1], "block/depthwise/kernel": window, "block/pointwise/kernel": [1]],
    ]
    return try zip([first, second], weights).map { graph, weights in
      var step = Step(graph, batch: 1, numbers: .integers)
      #expect(Set(weights.keys).union(["tap/value"]) == Set(step.parameters.keys))
      step.parameters.merge(weights) { $1 }
      step.images = [image]
      return try #require(try step.fast().logits.first)
    }
  }

  /// The counter-example is no freak of one pixel: larger stacks differ, too.
  @Test func stacksDifferWithoutActivationBetween() throws {
    var options = BlockOptions(filters: 6)
    options[Between.option] = Between.none
    let extreme = try ExtremeInception(options)
    let separable = try SeparableConv(options)
    var identity = try Rearrangement.orderShifts(layers: 1)
    identity.first = { x, graph in
      let mapped = graph.scope("extreme1") { extreme(x, in: &$0) }
      let active = graph.relu(mapped, "relu1")
      let last = graph.conv2D(active, "last", filters: 6, kernel: 1)
      return graph.relu(last, "lastReLU")
    }
    identity.second = { x, graph in
      let mixed = graph.conv2D(x, "first", filters: 6, kernel: 1)
      let active = graph.relu(mixed, "firstReLU")
      let mapped = graph.scope("separable1") { separable(active, in: &$0) }
      return graph.relu(mapped, "relu1")
    }
    identity.places["separable1/pointwise/kernel"] = Rearrangement.all("last/kernel", 36)
    let steps = try identity.steps(.integers, .integers)
    let differences = try identity.differences(steps.first.fast(), steps.second.fast()) {
      Compare.exact($0, $1, $2)
    }
    #expect(differences.first?.hasPrefix("output") == true)
  }
}
