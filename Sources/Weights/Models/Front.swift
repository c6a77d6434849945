// SPDX-License-Identifier: Apache-2.0

/// What a model does to every number of an image before its first layer with weights:
/// y = scale · x + offset, one of each or one a channel.
public struct Front: Equatable, Sendable {
  public private(set) var scale: [Double] = [1]
  public private(set) var offset: [Double] = [0]

  /// Whether it leaves images as they are.
  public var isIdentity: Bool { scale.allSatisfy { $0 == 1 } && offset.allSatisfy { $0 == 0 } }

  /// Applies another such op behind what is there.
  ///
  /// - Throws: where the two have other numbers of channels.
  mutating func append(scale other: [Double], offset shift: [Double]) throws(KerasRefusal) {
    let count = [scale, offset, other, shift].map(\.count).max() ?? 1
    guard [scale, offset, other, shift].allSatisfy({ $0.count == count || $0.count == 1 }) else {
      throw KerasRefusal(rule: "has numbers for another count of channels")
    }
    func number(_ list: [Double], _ channel: Int) -> Double { list[list.count == 1 ? 0 : channel] }
    (scale, offset) = (
      (0..<count).map { number(scale, $0) * number(other, $0) },
      (0..<count).map { number(offset, $0) * number(other, $0) + number(shift, $0) }
    )
  }

  /// The same as (x / unit − mean) / deviation, one of each a channel.
  public func standardization(
    unit: Double, channels: Int
  ) -> (mean: [Double], deviation: [Double]) {
    let numbers = (0..<channels).map { channel in
      (
        scale: scale[scale.count == 1 ? 0 : channel] * unit,
        offset: offset[offset.count == 1 ? 0 : channel]
      )
    }
    return (numbers.map { -$0.offset / $0.scale }, numbers.map { 1 / $0.scale })
  }

  /// (x − mean) / max(√variance, 10⁻⁷), as Keras' Normalization does it.
  static func normalization(mean: [Double], variance: [Double]) -> KerasOp {
    let scale = variance.map { 1 / max($0.squareRoot(), 1e-7) }
    let count = max(mean.count, scale.count)
    let offset = (0..<count).map { channel in
      -mean[mean.count == 1 ? 0 : channel] * scale[scale.count == 1 ? 0 : channel]
    }
    return .rescaling(scale: scale, offset: offset)
  }
}
