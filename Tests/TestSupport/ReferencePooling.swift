// SPDX-License-Identifier: Apache-2.0

import Kernels

extension Reference {
  /// The largest value of each window and its offset in it; of equal values the first wins.
  public static func maxPooling<T: BinaryFloatingPoint>(
    _ x: [T], geometry: WindowGeometry
  ) -> (y: [T], winners: [T]) {
    var y: [T] = []
    var winners: [T] = []
    geometry.forEachOutput { n, h, w in
      for c in 0..<geometry.inputChannels {
        var best: T?
        var winner = 0
        geometry.forEachTap { kh, kw in
          guard let at = geometry.seen(h, w, kh, kw) else { return }
          let value = x[geometry.input(n, at.row, at.column, c)]
          // A NaN wins and stays.
          if let known = best, !(value > known || value.isNaN) || known.isNaN { return }
          best = value
          winner = kh * geometry.kernelWidth + kw
        }
        y.append(best ?? .nan)
        winners.append(T(winner))
      }
    }
    return (y, winners)
  }

  /// dy sent to each window's winner.
  public static func maxPoolingGradient<T: BinaryFloatingPoint>(
    dy: [T], winners: [T], geometry: WindowGeometry
  ) -> [T] {
    let channels = geometry.inputChannels
    var dx = [T](
      repeating: 0,
      count: geometry.batch * geometry.inputHeight * geometry.inputWidth * channels)
    geometry.forEachOutput { n, h, w in
      for c in 0..<channels {
        let index = geometry.output(n, h, w, c, of: channels)
        let winner = Int(winners[index])
        guard
          let at = geometry.seen(
            h, w, winner / geometry.kernelWidth, winner % geometry.kernelWidth)
        else { continue }
        dx[geometry.input(n, at.row, at.column, c)] += dy[index]
      }
    }
    return dx
  }

  /// The mean over each window's positions inside the image.
  public static func averagePooling<T: BinaryFloatingPoint>(
    _ x: [T], geometry: WindowGeometry
  ) -> [T] {
    var y: [T] = []
    geometry.forEachOutput { n, h, w in
      for c in 0..<geometry.inputChannels {
        var sum: T = 0
        var count = 0
        geometry.forEachTap { kh, kw in
          guard let at = geometry.seen(h, w, kh, kw) else { return }
          sum += x[geometry.input(n, at.row, at.column, c)]
          count += 1
        }
        y.append(sum / T(count))
      }
    }
    return y
  }

  /// dy spread evenly over each window's positions inside the image.
  public static func averagePoolingGradient<T: BinaryFloatingPoint>(
    dy: [T], geometry: WindowGeometry
  ) -> [T] {
    let channels = geometry.inputChannels
    var dx = [T](
      repeating: 0,
      count: geometry.batch * geometry.inputHeight * geometry.inputWidth * channels)
    geometry.forEachOutput { n, h, w in
      var inside: [(row: Int, column: Int)] = []
      geometry.forEachTap { kh, kw in
        if let at = geometry.seen(h, w, kh, kw) { inside.append(at) }
      }
      for c in 0..<channels {
        let share = dy[geometry.output(n, h, w, c, of: channels)] / T(inside.count)
        for at in inside { dx[geometry.input(n, at.row, at.column, c)] += share }
      }
    }
    return dx
  }

  /// [batch, pixels, channels] → the mean over pixels [batch, channels].
  public static func globalAverage<T: BinaryFloatingPoint>(
    _ x: [T], batch: Int, pixels: Int, channels: Int
  ) -> [T] {
    var y = [T](repeating: 0, count: batch * channels)
    for n in 0..<batch {
      for p in 0..<pixels {
        for c in 0..<channels { y[n * channels + c] += x[(n * pixels + p) * channels + c] }
      }
    }
    return y.map { $0 / T(pixels) }
  }

  /// dy / pixels at every pixel.
  public static func globalAverageGradient<T: BinaryFloatingPoint>(
    dy: [T], batch: Int, pixels: Int, channels: Int
  ) -> [T] {
    (0..<batch * pixels * channels).map { index in
      dy[index / (pixels * channels) * channels + index % channels] / T(pixels)
    }
  }
}
