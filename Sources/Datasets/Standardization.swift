// SPDX-License-Identifier: Apache-2.0

/// Mean and standard deviation of every channel of a training set: images are read as
/// (value − mean) / deviation, bytes scaled to 0…1 first.
public struct Standardization: Hashable, Sendable {
  /// One value a channel.
  public let mean: [Float]
  /// One value a channel; 1 for a channel that never varies, so that it stays finite.
  public let deviation: [Float]

  /// Values recorded earlier, one a channel each.
  public init(mean: [Float], deviation: [Float]) {
    precondition(mean.count == deviation.count, "one mean and one deviation a channel")
    self.mean = mean
    self.deviation = deviation
  }

  /// Of images in memory; pictures in files have a scaling of their own.
  ///
  /// Cost: one pass over bytes (exact integer sums), two over floats (sums in Double).
  public init(of set: ImageSet) {
    let moments =
      switch set.pixels {
      case .bytes(let values): Self.moments(values, channels: set.size.channels)
      case .floats(let values): Self.moments(values, channels: set.size.channels)
      case .files: preconditionFailure("pictures in files are not measured")
      }
    mean = moments.map { Float($0.mean) }
    deviation = moments.map { moment in
      // Rounding leaves a trace of variance in a constant channel; it is not a signal.
      let floor = 1e-6 * max(1, abs(moment.mean))
      let deviation = max(moment.variance, 0).squareRoot()
      return deviation > floor ? Float(deviation) : 1
    }
  }

  private typealias Moment = (mean: Double, variance: Double)

  private static func moments(_ values: [UInt8], channels: Int) -> [Moment] {
    // A histogram makes the sums exact and the pass cheap.
    var histogram = [Int](repeating: 0, count: channels * 256)
    var channel = 0
    for value in values {
      histogram[channel * 256 + Int(value)] += 1
      channel = channel + 1 == channels ? 0 : channel + 1
    }
    return (0..<channels).map { channel in
      var count = 0
      var sum = 0
      var squares = 0
      for value in 0..<256 {
        let times = histogram[channel * 256 + value]
        count += times
        sum += times * value
        squares += times * value * value
      }
      guard count > 0 else { return (0, 0) }
      let mean = Double(sum) / Double(count)
      let variance = Double(squares) / Double(count) - mean * mean
      return (mean / 255, variance / (255 * 255))
    }
  }

  private static func moments(_ values: [Float], channels: Int) -> [Moment] {
    let count = Double(values.count / channels)
    guard count > 0 else { return Array(repeating: (0, 0), count: channels) }
    var sums = [Double](repeating: 0, count: channels)
    var channel = 0
    for value in values {
      sums[channel] += Double(value)
      channel = channel + 1 == channels ? 0 : channel + 1
    }
    let means = sums.map { $0 / count }
    var squares = [Double](repeating: 0, count: channels)
    for value in values {
      let difference = Double(value) - means[channel]
      squares[channel] += difference * difference
      channel = channel + 1 == channels ? 0 : channel + 1
    }
    return zip(means, squares).map { ($0, $1 / count) }
  }
}
