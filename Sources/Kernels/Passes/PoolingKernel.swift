// SPDX-License-Identifier: Apache-2.0

import CKernels

/// Max and average pooling; positions in the padding take no part in either.
///
/// Shapes: x [batch, H, W, C]; y [batch, outH, outW, C]. Buffers must not overlap.
public struct PoolingKernel: Sendable {
  /// Where the window lies.
  public let geometry: WindowGeometry

  /// A pooling.
  public init(geometry: WindowGeometry) { self.geometry = geometry }

  /// y = the largest value of each window; `winners`, as long as y, if there are to be any, = its
  /// offset in the window, row by row, as a small number. Of equal values the first wins; a NaN wins over all. In a
  /// rectified view nothing wins where nothing is positive, so that the gradient is masked.
  public func maxForward(
    x view: InputView, y: FloatBuffer, winners: FloatBuffer?, pool: ThreadPool
  ) {
    let x = view.values
    check(x: x, y: y)
    precondition([nil, .relu].contains(view.activation), "only a ReLU keeps the order of numbers")
    let winners = winners?.pointer(outputCount, "winners")
    forEachBand(pool) { image, first, rows in
      let output = image * outputImage
      var window = geometry.window(channels: geometry.inputChannels)
      var seen = view.seen(from: image * geometry.inputImage)
      ck.maxPool(
        &seen, &window, first, rows, y.base + output, winners.map { $0 + output })
    }
  }

  /// dx = (or +=) dy, sent to each window's winner.
  public func maxGradient(
    dy: FloatBuffer, winners: FloatBuffer, dx: FloatBuffer, accumulate: Bool, pool: ThreadPool
  ) {
    check(x: dx, y: dy)
    _ = winners.pointer(outputCount, "winners")
    pool.forEachTile(geometry.batch) { image, _ in
      let target = cleared(dx, image: image, accumulate: accumulate)
      let output = image * outputImage
      var window = geometry.window(channels: geometry.inputChannels)
      ck.maxPoolGradient(dy.base + output, winners.base + output, &window, target)
    }
  }

  /// y = the mean of each window's positions inside the image, as Keras does.
  public func averageForward(x: FloatBuffer, y: FloatBuffer, pool: ThreadPool) {
    check(x: x, y: y)
    forEachBand(pool) { image, first, rows in
      var window = geometry.window(channels: geometry.inputChannels)
      ck.averagePool(
        x.base + image * geometry.inputImage, &window, first, rows, y.base + image * outputImage)
    }
  }

  /// dx = (or +=) dy, spread evenly over each window's positions inside the image.
  public func averageGradient(
    dy: FloatBuffer, dx: FloatBuffer, accumulate: Bool, pool: ThreadPool
  ) {
    check(x: dx, y: dy)
    pool.forEachTile(geometry.batch) { image, _ in
      let target = cleared(dx, image: image, accumulate: accumulate)
      var window = geometry.window(channels: geometry.inputChannels)
      ck.averagePoolGradient(dy.base + image * outputImage, &window, target)
    }
  }

  private var outputImage: Int { geometry.outputPixels * geometry.inputChannels }
  private var outputCount: Int { geometry.batch * outputImage }

  private func cleared(
    _ dx: FloatBuffer, image: Int, accumulate: Bool
  ) -> UnsafeMutablePointer<Float> {
    let target = dx.base + image * geometry.inputImage
    if !accumulate { target.update(repeating: 0, count: geometry.inputImage) }
    return target
  }

  private func forEachBand(
    _ pool: ThreadPool, _ body: (_ image: Int, _ first: Int, _ rows: Int) -> Void
  ) {
    let rows = geometry.outputHeight
    let width = geometry.inputWidth * geometry.inputChannels * geometry.stride
    let length = max(1, min(rows, Blocking.current.sixteenths(2) / width))
    let bands = (rows + length - 1) / length
    pool.forEachTile(geometry.batch * bands) { tile, _ in
      let first = tile % bands * length
      body(tile / bands, first, min(length, rows - first))
    }
  }

  private func check(x: FloatBuffer, y: FloatBuffer) {
    _ = x.pointer(geometry.inputCount, "the input")
    _ = y.pointer(outputCount, "the output")
  }
}

/// The mean over all pixels of an image: [batch, pixels, channels] → [batch, channels].
public enum GlobalAveragePooling {
  /// y = the mean over the pixels of what the view shows.
  public static func forward(
    x: InputView, y: FloatBuffer, batch: Int, pixels: Int, channels: Int, pool: ThreadPool
  ) {
    _ = x.values.pointer(batch * pixels * channels, "the input")
    _ = y.pointer(batch * channels, "the output")
    pool.forEachTile(batch) { image, _ in
      let result = y.base + image * channels
      var seen = x.seen(from: image * pixels * channels)
      ck.viewSums(&seen, pixels, channels, result)
      for channel in 0..<channels { result[channel] /= Float(pixels) }
    }
  }

  /// dx = (or +=) dy / pixels at every pixel that is not masked.
  public static func gradient(
    dy: FloatBuffer, dx: GradientTarget, batch: Int, pixels: Int, channels: Int, pool: ThreadPool
  ) {
    precondition(dx.sums == nil, "the mean gathers no sums")
    _ = dx.values.pointer(batch * pixels * channels, "the input")
    _ = dy.pointer(batch * channels, "the output")
    pool.forEachTile(batch) { image, _ in
      let start = image * pixels * channels
      var mask = dx.mask?.seen(from: start) ?? ck_view()
      ck.spreadRow(
        dy.base + image * channels, 1 / Float(pixels), &mask, dx.values.base + start, pixels,
        channels, dx.accumulate ? 1 : 0)
    }
  }
}
