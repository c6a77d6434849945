// SPDX-License-Identifier: Apache-2.0

import CKernels

// The gradient of a direct convolution's kernel: windows, transposed, times gradients, summed over
// pixels chunk by chunk.
extension DirectMethod {
  /// The packed kernel of the depthwise convolution before, and each thread's windows, gradients, what
  /// incomplete vectors need, and windows of that convolution.
  struct GradientScratch {
    let producer: Int
    let windows, gradients, edge, producerCopy: Int
    let workers: ScratchLayout.Pieces
    let count: Int
    /// The most pixels whose products are summed at a time.
    let pixels: Int

    init(_ method: DirectMethod, threads: Int) {
      pixels = method.gatheredPixels
      var own = ScratchLayout()
      windows = own.reserve(
        method.tiles.isMatrix ? pixels * method.geometry.inputChannels : method.tiles.copyFloats)
      gradients = own.reserve(pixels * method.outputChannels)
      edge = own.reserve(method.edgeCount(pixels))
      producerCopy = own.reserve(method.producer?.copyFloats ?? 0)
      var layout = ScratchLayout()
      producer = layout.reserve(method.producer?.packedCount ?? 0)
      workers = layout.reserve(own.count, for: min(threads, method.problem.chunks))
      count = layout.count
    }
  }

  /// The most pixels whose products are summed at a time: of a tile, or, since those of a matrix lie
  /// behind each other, of several.
  private var gatheredPixels: Int {
    tiles.isMatrix
      ? min(max(problem.gatheredRows, tiles.tilePixels), tiles.height) : tiles.tilePixels
  }

  /// Floats that are needed where a segment's outputs fill no whole vectors.
  private func edgeCount(_ pixels: Int) -> Int {
    let rows = problem.parts.reduce(0) { most, part in
      part.outputCount % 16 == 0 ? most : max(most, geometry.taps * part.inputCount)
    }
    return rows == 0 ? 0 : (rows + pixels) * 64
  }

  func kernelGradientScratchCount(threads: Int) -> Int {
    problem.partialCount + GradientScratch(self, threads: threads).count
  }

  func kernelGradient(
    _ x: TileSource, _ dy: TileSource, dKernel: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutablePointer<Float>, pool: ThreadPool
  ) {
    kernelGradient(x, dy, dKernel: dKernel, scratch: scratch, pool: pool) { _, _, _ in }
  }

  /// - Parameter then: what else to do with a tile, given its gradients and memory for its windows.
  func kernelGradient(
    _ x: TileSource, _ dy: TileSource, dKernel: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutablePointer<Float>, pool: ThreadPool,
    then: (
      _ tile: Int, _ gradient: UnsafePointer<Float>, _ memory: UnsafeMutablePointer<Float>
    ) -> Void
  ) {
    let (chunks, total) = (problem.chunks, tiles.count)
    let layout = GradientScratch(self, threads: pool.threads)
    let memory = scratch + problem.partialCount
    let packedProducer = packedProducer(x, scratch: memory + layout.producer)
    problem.sumChunks(into: dKernel, partial: scratch, pool: pool) { partial, stride in
      pool.forEachTile(chunks) { chunk, worker in
        let own = memory + layout.workers[worker]
        let sums = partial + chunk * stride
        let (begin, end) = (chunk * total / chunks, (chunk + 1) * total / chunks)
        if begin == end { sums.update(repeating: 0, count: problem.kernelCount) }
        var first = begin
        while first < end {
          let next = gather(first..<end, x, dy, packedProducer: packedProducer, into: own, layout)
          addProducts(first..<next, own, layout, adds: first > begin, to: sums)
          let gradients = own + layout.gradients
          let start = tiles.firstPixel(tiles[first])
          for tile in first..<next {
            then(
              tile, gradients + (tiles.firstPixel(tiles[tile]) - start) * outputChannels,
              own + layout.windows)
          }
          first = next
        }
      }
    }
  }

  /// Copies the windows and gradients of the first of some tiles, and, of a matrix, of as many more as
  /// fit: columns of a matrix are read with a stride that defeats the hardware prefetcher, a copy is a
  /// stream. A quarter faster on large tensors. Returns the first tile that is not copied.
  private func gather(
    _ range: Range<Int>, _ x: TileSource, _ dy: TileSource, packedProducer: UnsafePointer<Float>,
    into own: UnsafeMutablePointer<Float>, _ layout: GradientScratch
  ) -> Int {
    var (next, pixels) = (range.lowerBound, 0)
    repeat {
      let tile = tiles[next]
      _ = windows(
        x, tile, copy: own + layout.windows + pixels * geometry.inputChannels,
        packedProducer: packedProducer, producerCopy: own + layout.producerCopy, isCopied: true)
      dy.copy(
        tiles.firstPixel(tile), tiles.pixels(tile),
        to: own + layout.gradients + pixels * outputChannels)
      pixels += tiles.pixels(tile)
      next += 1
    } while tiles.isMatrix && next < range.upperBound
      && pixels + tiles.pixels(tiles[next]) <= layout.pixels
    return next
  }

  private func addProducts(
    _ range: Range<Int>, _ own: UnsafeMutablePointer<Float>, _ layout: GradientScratch, adds: Bool,
    to sums: UnsafeMutablePointer<Float>
  ) {
    let tile = tiles.joined(range)
    for part in problem.parts {
      var shape = tiles.tile(
        tile, inputs: part.inputCount, outputs: part.outputCount, channels: outputChannels)
      ck.directOuter(
        own + layout.windows + part.inputStart, own + layout.gradients + part.outputStart,
        &shape, own + layout.edge, adds ? 1 : 0, sums + part.kernelStart)
    }
  }
}
