import CKernels

// Convolution of equal segments 1, 2, 4 or 8 channels wide: vectors run over channels and a shuffle
// brings each lane the inputs of its segment, so that pixels are read where the direct method reads
// them and no multiply-add is wasted.
extension ConvolutionPass {
  /// Floats of a kernel's gradient in lanes.
  func laneCount(_ width: Int) -> Int { geometry.taps * width * aligned(outputChannels) }

  /// How the kernel lies in memory.
  func lanes(_ width: Int) -> ck_lanes {
    ck_lanes(
      rows: geometry.taps * width, width: width, channels: outputChannels,
      segmentStride: isByTap ? 1 : geometry.taps * width * width,
      rowStride: isByTap ? outputChannels : width)
  }

  func runInLanes(
    _ width: Int, _ x: TileSource, packed: UnsafePointer<Float>, isRectified: Bool,
    _ y: TileTarget, scratch: UnsafeMutablePointer<Float>, pool: ThreadPool
  ) {
    let workerFloats = direct.copyFloats + tileFloats
    pool.forEachTile(direct.count) { index, worker in
      let tile = direct[index]
      let copy = scratch + worker * workerFloats
      let windows = direct.windows(x, tile, copy: copy)
      let (pixel, count) = (direct.firstPixel(tile), direct.pixels(tile))
      var shape = direct.tile(
        tile, inputs: outputChannels, outputs: outputChannels, channels: outputChannels)
      let result =
        y.needsTile || y.accumulate
        ? copy + direct.copyFloats : y.values + pixel * outputChannels
      var epilogue = ck_epilogue(bias: nil, addend: nil, isRectified: isRectified ? 1 : 0)
      ck.lanesRows(windows, &shape, width, packed, &epilogue, result)
      y.finish(index, pixel, count, result: result)
    }
  }

  /// Both gradients, of the pass that makes the input's: x's pixels stand where its outputs do, and
  /// dy's windows, read once, give the input's gradient by the flipped kernel and, times x, the flipped
  /// kernel's gradient.
  func gradientsInLanes(
    _ width: Int, _ x: TileSource, _ dy: TileSource, flipped: UnsafePointer<Float>,
    dKernel: UnsafeMutablePointer<Float>, _ dx: TileTarget,
    scratch: UnsafeMutablePointer<Float>, pool: ThreadPool
  ) {
    var lanes = lanes(width)
    let (chunks, total, stride) = (self.chunks, direct.count, laneCount(width))
    let packed = scratch + (chunks + 1) * stride
    ck_pack_lanes(flipped, &lanes, nil, nil, packed)
    let copies = packed + aligned(packedCount)
    let workerFloats = direct.copyFloats + 2 * tileFloats
    pool.forEachTile(chunks) { chunk, worker in
      let sums = scratch + chunk * stride
      sums.update(repeating: 0, count: stride)
      let copy = copies + worker * workerFloats
      for index in chunk * total / chunks..<(chunk + 1) * total / chunks {
        let tile = direct[index]
        let (pixel, count) = (direct.firstPixel(tile), direct.pixels(tile))
        let windows = direct.windows(dy, tile, copy: copy)
        let pixels = x.pixels(pixel, count, copy: copy + direct.copyFloats)
        var shape = direct.tile(
          tile, inputs: outputChannels, outputs: outputChannels, channels: outputChannels)
        ck.lanesOuter(windows, pixels, &shape, width, sums)
        let result =
          dx.needsTile || dx.accumulate
          ? copy + direct.copyFloats + tileFloats : dx.values + pixel * outputChannels
        var epilogue = ck_epilogue()
        ck.lanesRows(windows, &shape, width, packed, &epilogue, result)
        dx.finish(index, pixel, count, result: result)
      }
    }
    let sum = scratch + chunks * stride
    ck.sumParts(scratch, chunks, stride, sum, stride)
    ck_unpack_flipped_lanes(sum, geometry.taps, &lanes, dKernel)
  }

  func lanesGradientsScratchCount(_ width: Int, threads: Int) -> Int {
    (chunks + 1) * laneCount(width) + aligned(packedCount)
      + min(threads, chunks) * (direct.copyFloats + 2 * tileFloats)
  }

  func kernelGradientInLanes(
    _ width: Int, _ x: TileSource, _ dy: TileSource, dKernel: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutablePointer<Float>, pool: ThreadPool
  ) {
    let (chunks, total, stride) = (self.chunks, direct.count, laneCount(width))
    let copies = scratch + (chunks + 1) * stride
    let workerFloats = direct.copyFloats + tileFloats
    pool.forEachTile(chunks) { chunk, worker in
      let sums = scratch + chunk * stride
      sums.update(repeating: 0, count: stride)
      let copy = copies + worker * workerFloats
      for index in chunk * total / chunks..<(chunk + 1) * total / chunks {
        let tile = direct[index]
        let windows = direct.windows(x, tile, copy: copy)
        let gradient = dy.pixels(
          direct.firstPixel(tile), direct.pixels(tile), copy: copy + direct.copyFloats)
        var shape = direct.tile(
          tile, inputs: outputChannels, outputs: outputChannels, channels: outputChannels)
        ck.lanesOuter(windows, gradient, &shape, width, sums)
      }
    }
    let sum = scratch + chunks * stride
    ck.sumParts(scratch, chunks, stride, sum, stride)
    var lanes = lanes(width)
    ck_unpack_lanes(sum, &lanes, dKernel)
  }
}
