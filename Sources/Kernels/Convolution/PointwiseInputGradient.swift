// SPDX-License-Identifier: Apache-2.0

import CKernels

/// The gradient of a 1×1 convolution's input: dy times the transposed kernel. Every stride-th pixel of
/// dx gets a product, the others nothing. At stride 1 both gradients read dy and x once.
struct PointwiseInputGradient: InputGradientMethod {
  private let forward: DirectMethod
  /// Where the packed transposed kernels begin; the last number is where they end. Kept, since a step
  /// takes no memory.
  private let starts: [Int]

  init?(_ forward: any ConvolutionMethod) {
    guard forward.geometry.taps == 1, let forward = forward as? DirectMethod else { return nil }
    self.forward = forward
    starts = forward.problem.parts.reduce(into: [0]) { starts, part in
      let (rows, columns) = (part.outputCount, part.inputCount)
      starts.append(starts[starts.count - 1] + PackedKernel.count(rows: rows, columns: columns))
    }
  }

  private var problem: ConvolutionProblem { forward.problem }
  private var tiles: WindowTiles { forward.tiles }
  var tileCount: Int { tiles.count }
  var makesBoth: Bool { problem.isPointwise }

  // MARK: The input's gradient

  /// The packed transposed kernels, room to transpose the largest, and each thread's tile of dx and dy.
  private struct Scratch {
    let packed, transposed: Int
    let result, copy: Int
    let workers: ScratchLayout.Pieces
    let count: Int
    /// Floats before the threads' own.
    let shared: Int

    init(_ method: PointwiseInputGradient, threads: Int) {
      let largest = method.problem.parts.reduce(0) { max($0, $1.products) }
      var own = ScratchLayout()
      result = own.reserve(method.tiles.copyFloats)
      copy = own.reserve(method.tiles.tilePixels * method.problem.outputChannels)
      var layout = ScratchLayout()
      packed = layout.reserve(method.starts[method.starts.count - 1])
      transposed = layout.reserve(largest)
      shared = layout.count
      workers = layout.reserve(own.count, for: threads)
      count = layout.count
    }
  }

  func scratchCount(threads: Int) -> Int { Scratch(self, threads: threads).count }

  func inputGradient(
    _ dy: TileSource, kernel: UnsafePointer<Float>, _ dx: TileTarget,
    scratch: UnsafeMutablePointer<Float>, pool: ThreadPool
  ) {
    let layout = Scratch(self, threads: pool.threads)
    pack(kernel, layout, scratch, pool)
    pool.forEachTile(tiles.count) { index, worker in
      let tile = tiles[index]
      let region = tiles.region(tile)
      let own = scratch + layout.workers[worker]
      let source = dy.pixels(
        tiles.firstPixel(tile), tiles.pixels(tile), copy: own + layout.copy)
      let result =
        dx.needsTile ? own + layout.result : dx.values + region.lowerBound * dx.channels
      let adds = dx.accumulate && !dx.needsTile
      if problem.geometry.stride > 1 && !adds {
        result.update(repeating: 0, count: region.count * dx.channels)
      }
      multiply(tile, source, packed: scratch + layout.packed, into: result, accumulate: adds)
      dx.finish(index, region.lowerBound, region.count, result: result)
    }
  }

  /// Transposes and packs the kernels of all segments.
  private func pack(
    _ kernel: UnsafePointer<Float>, _ layout: Scratch, _ scratch: UnsafeMutablePointer<Float>,
    _ pool: ThreadPool
  ) {
    let transposed = scratch + layout.transposed
    for (part, start) in zip(problem.parts, starts) {
      ck.flipKernel(
        kernel + part.kernelStart, 1, part.inputCount, part.outputCount, transposed)
      PackedKernel.pack(
        transposed, rows: part.outputCount, columns: part.inputCount,
        into: scratch + layout.packed + start, pool)
    }
  }

  private func multiply(
    _ tile: WindowTiles.Tile, _ dy: UnsafePointer<Float>, packed: UnsafePointer<Float>,
    into dx: UnsafeMutablePointer<Float>, accumulate: Bool
  ) {
    for (part, start) in zip(problem.parts, starts) {
      var shape = transposedTile(tile, part)
      let target = dx + part.inputStart
      var epilogue = ck_epilogue(bias: nil, addend: accumulate ? target : nil, isRectified: 0)
      ck.directRows(
        dy + part.outputStart, &shape, packed + start, nil, &epilogue, target)
    }
  }

  private func transposedTile(_ tile: WindowTiles.Tile, _ part: ConvolutionProblem.Part) -> ck_tile
  {
    var shape = tiles.tile(
      tile, inputs: part.inputCount, outputs: part.outputCount,
      channels: problem.outputChannels)
    swap(&shape.xImage, &shape.yImage)
    swap(&shape.xRow, &shape.yRow)
    swap(&shape.xStep, &shape.yStep)
    swap(&shape.inputs, &shape.outputs)
    return shape
  }

  // MARK: Both gradients

  func bothScratchCount(threads: Int) -> Int {
    Scratch(self, threads: 0).shared + forward.kernelGradientScratchCount(threads: threads)
  }

  func gradients(
    _ x: TileSource, _ dy: TileSource, kernel: UnsafePointer<Float>,
    dKernel: UnsafeMutablePointer<Float>, _ dx: TileTarget,
    scratch: UnsafeMutablePointer<Float>, pool: ThreadPool
  ) {
    let layout = Scratch(self, threads: 0)
    pack(kernel, layout, scratch, pool)
    let packed = UnsafePointer(scratch + layout.packed)
    forward.kernelGradient(
      x, dy, dKernel: dKernel, scratch: scratch + layout.shared, pool: pool
    ) { index, gradient, memory in
      let tile = tiles[index]
      let (pixel, count) = (tiles.firstPixel(tile), tiles.pixels(tile))
      // The copy of x is done with and makes room for dx.
      let result = dx.needsTile ? memory : dx.values + pixel * dx.channels
      multiply(
        tile, gradient, packed: packed, into: result, accumulate: dx.accumulate && !dx.needsTile)
      dx.finish(index, pixel, count, result: result)
    }
  }
}
