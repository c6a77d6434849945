import CKernels

// Convolution of equal segments 2, 4 or 8 channels wide: vectors run over channels and a shuffle
// brings each lane the inputs of its segment, so that pixels are read where the direct method reads
// them and no multiply-add is wasted.
extension ConvolutionPass {
  func runInLanes(
    _ width: Int, x: UnsafePointer<Float>, kernel: UnsafePointer<Float>,
    bias: UnsafePointer<Float>?, y: UnsafeMutablePointer<Float>, accumulate: Bool,
    scratch: UnsafeMutablePointer<Float>, pool: ThreadPool
  ) {
    ck_pack_lanes(kernel, geometry.taps, width, outputChannels, scratch)
    let copies = scratch + packedCount
    let workerFloats = direct.copyFloats + tileFloats
    pool.forEachTile(direct.count) { index, worker in
      let tile = direct[index]
      let copy = copies + worker * workerFloats
      let windows = direct.windows(x, tile, copy: copy)
      let target = y + direct.firstPixel(tile) * outputChannels
      let count = direct.pixels(tile)
      var shape = direct.tile(
        tile, inputs: outputChannels, outputs: outputChannels, channels: outputChannels)
      let result = accumulate ? copy + direct.copyFloats : target
      ck_lanes_rows(windows, &shape, width, scratch, result)
      if accumulate { ck_copy(result, target, count * outputChannels, 1) }
      if let bias { ck_add_row(bias, target, count, outputChannels) }
    }
  }

  /// Floats of one tile of outputs.
  var tileFloats: Int { aligned(direct.tilePixels * outputChannels) }

  func kernelGradientInLanes(
    _ width: Int, x: UnsafePointer<Float>, dy: UnsafePointer<Float>,
    dKernel: UnsafeMutablePointer<Float>, scratch: UnsafeMutablePointer<Float>, pool: ThreadPool
  ) {
    let (chunks, total, stride) = (self.chunks, direct.count, packedCount)
    let copies = scratch + (chunks + 1) * stride
    pool.forEachTile(chunks) { chunk, worker in
      let sums = scratch + chunk * stride
      sums.update(repeating: 0, count: stride)
      for index in chunk * total / chunks..<(chunk + 1) * total / chunks {
        let tile = direct[index]
        let windows = direct.windows(x, tile, copy: copies + worker * direct.copyFloats)
        var shape = direct.tile(
          tile, inputs: outputChannels, outputs: outputChannels, channels: outputChannels)
        ck_lanes_outer(
          windows, dy + direct.firstPixel(tile) * outputChannels, &shape, width, sums)
      }
    }
    let sum = scratch + chunks * stride
    ck_sum_parts(scratch, chunks, stride, sum, stride)
    ck_unpack_lanes(sum, geometry.taps, width, outputChannels, dKernel)
  }
}
