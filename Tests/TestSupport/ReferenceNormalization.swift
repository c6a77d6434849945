// SPDX-License-Identifier: Apache-2.0

extension Reference {
  /// Mean and biased variance of every channel of x [rows, channels].
  public static func moments<T: BinaryFloatingPoint>(
    _ x: [T], channels: Int
  ) -> (mean: [T], variance: [T]) {
    let rows = x.count / channels
    var mean = [T](repeating: 0, count: channels)
    var variance = [T](repeating: 0, count: channels)
    for index in x.indices { mean[index % channels] += x[index] / T(rows) }
    for index in x.indices {
      let distance = x[index] - mean[index % channels]
      variance[index % channels] += distance * distance / T(rows)
    }
    return (mean, variance)
  }

  /// gamma · (x − mean) / √(variance + epsilon) + beta, statistics of the batch itself.
  public static func batchNormalization<T: BinaryFloatingPoint>(
    _ x: [T], gamma: [T], beta: [T], epsilon: T
  ) -> [T] {
    let channels = gamma.count
    let (mean, variance) = moments(x, channels: channels)
    return x.indices.map { index in
      let c = index % channels
      return gamma[c] * (x[index] - mean[c]) / (variance[c] + epsilon).squareRoot() + beta[c]
    }
  }

  /// Gradients of `batchNormalization` for the output's gradient dy; dBeta is Σ dy and dGamma is
  /// Σ dy · x̂.
  public static func batchNormalizationGradients<T: BinaryFloatingPoint>(
    x: [T], gamma: [T], dy: [T], epsilon: T
  ) -> (dx: [T], dGamma: [T], dBeta: [T]) {
    let channels = gamma.count
    let rows = T(x.count / channels)
    let (mean, variance) = moments(x, channels: channels)
    let inverse = variance.map { 1 / ($0 + epsilon).squareRoot() }
    let normalized = x.indices.map { (x[$0] - mean[$0 % channels]) * inverse[$0 % channels] }
    var dGamma = [T](repeating: 0, count: channels)
    var dBeta = [T](repeating: 0, count: channels)
    for index in x.indices {
      dGamma[index % channels] += dy[index] * normalized[index]
      dBeta[index % channels] += dy[index]
    }
    let dx = x.indices.map { index in
      let c = index % channels
      let centered = dy[index] - dBeta[c] / rows - normalized[index] * dGamma[c] / rows
      return gamma[c] * inverse[c] * centered
    }
    return (dx, dGamma, dBeta)
  }

  /// x · scale + shift, by channel: batch normalisation at inference.
  public static func scaleAndShift<T: BinaryFloatingPoint>(
    _ x: [T], scale: [T], shift: [T]
  ) -> [T] {
    x.indices.map { x[$0] * scale[$0 % scale.count] + shift[$0 % shift.count] }
  }

  /// max(x, 0); NaN stays NaN.
  public static func relu<T: BinaryFloatingPoint>(_ x: [T]) -> [T] { x.map { $0 < 0 ? 0 : $0 } }
}
