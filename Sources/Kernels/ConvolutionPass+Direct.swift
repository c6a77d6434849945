import CKernels

// Convolution straight from the input: a block of output pixels and channels stays in registers
// while its windows are read where they lie. The kernel is cut into panels once a pass.
extension ConvolutionPass {
  /// A segment's tile, and where its packed kernel begins.
  private func forEachPart(_ body: (Part, _ packed: Int) -> Void) {
    var packed = 0
    for part in parts {
      body(part, packed)
      packed += Self.packedCount(part, geometry)
    }
  }

  private static func packedCount(_ part: Part, _ geometry: WindowGeometry) -> Int {
    geometry.taps * part.segment.inputCount * aligned(part.segment.outputCount)
  }

  /// Floats of all packed kernels.
  var packedCount: Int {
    if case .lanes(let width) = method { return geometry.taps * width * aligned(outputChannels) }
    return parts.reduce(0) { $0 + Self.packedCount($1, geometry) }
  }

  /// Floats that the kernel's gradient needs where a segment's outputs fill no whole vectors.
  var edgeCount: Int {
    let rows = parts.filter { $0.segment.outputCount % 16 != 0 }.map {
      geometry.taps * $0.segment.inputCount
    }
    return rows.max().map { ($0 + direct.tilePixels) * 64 } ?? 0
  }

  private func pack(_ kernel: UnsafePointer<Float>, into packed: UnsafeMutablePointer<Float>) {
    forEachPart { part, start in
      ck_pack_kernel(
        kernel + part.kernelStart, geometry.taps * part.segment.inputCount,
        part.segment.outputCount, packed + start)
    }
  }

  func runDirectly(
    x: UnsafePointer<Float>, kernel: UnsafePointer<Float>, bias: UnsafePointer<Float>?,
    y: UnsafeMutablePointer<Float>, accumulate: Bool, scratch: UnsafeMutablePointer<Float>,
    pool: ThreadPool
  ) {
    pack(kernel, into: scratch)
    let copies = scratch + packedCount
    pool.forEachTile(direct.count) { index, worker in
      let tile = direct[index]
      let windows = direct.windows(x, tile, copy: copies + worker * direct.copyFloats)
      let target = y + direct.firstPixel(tile) * outputChannels
      forEachPart { part, packed in
        let segment = part.segment
        if let bias {
          ck_fill_rows(
            bias + segment.outputStart, target + segment.outputStart, direct.pixels(tile),
            segment.outputCount, outputChannels)
        }
        var shape = direct.tile(
          tile, inputs: segment.inputCount, outputs: segment.outputCount,
          channels: outputChannels)
        ck_direct_rows(
          windows + segment.inputStart, &shape, scratch + packed, target + segment.outputStart,
          accumulate || bias != nil ? 1 : 0)
      }
    }
  }

  /// dx of a 1×1 convolution: dy times the transposed kernel, at every stride-th pixel.
  func transposedPointwise(
    dy: UnsafePointer<Float>, kernel: UnsafePointer<Float>, dx: UnsafeMutablePointer<Float>,
    accumulate: Bool, scratch: UnsafeMutablePointer<Float>, pool: ThreadPool
  ) {
    let packed = transposedStarts
    let turned = scratch + packed[parts.count]
    for (part, start) in zip(parts, packed) {
      let segment = part.segment
      ck_flip_kernel(
        kernel + part.kernelStart, 1, segment.inputCount, segment.outputCount, turned)
      ck_pack_kernel(turned, segment.outputCount, segment.inputCount, scratch + start)
    }
    pool.forEachTile(direct.count) { index, _ in
      let tile = direct[index]
      let source = dy + direct.firstPixel(tile) * outputChannels
      let target = UnsafeMutablePointer(mutating: direct.windows(dx, tile, copy: dx))
      if geometry.stride > 1 && !accumulate { clear(dx, tile) }
      for (part, start) in zip(parts, packed) {
        let segment = part.segment
        var shape = direct.tile(
          tile, inputs: segment.inputCount, outputs: segment.outputCount,
          channels: outputChannels)
        swap(&shape.xImage, &shape.yImage)
        swap(&shape.xRow, &shape.yRow)
        swap(&shape.xStep, &shape.yStep)
        swap(&shape.inputs, &shape.outputs)
        ck_direct_rows(
          source + segment.outputStart, &shape, scratch + start, target + segment.inputStart,
          accumulate ? 1 : 0)
      }
    }
  }

  /// Where the packed transposed kernels begin; the last number is where they end.
  private var transposedStarts: [Int] {
    parts.reduce(into: [0]) { starts, part in
      starts.append(
        starts[starts.count - 1] + part.segment.outputCount * aligned(part.segment.inputCount))
    }
  }

  var transposedCount: Int {
    let largest = parts.map { $0.segment.inputCount * $0.segment.outputCount }.max() ?? 0
    return transposedStarts[parts.count] + largest
  }

  /// Zeros in the rows of dx from a tile's first to the next tile's.
  private func clear(_ dx: UnsafeMutablePointer<Float>, _ tile: DirectLayout.Tile) {
    let row = geometry.inputWidth * geometry.inputChannels
    let first = tile.row * geometry.stride
    let isLast = tile.row + tile.rows == geometry.outputHeight
    let last = isLast ? geometry.inputHeight : first + tile.rows * geometry.stride
    for image in tile.image..<tile.image + tile.images {
      (dx + image * geometry.inputImage + first * row).update(
        repeating: 0, count: (last - first) * row)
    }
  }

  func kernelGradientDirectly(
    x: UnsafePointer<Float>, dy: UnsafePointer<Float>, partial: UnsafeMutablePointer<Float>,
    stride: Int, chunks: Int, scratch: UnsafeMutablePointer<Float>, pool: ThreadPool
  ) {
    let total = direct.count
    let workerFloats = direct.copyFloats + aligned(edgeCount)
    pool.forEachTile(chunks) { chunk, worker in
      let sums = partial + chunk * stride
      sums.update(repeating: 0, count: kernelCount)
      let copy = scratch + worker * workerFloats
      for index in chunk * total / chunks..<(chunk + 1) * total / chunks {
        let tile = direct[index]
        let windows = direct.windows(x, tile, copy: copy)
        let gradient = dy + direct.firstPixel(tile) * outputChannels
        for part in parts {
          let segment = part.segment
          var shape = direct.tile(
            tile, inputs: segment.inputCount, outputs: segment.outputCount,
            channels: outputChannels)
          ck_direct_outer(
            windows + segment.inputStart, gradient + segment.outputStart, &shape,
            copy + direct.copyFloats, sums + part.kernelStart)
        }
      }
    }
  }
}
