// SPDX-License-Identifier: Apache-2.0

import Engine
import ModelZoo
import TestSupport
import Testing

/// Without anything between its two operations every point of the spectrum is one regular
/// convolution, at the border too: neither operation has a bias, and zero padding stays zero.
@Suite struct DenseKernelTests {
  private static let inputs = 6
  private static let filters = 8

  /// A point: how its kernels make the regular convolution's.
  struct Point: Sendable, CustomTestStringConvertible {
    var variant: BlockCase
    /// Widths of the segments, or nil for a depthwise operation before the 1×1.
    var segments: [Int]?
    var testDescription: String { variant.name }
  }

  static let points: [Point] = [1, 2].flatMap { stride in
    [3, 5].flatMap { kernel in
      points(stride: stride, kernel: kernel)
    }
  }

  private static func points(stride: Int, kernel: Int) -> [Point] {
    func variant(
      _ type: any Block.Type, _ change: (inout BlockOptions) -> Void = { _ in }
    ) -> BlockCase {
      BlockCase(type, input: Shape(height: 7, width: 6, channels: inputs), filters: filters) {
        $0.stride = stride
        $0.kernel = kernel
        change(&$0)
      }
    }
    let unequal = [1, 2, 5]
    var points = [1, 2, 4, 8].map { count in
      Point(
        variant: variant(SegmentedInception.self) { $0[SegmentedInception.segments] = count },
        segments: Array(repeating: filters / count, count: count))
    }
    points += [
      Point(
        variant: variant(SegmentedInception.self) {
          $0[SegmentedInception.segmentWidths] = unequal
        },
        segments: unequal),
      Point(
        variant: variant(SimplifiedInception.self) {
          $0[SimplifiedInception.towers] = nil
          $0[SimplifiedInception.towerWidths] = unequal
        }, segments: unequal),
      Point(
        variant: variant(ExtremeInception.self),
        segments: Array(repeating: 1, count: filters)),
      Point(variant: variant(SeparableConv.self)),
      Point(variant: variant(SeparableConv.self) { $0[SeparableConv.depthMultiplier] = 2 }),
    ]
    return points
  }

  /// One product P[p] · S[s] that is part of K[k].
  struct Term {
    var pointwise: (path: String, index: Int)
    var spatial: (path: String, index: Int)
    var dense: Int
  }

  /// Every product of a point's two kernels: K = Σ P · S.
  private static func terms(_ point: Point) -> [Term] {
    let area = point.variant.options.kernel * point.variant.options.kernel
    guard let segments = point.segments else {
      return separableTerms(area, point.variant.options[SeparableConv.depthMultiplier])
    }
    let type = point.variant.type
    var terms: [Term] = []
    var start = 0
    var spatialStart = 0
    for (tower, width) in segments.enumerated() {
      for (tap, middle, output) in triples(area, width, width) {
        for input in 0..<inputs {
          var pointwise = ("block/pointwise/kernel", input * filters + start + middle)
          var spatial = (
            "block/spatial/kernel", spatialStart + (tap * width + middle) * width + output
          )
          if type == SimplifiedInception.self {
            pointwise = ("block/tower\(tower + 1)/pointwise/kernel", input * width + middle)
            spatial = (
              "block/tower\(tower + 1)/spatial/kernel", (tap * width + middle) * width + output
            )
          } else if type == ExtremeInception.self {
            spatial = ("block/depthwise/kernel", tap * filters + start)
          }
          terms.append(
            Term(
              pointwise: pointwise, spatial: spatial,
              dense: (tap * inputs + input) * filters + start + output))
        }
      }
      start += width
      spatialStart += area * width * width
    }
    return terms
  }

  private static func separableTerms(_ area: Int, _ multiplier: Int) -> [Term] {
    triples(area, inputs * multiplier, filters).map { tap, middle, output in
      Term(
        pointwise: ("block/pointwise/kernel", middle * filters + output),
        spatial: ("block/depthwise/kernel", tap * inputs * multiplier + middle),
        dense: (tap * inputs + middle / multiplier) * filters + output)
    }
  }

  private static func triples(_ a: Int, _ b: Int, _ c: Int) -> [(Int, Int, Int)] {
    (0..<a).flatMap { i in (0..<b).flatMap { j in (0..<c).map { (i, j, $0) } } }
  }

  private static func steps(
    _ point: Point, _ numbers: Step.Numbers, _ gradient: OutputGradient
  ) throws -> (own: Step, dense: Step, terms: [Term]) {
    let own = try point.variant.step(numbers, gradient: gradient)
    var regular = point.variant
    regular.type = RegularConv.self
    regular.options = BlockOptions(filters: filters)
    regular.options.stride = point.variant.options.stride
    regular.options.kernel = point.variant.options.kernel
    var dense = try regular.step(numbers, gradient: gradient)
    let terms = Self.terms(point)
    var kernel = [Float](repeating: 0, count: dense.parameters["block/conv/kernel"]?.count ?? 0)
    for term in terms {
      let p = try #require(own.parameters[term.pointwise.path])[term.pointwise.index]
      let s = try #require(own.parameters[term.spatial.path])[term.spatial.index]
      kernel[term.dense] += p * s
    }
    dense.parameters["block/conv/kernel"] = kernel
    return (own, dense, terms)
  }

  /// Output, input gradient, and, by the chain rule, the gradients of both kernels.
  private static func differences(
    _ point: Point, _ numbers: Step.Numbers, _ gradient: OutputGradient,
    _ compare: ([Float], [Float], String) -> String?
  ) throws -> [String] {
    let (own, dense, terms) = try steps(point, numbers, gradient)
    let actual = try own.fast()
    let expected = try dense.fast()
    let dKernel = try #require(expected.gradients["block/conv/kernel"])
    var gradients = own.parameters.mapValues { $0.map { _ in Float(0) } }
    for term in terms {
      let p = try #require(own.parameters[term.pointwise.path])[term.pointwise.index]
      let s = try #require(own.parameters[term.spatial.path])[term.spatial.index]
      gradients[term.pointwise.path]?[term.pointwise.index] += dKernel[term.dense] * s
      gradients[term.spatial.path]?[term.spatial.index] += dKernel[term.dense] * p
    }
    gradients["tap/value"] = expected.gradients["tap/value"]
    #expect(gradients.keys.sorted() == actual.gradients.keys.sorted())
    var findings = [compare(actual.logits, expected.logits, "output")]
    for path in gradients.keys.sorted() {
      findings.append(compare(actual.gradients[path] ?? [], gradients[path] ?? [], path))
    }
    return findings.compactMap { $0 }
  }

  @Test(arguments: points)
  func thePointIsOneConvolutionExactly(_ point: Point) throws {
    let differences = try Self.differences(point, .integers, .integers) {
      Compare.exact($0, $1, $2)
    }
    #expect(differences == [])
  }

  @Test(arguments: points)
  func thePointIsOneConvolutionWithinRounding(_ point: Point) throws {
    let differences = try Self.differences(point, .real, .real) {
      Compare.close($0, $1, tolerance: 1e-5, $2)
    }
    #expect(differences == [])
  }

  /// With a ReLU between the operations it is none: the same kernels give another output.
  @Test func aReLUBetweenMakesTheDifference() throws {
    for point in Self.points {
      var (own, dense, _) = try Self.steps(point, .real, .real)
      var variant = point.variant
      variant.options[Between.option] = .activation(.relu)
      let parameters = own.parameters
      own = try variant.step(.real, gradient: .real)
      own.parameters = parameters
      let difference = Compare.close(
        try own.fast().logits, try dense.fast().logits, tolerance: 0.01)
      #expect(difference != nil, "\(variant.name)")
    }
  }
}
