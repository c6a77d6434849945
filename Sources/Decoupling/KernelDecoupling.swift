// SPDX-License-Identifier: Apache-2.0

/// How much of a convolution kernel could be written by mapping space and channels apart.
///
/// A regular convolution has a kernel K[tap, input, output]. Each point of the paper's spectrum can
/// write only some of them, and the best fit's share of the energy Σ K² says how near a kernel is:
/// - per output: every filter K[·, ·, o] is one spatial filter times one mixture of channels (rank
///   1), which is what extreme Inception writes (a 1×1, then one spatial filter an output);
/// - per input: every K[·, i, ·] is one spatial filter times its weights in the outputs, which is
///   what the depthwise separable convolution writes;
/// - segments of w outputs: the w filters of a segment use w mixtures of channels, which is what
///   segmented Inception writes; w = 1 is the first case.
///
/// All are 1 where the block could write the kernel exactly. None is 0 for a random kernel:
/// `NullDecoupling` says what to expect there.
/// Source: the paper's hypothesis, section 1.1; low rank as its measure is ours.
public struct KernelDecoupling: Equatable, Sendable {
  public var perOutput: Double
  public var perInput: Double
  /// By the outputs of a segment.
  public var segments: [Int: Double]
  /// How many spatial filters a filter is really made of, the mean over outputs weighted by energy,
  /// from 1 to the lesser of taps and inputs.
  public var effectiveRank: Double

  /// The mean of every measure, of those segment widths that all have.
  ///
  /// - Parameter readings: at least one.
  public static func mean(of readings: [KernelDecoupling]) -> KernelDecoupling {
    func mean(_ value: (KernelDecoupling) -> Double) -> Double {
      readings.reduce(0) { $0 + value($1) } / Double(readings.count)
    }
    let widths = readings[0].segments.keys.filter { width in
      readings.allSatisfy { $0.segments[width] != nil }
    }
    return KernelDecoupling(
      perOutput: mean(\.perOutput), perInput: mean(\.perInput),
      segments: Dictionary(
        uniqueKeysWithValues: widths.map { width in (width, mean { $0.segments[width] ?? .nan }) }),
      effectiveRank: mean(\.effectiveRank))
  }

  /// Cost: an eigenvalue problem of the lesser of taps and channels for every output and input, and of
  /// up to taps·w for every segment.
  ///
  /// - Parameters:
  ///   - kernel: the kernel that is read.
  ///   - segmentWidths: those that do not divide the outputs, or of 1, are left out.
  /// - Returns: nil where the kernel is all zeros, of which no share is known.
  public init?(_ kernel: SpatialKernel, segmentWidths: [Int] = []) {
    let filters = (0..<kernel.outputs).map { Spectrum(rows: kernel.filter(of: $0)) }
    let total = filters.reduce(0) { $0 + $1.total }
    guard total > 0 else { return nil }
    perOutput = filters.reduce(0) { $0 + $1.energy(ofRank: 1) } / total
    perInput =
      (0..<kernel.inputs).reduce(0) { sum, input in
        sum + Spectrum(rows: kernel.filters(of: input)).energy(ofRank: 1)
      } / total
    effectiveRank = filters.reduce(0) { $0 + $1.effectiveRank * $1.total } / total
    segments = [:]
    for width in segmentWidths where width > 1 && kernel.outputs.isMultiple(of: width) {
      let energy = FilterGroups.groups(of: kernel, width: width).reduce(0) { sum, group in
        sum + Spectrum(rows: kernel.stack(of: group)).energy(ofRank: width)
      }
      segments[width] = energy / total
    }
  }
}

/// Which outputs a segment should hold: their order in a trained kernel says nothing.
enum FilterGroups {
  /// Outputs in groups of a width: the strongest output that is left, with those whose mixtures of
  /// channels are most like its own. A greedy choice: the best partition would do a little better.
  static func groups(of kernel: SpatialKernel, width: Int) -> [[Int]] {
    let outputs = (0..<kernel.outputs).map { Mixture(kernel.filter(of: $0)) }
    var left = outputs.indices.sorted { outputs[$0].energy > outputs[$1].energy }
    var groups: [[Int]] = []
    while let first = left.first {
      let ranked = left.dropFirst()
        .map { (output: $0, likeness: outputs[first].likeness(to: outputs[$0])) }
        .sorted { ($1.likeness, $0.output) < ($0.likeness, $1.output) }
      let group = [first] + ranked.prefix(width - 1).map(\.output)
      groups.append(group)
      left.removeAll(where: group.contains)
    }
    return groups
  }

  /// The channels that a filter reads, by its strongest spatial part.
  private struct Mixture {
    let energy: Double
    private let direction: [Double]

    /// A few steps of the power method: it only has to rank.
    init(_ filter: [[Double]]) {
      var direction = filter.max { Self.square($0) < Self.square($1) } ?? []
      for _ in 0..<8 {
        let taps = filter.map { row in zip(row, direction).reduce(0) { $0 + $1.0 * $1.1 } }
        direction = direction.indices.map { channel in
          zip(filter, taps).reduce(0) { $0 + $1.0[channel] * $1.1 }
        }
        let length = Self.square(direction).squareRoot()
        guard length > 0 else { break }
        direction = direction.map { $0 / length }
      }
      self.direction = direction
      energy = filter.reduce(0) { $0 + Self.square($1) }
    }

    private static func square(_ vector: [Double]) -> Double {
      vector.reduce(0) { $0 + $1 * $1 }
    }

    /// The squared cosine between two mixtures.
    func likeness(to other: Mixture) -> Double {
      let product = zip(direction, other.direction).reduce(0) { $0 + $1.0 * $1.1 }
      return product * product
    }
  }
}
