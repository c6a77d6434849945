// SPDX-License-Identifier: Apache-2.0

import Kernels

extension WindowGeometry {
  /// Input row and column that window offset (kh, kw) of output (h, w) sees; nil in the padding.
  func seen(_ h: Int, _ w: Int, _ kh: Int, _ kw: Int) -> (row: Int, column: Int)? {
    let row = h * stride - padTop + kh
    let column = w * stride - padLeft + kw
    guard row >= 0, row < inputHeight, column >= 0, column < inputWidth else { return nil }
    return (row, column)
  }

  /// Calls `body` for every output pixel of every image.
  func forEachOutput(_ body: (_ n: Int, _ h: Int, _ w: Int) -> Void) {
    for n in 0..<batch {
      for h in 0..<outputHeight {
        for w in 0..<outputWidth { body(n, h, w) }
      }
    }
  }

  /// Calls `body` for every window offset, row by row.
  func forEachTap(_ body: (_ kh: Int, _ kw: Int) -> Void) {
    for kh in 0..<kernelHeight {
      for kw in 0..<kernelWidth { body(kh, kw) }
    }
  }

  /// Index of an input value.
  func input(_ n: Int, _ row: Int, _ column: Int, _ channel: Int) -> Int {
    ((n * inputHeight + row) * inputWidth + column) * inputChannels + channel
  }

  /// Index of an output value.
  func output(_ n: Int, _ h: Int, _ w: Int, _ channel: Int, of channels: Int) -> Int {
    ((n * outputHeight + h) * outputWidth + w) * channels + channel
  }
}

extension Reference {
  /// Convolution over channel segments; the kernel is the concatenation over segments of
  /// [kH, kW, input, output]. Each output sums over kh, kw, input channel, in order.
  @specialized(where T == Float)
  @specialized(where T == Double)
  public static func convolution<T: BinaryFloatingPoint>(
    _ x: [T], kernel: [T], bias: [T]?, geometry: WindowGeometry, outputChannels: Int,
    segments: [ChannelSegment]
  ) -> [T] {
    var y = [T](
      repeating: 0,
      count: geometry.batch * geometry.outputHeight * geometry.outputWidth * outputChannels)
    forEachProduct(geometry, outputChannels, segments) { input, weight, output in
      y[output] += x[input] * kernel[weight]
    }
    if let bias {
      for index in y.indices { y[index] += bias[index % outputChannels] }
    }
    return y
  }

  /// Gradients of `convolution` for the output's gradient dy.
  @specialized(where T == Float)
  @specialized(where T == Double)
  public static func convolutionGradients<T: BinaryFloatingPoint>(
    x: [T], kernel: [T], dy: [T], geometry: WindowGeometry, outputChannels: Int,
    segments: [ChannelSegment]
  ) -> (dx: [T], dKernel: [T]) {
    var dx = [T](repeating: 0, count: x.count)
    var dKernel = [T](repeating: 0, count: kernel.count)
    forEachProduct(geometry, outputChannels, segments) { input, weight, output in
      dx[input] += dy[output] * kernel[weight]
      dKernel[weight] += dy[output] * x[input]
    }
    return (dx, dKernel)
  }

  /// The gradient of the bias: dy summed over all pixels.
  @specialized(where T == Float)
  @specialized(where T == Double)
  public static func biasGradient<T: BinaryFloatingPoint>(dy: [T], outputChannels: Int) -> [T] {
    var sums = [T](repeating: 0, count: outputChannels)
    for index in dy.indices { sums[index % outputChannels] += dy[index] }
    return sums
  }

  /// Depthwise convolution: kernel [kH, kW, C, multiplier], output channel c · multiplier + m.
  @specialized(where T == Float)
  @specialized(where T == Double)
  public static func depthwise<T: BinaryFloatingPoint>(
    _ x: [T], kernel: [T], geometry: WindowGeometry, multiplier: Int
  ) -> [T] {
    let channels = geometry.inputChannels * multiplier
    var y = [T](
      repeating: 0,
      count: geometry.batch * geometry.outputHeight * geometry.outputWidth * channels)
    forEachDepthwiseProduct(geometry, multiplier) { input, weight, output in
      y[output] += x[input] * kernel[weight]
    }
    return y
  }

  /// Gradients of `depthwise` for the output's gradient dy.
  @specialized(where T == Float)
  @specialized(where T == Double)
  public static func depthwiseGradients<T: BinaryFloatingPoint>(
    x: [T], kernel: [T], dy: [T], geometry: WindowGeometry, multiplier: Int
  ) -> (dx: [T], dKernel: [T]) {
    var dx = [T](repeating: 0, count: x.count)
    var dKernel = [T](repeating: 0, count: kernel.count)
    forEachDepthwiseProduct(geometry, multiplier) { input, weight, output in
      dx[input] += dy[output] * kernel[weight]
      dKernel[weight] += dy[output] * x[input]
    }
    return (dx, dKernel)
  }

  /// c = a · b for a [rows, inner] and b [inner, columns]; a dense layer without bias.
  @specialized(where T == Float)
  @specialized(where T == Double)
  public static func dense<T: BinaryFloatingPoint>(
    _ a: [T], _ b: [T], rows: Int, inner: Int, columns: Int
  ) -> [T] {
    var c = [T](repeating: 0, count: rows * columns)
    for row in 0..<rows {
      for column in 0..<columns {
        for k in 0..<inner {
          c[row * columns + column] += a[row * inner + k] * b[k * columns + column]
        }
      }
    }
    return c
  }

  /// Gradients of `dense` for the result's gradient dc.
  @specialized(where T == Float)
  @specialized(where T == Double)
  public static func denseGradients<T: BinaryFloatingPoint>(
    _ a: [T], _ b: [T], dc: [T], rows: Int, inner: Int, columns: Int
  ) -> (da: [T], db: [T]) {
    var da = [T](repeating: 0, count: a.count)
    var db = [T](repeating: 0, count: b.count)
    for row in 0..<rows {
      for column in 0..<columns {
        for k in 0..<inner {
          da[row * inner + k] += dc[row * columns + column] * b[k * columns + column]
          db[k * columns + column] += dc[row * columns + column] * a[row * inner + k]
        }
      }
    }
    return (da, db)
  }

  /// Every product of a segmented convolution: indices into input, kernel and output.
  private static func forEachProduct(
    _ geometry: WindowGeometry, _ outputChannels: Int, _ segments: [ChannelSegment],
    _ body: (_ input: Int, _ weight: Int, _ output: Int) -> Void
  ) {
    let taps = geometry.kernelHeight * geometry.kernelWidth
    geometry.forEachOutput { n, h, w in
      var (inputStart, outputStart, kernelStart) = (0, 0, 0)
      for segment in segments {
        geometry.forEachTap { kh, kw in
          guard let at = geometry.seen(h, w, kh, kw) else { return }
          for i in 0..<segment.input {
            let row = (kh * geometry.kernelWidth + kw) * segment.input + i
            for o in 0..<segment.output {
              body(
                geometry.input(n, at.row, at.column, inputStart + i),
                kernelStart + row * segment.output + o,
                geometry.output(n, h, w, outputStart + o, of: outputChannels))
            }
          }
        }
        inputStart += segment.input
        outputStart += segment.output
        kernelStart += taps * segment.input * segment.output
      }
    }
  }

  private static func forEachDepthwiseProduct(
    _ geometry: WindowGeometry, _ multiplier: Int,
    _ body: (_ input: Int, _ weight: Int, _ output: Int) -> Void
  ) {
    let channels = geometry.inputChannels
    geometry.forEachOutput { n, h, w in
      geometry.forEachTap { kh, kw in
        guard let at = geometry.seen(h, w, kh, kw) else { return }
        for c in 0..<channels {
          for m in 0..<multiplier {
            body(
              geometry.input(n, at.row, at.column, c),
              ((kh * geometry.kernelWidth + kw) * channels + c) * multiplier + m,
              geometry.output(n, h, w, c * multiplier + m, of: channels * multiplier))
          }
        }
      }
    }
  }
}
