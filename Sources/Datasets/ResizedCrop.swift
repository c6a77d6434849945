// SPDX-License-Identifier: Apache-2.0

import Foundation
import Pictures
import RandomStreams

/// A random part of a picture, later brought to the input's size: what Inception was trained with.
///
/// Source: C. Szegedy et al., "Going Deeper with Convolutions", 2015, section 6: 8 % to 100 % of the
/// area, sides in a proportion of 3:4 to 4:3. The logarithm of the proportion is drawn evenly.
public struct ResizedCrop: Hashable, Sendable {
  /// Shares of the picture's area.
  public var area: ClosedRange<Double>
  /// Width divided by height.
  public var aspect: ClosedRange<Double>

  public init(
    area: ClosedRange<Double> = 0.08...1, aspect: ClosedRange<Double> = 3.0 / 4...4.0 / 3
  ) {
    self.area = area
    self.aspect = aspect
  }

  /// A part of a picture of that size. Ten draws at most; then the middle of the picture, cut to a
  /// proportion in the range.
  func region(height: Int, width: Int, _ stream: inout RandomStream) -> PictureRegion {
    for _ in 0..<10 {
      let share = between(area.lowerBound, area.upperBound, &stream)
      let aspect = exp(between(log(self.aspect.lowerBound), log(self.aspect.upperBound), &stream))
      let pixels = Double(height * width) * share
      let wide = Int((pixels * aspect).squareRoot().rounded())
      let high = Int((pixels / aspect).squareRoot().rounded())
      let down = Double(stream.uniform())
      let right = Double(stream.uniform())
      guard (1...width).contains(wide), (1...height).contains(high) else { continue }
      return PictureRegion(
        top: Int(down * Double(height - high + 1)), left: Int(right * Double(width - wide + 1)),
        height: high, width: wide)
    }
    let own = Double(width) / Double(height)
    let kept = min(max(own, aspect.lowerBound), aspect.upperBound)
    let wide = max(1, min(width, Int((Double(height) * kept).rounded())))
    let high = max(1, min(height, Int((Double(width) / kept).rounded())))
    return PictureRegion(
      top: (height - high) / 2, left: (width - wide) / 2, height: high, width: wide)
  }

  private func between(_ low: Double, _ high: Double, _ stream: inout RandomStream) -> Double {
    low + (high - low) * Double(stream.uniform())
  }
}
