// SPDX-License-Identifier: Apache-2.0

extension MeanCurve {
  /// The band between the ends of the intervals, cut at the edges of a panel: its corners, by epoch.
  ///
  /// gnuplot's picture terminals cut the corners of a polygon one by one, which draws a band of other
  /// slopes, and one that goes on where there are no data.
  func band(within range: (low: Double, high: Double)) -> [(
    epoch: Double, low: Double, high: Double
  )] {
    let corners = values.compactMap { value in
      value.interval.map { (epoch: value.epoch, low: $0.low, high: $0.high) }
    }
    func cut(_ value: Double) -> Double { min(max(value, range.low), range.high) }
    var band: [(epoch: Double, low: Double, high: Double)] = []
    for (index, corner) in corners.enumerated() {
      if index > 0 {
        let before = corners[index - 1]
        let shares = [(before.low, corner.low), (before.high, corner.high)].flatMap { edge in
          [range.low, range.high].compactMap { Self.crossing(from: edge.0, to: edge.1, at: $0) }
        }
        for share in shares.sorted() {
          band.append(
            (
              before.epoch + share * (corner.epoch - before.epoch),
              cut(before.low + share * (corner.low - before.low)),
              cut(before.high + share * (corner.high - before.high))
            ))
        }
      }
      band.append((corner.epoch, cut(corner.low), cut(corner.high)))
    }
    return band
  }

  /// Which share of the way from one value to another reaches a third, strictly between them.
  private static func crossing(from first: Double, to last: Double, at value: Double) -> Double? {
    guard (first < value && value < last) || (last < value && value < first) else { return nil }
    return (value - first) / (last - first)
  }
}
