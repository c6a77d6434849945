// SPDX-License-Identifier: Apache-2.0

import CKernels

/// Convolution of segments narrower than a vector, whose widths lanes do not fit, at stride 1 over
/// padded channel planes: a band of an image is turned into one plane per channel, the stencil runs
/// over them, and the result is turned back. Vectors are full of pixels where channels would not fill
/// them, and the cost follows the multiply-adds for any width of segment.
struct PlanesMethod: ConvolutionMethod {
  let problem: ConvolutionProblem
  private let layout: PlaneLayout

  /// From this many channels a segment, on average over its wider side, a vector of them is full
  /// enough; both directions of a convolution then go the same way.
  private static let directWidth = 16

  init?(_ problem: ConvolutionProblem) {
    let segments = problem.segments
    let widths = segments.reduce(0) { $0 + max($1.input, $1.output) }
    guard problem.geometry.stride == 1, problem.geometry.taps > 1,
      widths < Self.directWidth * segments.count
    else { return nil }
    self.problem = problem
    layout = PlaneLayout(problem.geometry, outputChannels: problem.outputChannels)
  }

  var takesViews: Bool { false }
  var tileCount: Int { 0 }

  // MARK: Kernels

  /// The kernel as it is, and the bias behind it.
  var packedCount: Int { aligned(problem.kernelCount) + aligned(outputChannels) }

  func pack(
    _ kernel: UnsafePointer<Float>, scale: UnsafePointer<Float>?, bias: UnsafePointer<Float>?,
    into packed: UnsafeMutablePointer<Float>, pool: ThreadPool
  ) {
    packed.update(from: kernel, count: problem.kernelCount)
    if let scale {
      for part in problem.parts {
        let start = packed + part.kernelStart
        for row in 0..<geometry.taps * part.inputCount {
          for output in 0..<part.outputCount {
            start[row * part.outputCount + output] *= scale[part.outputStart + output]
          }
        }
      }
    }
    PackedKernel.put(bias, outputChannels, into: packed + aligned(problem.kernelCount))
  }

  // MARK: Outputs

  func forwardScratchCount(threads: Int) -> Int { threads * layout.floats }

  func forward(
    _ x: TileSource, packed: UnsafePointer<Float>, isRectified: Bool, _ y: TileTarget,
    scratch: UnsafeMutablePointer<Float>, pool: ThreadPool
  ) {
    precondition(x.isPlain && !y.needsTile, "planes see no views")
    pool.forEachTile(bandCount) { unit, worker in
      let band = Band(unit, layout, height: geometry.outputHeight)
      let input = scratch + worker * layout.floats
      let output = input + layout.inputFloats
      loadInput(x.values, band, into: input)
      multiply(input, band, packed: packed, isRectified: isRectified, into: output)
      store(output, band, y)
    }
  }

  private func multiply(
    _ input: UnsafePointer<Float>, _ band: Band, packed: UnsafePointer<Float>, isRectified: Bool,
    into output: UnsafeMutablePointer<Float>
  ) {
    let bias = packed + aligned(problem.kernelCount)
    for part in problem.parts {
      var planes = planes(part, length: band.rows * layout.rowStride)
      var epilogue = ck_epilogue(
        bias: bias + part.outputStart, addend: nil, isRectified: isRectified ? 1 : 0)
      ck.planesForward(
        input + part.inputStart * layout.inputStride, packed + part.kernelStart, &planes,
        &epilogue, output + part.outputStart * layout.outputStride)
    }
  }

  private func store(_ output: UnsafePointer<Float>, _ band: Band, _ y: TileTarget) {
    let width = geometry.outputWidth
    for row in 0..<band.rows {
      let at = (band.image * geometry.outputHeight + band.firstRow + row) * width
      ck.rowFromPlanes(
        output + row * layout.rowStride, layout.outputStride, width, outputChannels,
        y.values + at * outputChannels, y.accumulate ? 1 : 0)
    }
  }

  // MARK: The kernel's gradient

  func kernelGradientScratchCount(threads: Int) -> Int {
    problem.partialCount + min(threads, problem.chunks) * layout.floats
  }

  func kernelGradient(
    _ x: TileSource, _ dy: TileSource, dKernel: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutablePointer<Float>, pool: ThreadPool
  ) {
    precondition(x.isPlain && dy.isPlain, "planes see no views")
    let (chunks, total) = (problem.chunks, bandCount)
    let workers = scratch + problem.partialCount
    problem.sumChunks(into: dKernel, partial: scratch, pool: pool) { partial, stride in
      pool.forEachTile(chunks) { chunk, worker in
        let sums = partial + chunk * stride
        sums.update(repeating: 0, count: problem.kernelCount)
        let input = workers + worker * layout.floats
        for unit in chunk * total / chunks..<(chunk + 1) * total / chunks {
          let band = Band(unit, layout, height: geometry.outputHeight)
          loadInput(x.values, band, into: input)
          loadGradient(dy.values, band, into: input + layout.inputFloats)
          addProducts(input, band, to: sums)
        }
      }
    }
  }

  private func addProducts(
    _ input: UnsafePointer<Float>, _ band: Band, to sums: UnsafeMutablePointer<Float>
  ) {
    for part in problem.parts {
      var planes = planes(part, length: aligned(band.rows * layout.rowStride))
      ck.planesKernelGradient(
        input + part.inputStart * layout.inputStride,
        input + layout.inputFloats + part.outputStart * layout.outputStride, &planes,
        sums + part.kernelStart)
    }
  }

  // MARK: Between pixels and planes

  private var bandCount: Int { geometry.outputPixels == 0 ? 0 : geometry.batch * layout.bands }

  private func planes(_ part: ConvolutionProblem.Part, length: Int) -> ck_planes {
    ck_planes(
      xStride: layout.inputStride, inputs: part.inputCount, yStride: layout.outputStride,
      outputs: part.outputCount, kernelHeight: geometry.kernelHeight,
      kernelWidth: geometry.kernelWidth, rowStride: layout.rowStride, length: length)
  }

  /// The input rows that a band sees, in planes with zeros around the image.
  private func loadInput(
    _ x: UnsafePointer<Float>, _ band: Band, into planes: UnsafeMutablePointer<Float>
  ) {
    planes.update(repeating: 0, count: layout.inputFloats)
    let top = band.firstRow - geometry.padTop
    let rowFloats = geometry.inputWidth * geometry.inputChannels
    for row in max(0, -top)..<max(0, -top, inputRows(band)) {
      let at = (band.image * geometry.inputHeight + top + row) * rowFloats
      ck.rowToPlanes(
        x + at, geometry.inputWidth, geometry.inputChannels, geometry.inputCount - at,
        planes + row * layout.rowStride + geometry.padLeft, layout.inputStride)
    }
  }

  /// One past the last row of a band's planes that lies in the image.
  private func inputRows(_ band: Band) -> Int {
    min(
      band.rows + geometry.kernelHeight - 1,
      geometry.inputHeight - band.firstRow + geometry.padTop)
  }

  /// A band of the output's gradient, in planes with zeros where rows of the input are longer.
  private func loadGradient(
    _ dy: UnsafePointer<Float>, _ band: Band, into planes: UnsafeMutablePointer<Float>
  ) {
    planes.update(repeating: 0, count: layout.floats - layout.inputFloats)
    let rowFloats = geometry.outputWidth * outputChannels
    for row in 0..<band.rows {
      let at = (band.image * geometry.outputHeight + band.firstRow + row) * rowFloats
      ck.rowToPlanes(
        dy + at, geometry.outputWidth, outputChannels, problem.pixels * outputChannels - at,
        planes + row * layout.rowStride, layout.outputStride)
    }
  }
}

/// How bands of images lie in scratch.
private struct PlaneLayout: Sendable {
  /// Output rows of a band, and bands of an image.
  let bandRows, bands: Int
  /// Floats of one padded row, of one input plane, of one output plane.
  let rowStride, inputStride, outputStride: Int
  /// Floats of one thread's planes, all channels.
  let inputFloats, floats: Int

  init(_ geometry: WindowGeometry, outputChannels: Int) {
    rowStride = geometry.outputWidth + geometry.kernelWidth - 1
    let channels = geometry.inputChannels + outputChannels
    let height = max(geometry.outputHeight, 1)
    // Both sets of planes should stay in the second-level cache.
    let fitting = max(1, min(height, Blocking.fixed.sixteenths(6) / (rowStride * channels)))
    bands = (height + fitting - 1) / fitting
    bandRows = (height + bands - 1) / bands
    let inputRows = bandRows + geometry.kernelHeight - 1
    inputStride = Self.spread(inputRows * rowStride + geometry.kernelWidth + 32)
    outputStride = Self.spread(bandRows * rowStride + 16)
    inputFloats = inputStride * geometry.inputChannels
    floats = inputFloats + outputStride * outputChannels
  }

  /// Planes whose distance is a multiple of a page would fight for the same lines of the cache.
  private static func spread(_ count: Int) -> Int {
    let length = aligned(count)
    return length % 512 == 0 ? length + 16 : length
  }
}

/// A band: its image, its first output row and how many.
private struct Band {
  let image, firstRow, rows: Int

  init(_ unit: Int, _ layout: PlaneLayout, height: Int) {
    image = unit / layout.bands
    firstRow = unit % layout.bands * layout.bandRows
    rows = max(0, min(layout.bandRows, height - firstRow))
  }
}
