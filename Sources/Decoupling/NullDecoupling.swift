// SPDX-License-Identifier: Apache-2.0

import RandomStreams

/// What the meter reads on kernels of a shape whose numbers are independent and normal: nothing is
/// decoupled in them, and yet one part of nine or more holds more than its share by chance.
public struct NullDecoupling: Equatable, Sendable {
  /// The mean over the drawn kernels.
  public let mean: KernelDecoupling
  /// The standard deviation of one kernel's reading, in the same places.
  public let deviation: KernelDecoupling
  /// Kernels drawn.
  public let count: Int

  /// - Parameters:
  ///   - taps: height times width of the window.
  ///   - inputs: input channels.
  ///   - outputs: output channels.
  ///   - segmentWidths: as for `KernelDecoupling`.
  ///   - kernels: how many are drawn, at least 2.
  ///   - seed: the same seed gives the same reading.
  public init(
    taps: Int, inputs: Int, outputs: Int, segmentWidths: [Int] = [], kernels: Int = 16,
    seed: UInt64 = 0
  ) {
    precondition(kernels >= 2, "a deviation needs two kernels")
    let readings = (0..<kernels).compactMap { number -> KernelDecoupling? in
      var stream = RandomStream(seed: seed, "null-kernel-\(number)")
      let values = (0..<taps * inputs * outputs).map { _ in Float(stream.normal()) }
      return SpatialKernel(values, shape: [taps, 1, inputs, outputs]).flatMap {
        KernelDecoupling($0, segmentWidths: segmentWidths)
      }
    }
    count = readings.count
    (mean, deviation) = Self.summary(readings)
  }

  private static func summary(
    _ readings: [KernelDecoupling]
  ) -> (mean: KernelDecoupling, deviation: KernelDecoupling) {
    func summary(_ values: [Double]) -> (mean: Double, deviation: Double) {
      let mean = values.reduce(0, +) / Double(values.count)
      let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      return (mean, (squares / Double(values.count - 1)).squareRoot())
    }
    let perOutput = summary(readings.map(\.perOutput))
    let perInput = summary(readings.map(\.perInput))
    let rank = summary(readings.map(\.effectiveRank))
    let widths = readings.first.map { Array($0.segments.keys) } ?? []
    let segments = widths.map { width in
      (width, summary(readings.compactMap { $0.segments[width] }))
    }
    return (
      KernelDecoupling(
        perOutput: perOutput.mean, perInput: perInput.mean,
        segments: Dictionary(segments.map { ($0, $1.mean) }) { $1 }, effectiveRank: rank.mean),
      KernelDecoupling(
        perOutput: perOutput.deviation, perInput: perInput.deviation,
        segments: Dictionary(segments.map { ($0, $1.deviation) }) { $1 },
        effectiveRank: rank.deviation)
    )
  }
}

extension KernelDecoupling {
  init(perOutput: Double, perInput: Double, segments: [Int: Double], effectiveRank: Double) {
    self.perOutput = perOutput
    self.perInput = perInput
    self.segments = segments
    self.effectiveRank = effectiveRank
  }
}
