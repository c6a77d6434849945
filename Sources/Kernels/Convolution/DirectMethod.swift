// SPDX-License-Identifier: Apache-2.0

import CKernels

/// Convolution straight from the input: a block of output pixels and channels stays in registers while
/// its windows are read where they lie. The kernel is cut into panels beforehand.
///
/// It takes every problem. A 1×1 convolution may make the depthwise convolution before it tile by tile.
struct DirectMethod: ConvolutionMethod {
  let problem: ConvolutionProblem
  let tiles: WindowTiles
  /// What makes the tiles that a 1×1 convolution reads.
  let producer: FusedDepthwise?
  /// Where one segment feeds all outputs, and there are few tiles.
  let panels: PanelLayout?

  init(_ problem: ConvolutionProblem) {
    self.problem = problem
    let geometry = problem.geometry
    let producer = problem.depthwise.map(FusedDepthwise.init)
    let tiles =
      producer.map {
        WindowTiles(
          geometry, cachedFloats: 0, mostPixels: 0, unit: $0.geometry.outputWidth, run: $0.run)
      }
      ?? WindowTiles(
        geometry, cachedFloats: Blocking.fixed.sixteenths(3), mostPixels: 504)
    self.producer = producer
    self.tiles = tiles
    panels =
      problem.segments.count == 1 && producer == nil
      ? PanelLayout(
        geometry, outputs: problem.outputChannels, tiles: tiles, blocking: problem.blocking) : nil
  }

  var adds: Bool { true }
  var tileCount: Int { tiles.count }

  // MARK: Kernels

  private func packedCount(_ part: ConvolutionProblem.Part) -> Int {
    PackedKernel.count(
      rows: geometry.taps * part.inputCount, columns: part.outputCount)
  }

  var packedCount: Int { problem.parts.reduce(0) { $0 + packedCount($1) } }

  func pack(
    _ kernel: UnsafePointer<Float>, scale: UnsafePointer<Float>?, bias: UnsafePointer<Float>?,
    into packed: UnsafeMutablePointer<Float>, pool: ThreadPool
  ) {
    var target = packed
    for part in problem.parts {
      PackedKernel.pack(
        kernel + part.kernelStart, rows: geometry.taps * part.inputCount,
        columns: part.outputCount, scale: scale.map { $0 + part.outputStart },
        bias: bias.map { $0 + part.outputStart }, into: target, pool)
      target += packedCount(part)
    }
  }

  // MARK: Outputs

  /// The packed kernel of the depthwise convolution before, and each thread's windows, tile of outputs
  /// and windows of that convolution.
  private struct ForwardScratch {
    let producer: Int
    let copy, result, producerCopy: Int
    let workers: ScratchLayout.Pieces
    let count: Int

    init(_ method: DirectMethod, threads: Int) {
      var own = ScratchLayout()
      copy = own.reserve(method.tiles.copyFloats)
      result = own.reserve(method.tiles.tilePixels * method.outputChannels)
      producerCopy = own.reserve(method.producer?.copyFloats ?? 0)
      var layout = ScratchLayout()
      producer = layout.reserve(method.producer?.packedCount ?? 0)
      workers = layout.reserve(own.count, for: threads)
      count = layout.count
    }
  }

  func forwardScratchCount(threads: Int) -> Int {
    max(
      ForwardScratch(self, threads: threads).count, threads * (panels?.copyFloats ?? 0))
  }

  func forward(
    _ x: TileSource, packed: UnsafePointer<Float>, isRectified: Bool, _ y: TileTarget,
    scratch: UnsafeMutablePointer<Float>, pool: ThreadPool
  ) {
    if let panels, panels.takes(x), y.isPlain {
      runInPanels(
        panels, x, packed: packed, isRectified: isRectified, y, scratch: scratch, pool: pool)
      return
    }
    let layout = ForwardScratch(self, threads: pool.threads)
    let packedProducer = packedProducer(x, scratch: scratch + layout.producer)
    pool.forEachTile(tiles.count) { index, worker in
      let tile = tiles[index]
      let own = scratch + layout.workers[worker]
      let windows = windows(
        x, tile, copy: own + layout.copy, packedProducer: packedProducer,
        producerCopy: own + layout.producerCopy)
      let at = tiles.firstPixel(tile) * outputChannels
      let result = y.needsTile ? own + layout.result : y.values + at
      let addend = y.accumulate && !y.needsTile ? UnsafePointer(y.values) : y.addend
      multiply(
        windows, tile, packed: packed, addend: addend.map { $0 + at }, isRectified: isRectified,
        into: result)
      y.finish(index, tiles.firstPixel(tile), tiles.pixels(tile), result: result)
    }
  }

  private func multiply(
    _ windows: UnsafePointer<Float>, _ tile: WindowTiles.Tile, packed: UnsafePointer<Float>,
    addend: UnsafePointer<Float>?, isRectified: Bool, into result: UnsafeMutablePointer<Float>
  ) {
    let all = packedCount
    var start = 0
    for part in problem.parts {
      var shape = tiles.tile(
        tile, inputs: part.inputCount, outputs: part.outputCount, channels: outputChannels)
      var epilogue = ck_epilogue(
        bias: nil, addend: addend.map { $0 + part.outputStart },
        isRectified: isRectified ? 1 : 0)
      let next = (start + packedCount(part)) % all
      ck.directRows(
        windows + part.inputStart, &shape, packed + start, packed + next, &epilogue,
        result + part.outputStart)
      start = next
    }
  }

  // MARK: Windows

  /// Where a tile's windows lie: in x itself, or in `copy`, which is filled with them or with what
  /// the depthwise convolution before makes of x.
  func windows(
    _ x: TileSource, _ tile: WindowTiles.Tile, copy: UnsafeMutablePointer<Float>,
    packedProducer: UnsafePointer<Float>, producerCopy: UnsafeMutablePointer<Float>,
    isCopied: Bool = false
  ) -> UnsafePointer<Float> {
    guard let producer else { return tiles.windows(x, tile, copy: copy, isCopied: isCopied) }
    producer.make(
      x, tiles.firstPixel(tile), tiles.pixels(tile), packed: packedProducer, copy: producerCopy,
      into: copy)
    return UnsafePointer(copy)
  }

  /// The kernel of the depthwise convolution before, packed.
  func packedProducer(
    _ x: TileSource, scratch: UnsafeMutablePointer<Float>
  ) -> UnsafePointer<Float> {
    precondition((producer == nil) == (x.depthwise == nil), "a view is not what the kernel is for")
    guard let producer, let view = x.depthwise else { return UnsafePointer(scratch) }
    return producer.packed(view, scratch: scratch)
  }
}
