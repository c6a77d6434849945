// SPDX-License-Identifier: Apache-2.0

import CKernels

/// Convolution of equal segments 1, 2, 4 or 8 channels wide: vectors run over channels and a shuffle
/// brings each lane the inputs of its segment, so that pixels are read where the direct method reads
/// them and no multiply-add is wasted.
struct LanesMethod: ConvolutionMethod {
  let problem: ConvolutionProblem
  let width: Int
  let tiles: WindowTiles

  init?(_ problem: ConvolutionProblem) {
    guard problem.geometry.taps > 1, problem.outputChannels >= 16, let width = problem.equalWidth,
      [1, 2, 4, 8].contains(width),
      // The input's gradient of a depthwise convolution at strides above 1 has loops of its own.
      !problem.isByTap || problem.geometry.stride == 1
    else { return nil }
    self.problem = problem
    self.width = width
    tiles = WindowTiles(
      problem.geometry, cachedFloats: Blocking.fixed.sixteenths(6), mostPixels: 2040)
  }

  var tileCount: Int { tiles.count }
  private var tileFloats: Int { aligned(tiles.tilePixels * outputChannels) }

  // MARK: Kernels

  /// How the kernel lies in memory.
  private var lanes: ck_lanes {
    let taps = geometry.taps
    return ck_lanes(
      rows: taps * width, width: width, channels: outputChannels,
      segmentStride: problem.isByTap ? 1 : taps * width * width,
      rowStride: problem.isByTap ? outputChannels : width)
  }

  /// Floats of a kernel's gradient in lanes.
  private var laneCount: Int { geometry.taps * width * aligned(outputChannels) }

  var packedCount: Int { laneCount + aligned(outputChannels) }

  func pack(
    _ kernel: UnsafePointer<Float>, scale: UnsafePointer<Float>?, bias: UnsafePointer<Float>?,
    into packed: UnsafeMutablePointer<Float>, pool: ThreadPool
  ) {
    var lanes = lanes
    ck_pack_lanes(kernel, &lanes, scale, bias, packed)
  }

  // MARK: Outputs

  /// One thread's windows and a tile of outputs.
  private struct ForwardScratch {
    let copy, result, count: Int

    init(_ method: LanesMethod) {
      var layout = ScratchLayout()
      copy = layout.reserve(method.tiles.copyFloats)
      result = layout.reserve(method.tileFloats)
      count = layout.count
    }
  }

  func forwardScratchCount(threads: Int) -> Int { threads * ForwardScratch(self).count }

  func forward(
    _ x: TileSource, packed: UnsafePointer<Float>, isRectified: Bool, _ y: TileTarget,
    scratch: UnsafeMutablePointer<Float>, pool: ThreadPool
  ) {
    let layout = ForwardScratch(self)
    pool.forEachTile(tiles.count) { index, worker in
      let own = scratch + worker * layout.count
      let windows = tiles.windows(x, tiles[index], copy: own + layout.copy)
      multiply(
        windows, index, packed: packed, isRectified: isRectified, y, room: own + layout.result)
    }
  }

  /// A tile's outputs, made in place or, where they are to be merged, in `room`.
  private func multiply(
    _ windows: UnsafePointer<Float>, _ index: Int, packed: UnsafePointer<Float>, isRectified: Bool,
    _ y: TileTarget, room: UnsafeMutablePointer<Float>
  ) {
    let (pixel, count) = (tiles.firstPixel(tiles[index]), tiles.pixels(tiles[index]))
    var shape = shape(index)
    var epilogue = ck_epilogue(bias: nil, addend: nil, isRectified: isRectified ? 1 : 0)
    let result = y.needsTile || y.accumulate ? room : y.values + pixel * outputChannels
    ck.lanesRows(windows, &shape, width, packed, &epilogue, result)
    y.finish(index, pixel, count, result: result)
  }

  private func shape(_ index: Int) -> ck_tile {
    tiles.tile(
      tiles[index], inputs: outputChannels, outputs: outputChannels, channels: outputChannels)
  }

  // MARK: Gradients

  /// The chunks' sums and their total, in lanes, the packed kernel, and each thread's windows, pixels
  /// and, where outputs are made too, a tile of them.
  private struct GradientScratch {
    let sums: ScratchLayout.Pieces
    let total, packed: Int
    let copy, pixels, result: Int
    let workers: ScratchLayout.Pieces
    let count: Int

    init(_ method: LanesMethod, threads: Int, both: Bool) {
      let chunks = method.problem.chunks
      var own = ScratchLayout()
      copy = own.reserve(method.tiles.copyFloats)
      pixels = own.reserve(method.tileFloats)
      result = own.reserve(both ? method.tileFloats : 0)
      var layout = ScratchLayout()
      sums = layout.reserve(method.laneCount, for: chunks)
      total = layout.reserve(method.laneCount)
      packed = layout.reserve(both ? method.packedCount : 0)
      workers = layout.reserve(own.count, for: min(threads, chunks))
      count = layout.count
    }
  }

  func kernelGradientScratchCount(threads: Int) -> Int {
    GradientScratch(self, threads: threads, both: false).count
  }

  func kernelGradient(
    _ x: TileSource, _ dy: TileSource, dKernel: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutablePointer<Float>, pool: ThreadPool
  ) {
    let layout = GradientScratch(self, threads: pool.threads, both: false)
    sumChunks(layout, windows: x, pixels: dy, scratch: scratch, pool: pool) { _, _, _ in }
    var lanes = lanes
    ck_unpack_lanes(scratch + layout.total, &lanes, dKernel)
  }

  func bothScratchCount(threads: Int) -> Int {
    GradientScratch(self, threads: threads, both: true).count
  }

  /// Both gradients, of the method that makes the input's: x's pixels stand where its outputs do, and
  /// dy's windows, read once, give the input's gradient by the flipped kernel and, times x, the flipped
  /// kernel's gradient.
  func gradients(
    _ x: TileSource, _ dy: TileSource, flipped: UnsafePointer<Float>,
    dKernel: UnsafeMutablePointer<Float>, _ dx: TileTarget, scratch: UnsafeMutablePointer<Float>,
    pool: ThreadPool
  ) {
    let layout = GradientScratch(self, threads: pool.threads, both: true)
    let packed = scratch + layout.packed
    pack(flipped, scale: nil, bias: nil, into: packed, pool: pool)
    sumChunks(layout, windows: dy, pixels: x, scratch: scratch, pool: pool) { index, windows, own in
      multiply(
        windows, index, packed: packed, isRectified: false, dx, room: own + layout.result)
    }
    var lanes = lanes
    ck_unpack_flipped_lanes(scratch + layout.total, geometry.taps, &lanes, dKernel)
  }

  /// The sum over all pixels of windows, transposed, times pixels; `then` is given each tile's windows
  /// and its thread's memory.
  private func sumChunks(
    _ layout: GradientScratch, windows source: TileSource, pixels: TileSource,
    scratch: UnsafeMutablePointer<Float>, pool: ThreadPool,
    then: (
      _ tile: Int, _ windows: UnsafePointer<Float>, _ own: UnsafeMutablePointer<Float>
    ) -> Void
  ) {
    let (chunks, total) = (problem.chunks, tiles.count)
    pool.forEachTile(chunks) { chunk, worker in
      let sums = scratch + layout.sums[chunk]
      sums.update(repeating: 0, count: laneCount)
      let own = scratch + layout.workers[worker]
      for index in chunk * total / chunks..<(chunk + 1) * total / chunks {
        let tile = tiles[index]
        let windows = tiles.windows(source, tile, copy: own + layout.copy)
        let pixels = pixels.pixels(
          tiles.firstPixel(tile), tiles.pixels(tile), copy: own + layout.pixels)
        var shape = shape(index)
        ck.lanesOuter(windows, pixels, &shape, width, sums)
        then(index, windows, own)
      }
    }
    ck.sumParts(
      scratch + layout.sums.start, chunks, layout.sums.stride, scratch + layout.total, laneCount)
  }
}
