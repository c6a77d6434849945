// SPDX-License-Identifier: Apache-2.0

import CKernels

/// The gradient of the input of larger windows at strides above 1: the product of dy and the kernel
/// gives rows of windows, image by image in scratch that stays in the cache, and they are added back
/// where they came from.
struct ColumnInputGradient: InputGradientMethod {
  private let problem: ConvolutionProblem

  init?(_ forward: any ConvolutionMethod) { problem = forward.problem }

  private var geometry: WindowGeometry { problem.geometry }
  var tileCount: Int { geometry.batch }

  /// One thread's rows of windows and an image of either side, where gradients are seen through views.
  private struct Scratch {
    /// Output pixels laid out at a time: enough rows for an efficient product, few enough floats for
    /// the cache. OpenBLAS' sums hang on the number of rows.
    let rows: Int
    let columns, dx, dy, count: Int

    init(_ problem: ConvolutionProblem) {
      let geometry = problem.geometry
      let width = geometry.taps * problem.parts.reduce(0) { max($0, $1.inputCount) }
      rows = max(96, min(512, Blocking.fixed.sixteenths(10) / width))
      var layout = ScratchLayout()
      columns = layout.reserve(min(rows, max(problem.pixels, 1)) * width)
      dx = layout.reserve(geometry.inputImage)
      dy = layout.reserve(geometry.outputPixels * problem.outputChannels)
      count = layout.count
    }
  }

  func scratchCount(threads: Int) -> Int { threads * Scratch(problem).count }

  func inputGradient(
    _ dy: TileSource, kernel: UnsafePointer<Float>, _ dx: TileTarget,
    scratch: UnsafeMutablePointer<Float>, pool: ThreadPool
  ) {
    let layout = Scratch(problem)
    let pixels = geometry.inputHeight * geometry.inputWidth
    pool.forEachTile(geometry.batch) { image, worker in
      let own = scratch + worker * layout.count
      let gradient = dy.pixels(
        image * geometry.outputPixels, geometry.outputPixels, copy: own + layout.dy)
      let result = dx.needsTile ? own + layout.dx : dx.values + image * geometry.inputImage
      if dx.needsTile || !dx.accumulate {
        result.update(repeating: 0, count: geometry.inputImage)
      }
      for start in stride(from: 0, to: geometry.outputPixels, by: layout.rows) {
        for part in problem.parts {
          addWindows(
            part, gradient, kernel, start: start,
            count: min(layout.rows, geometry.outputPixels - start), to: result,
            columns: own + layout.columns)
        }
      }
      dx.finish(image, image * pixels, pixels, result: result)
    }
  }

  private func addWindows(
    _ part: ConvolutionProblem.Part, _ dy: UnsafePointer<Float>, _ kernel: UnsafePointer<Float>,
    start: Int, count: Int, to dx: UnsafeMutablePointer<Float>,
    columns: UnsafeMutablePointer<Float>
  ) {
    let width = geometry.taps * part.inputCount
    let channels = problem.outputChannels
    MatrixKernel.product(
      .init(dy + start * channels + part.outputStart, channels),
      .init(kernel + part.kernelStart, part.outputCount, true), into: columns, stride: width,
      size: (count, part.outputCount, width), accumulate: false)
    var window = geometry.window(channels: geometry.inputChannels)
    ck.addColumns(columns, &window, part.inputStart, part.inputCount, start, count, dx)
  }
}
