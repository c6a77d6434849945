import CKernels

// A kernel as the inner loops read it, with the bias with which their sums begin. A kernel that stays
// as it is can be packed once.
extension ConvolutionPass {
  /// Floats of a packed kernel.
  var packedCount: Int {
    switch method {
    case .direct: parts.reduce(0) { $0 + Self.packedCount($1, geometry) }
    case .lanes(let width): laneCount(width) + aligned(outputChannels)
    case .planes: aligned(kernelCount) + aligned(outputChannels)
    case .winograd: winogradPackedCount
    }
  }

  static func packedCount(_ part: Part, _ geometry: WindowGeometry) -> Int {
    packedCount(rows: geometry.taps * part.segment.inputCount, columns: part.segment.outputCount)
  }

  static func packedCount(rows: Int, columns: Int) -> Int { (1 + rows) * aligned(columns) }

  /// Calls `body` with every segment and where its packed kernel begins.
  func forEachPart(_ body: (Part, _ packed: Int) -> Void) {
    var packed = 0
    for part in parts {
      body(part, packed)
      packed += Self.packedCount(part, geometry)
    }
  }

  /// Packs a kernel, each output channel multiplied by its scale, and a bias.
  func pack(
    _ kernel: UnsafePointer<Float>, scale: UnsafePointer<Float>?, bias: UnsafePointer<Float>?,
    into packed: UnsafeMutablePointer<Float>, pool: ThreadPool
  ) {
    switch method {
    case .direct:
      forEachPart { part, start in
        let segment = part.segment
        Self.pack(
          kernel + part.kernelStart, rows: geometry.taps * segment.inputCount,
          columns: segment.outputCount, scale: scale.map { $0 + segment.outputStart },
          bias: bias.map { $0 + segment.outputStart }, into: packed + start, pool)
      }
    case .lanes(let width):
      var lanes = lanes(width)
      ck_pack_lanes(kernel, &lanes, scale, bias, packed)
    case .planes:
      packForPlanes(kernel, scale: scale, bias: bias, into: packed)
    case .winograd:
      packForWinograd(kernel, scale: scale, bias: bias, into: packed, pool)
    }
  }

  /// Cuts a kernel into panels, a large one on all threads.
  static func pack(
    _ kernel: UnsafePointer<Float>, rows: Int, columns: Int, scale: UnsafePointer<Float>? = nil,
    bias: UnsafePointer<Float>? = nil, into packed: UnsafeMutablePointer<Float>, _ pool: ThreadPool
  ) {
    let isLarge = rows * columns >= 1 << 16
    (isLarge ? pool : ThreadPool(threads: 1)).forEachRange(columns, length: 64) { start, count in
      ck.packKernel(
        kernel + start, rows, count, columns, scale.map { $0 + start }, bias.map { $0 + start },
        packed + (1 + rows) * start)
    }
  }

  /// Planes read the kernel as it is; the bias stands behind it.
  private func packForPlanes(
    _ kernel: UnsafePointer<Float>, scale: UnsafePointer<Float>?, bias: UnsafePointer<Float>?,
    into packed: UnsafeMutablePointer<Float>
  ) {
    packed.update(from: kernel, count: kernelCount)
    if let scale {
      for part in parts {
        let segment = part.segment
        let start = packed + part.kernelStart
        for row in 0..<geometry.taps * segment.inputCount {
          for output in 0..<segment.outputCount {
            start[row * segment.outputCount + output] *= scale[segment.outputStart + output]
          }
        }
      }
    }
    packBias(bias, into: packed + aligned(kernelCount))
  }

  func packBias(_ bias: UnsafePointer<Float>?, into packed: UnsafeMutablePointer<Float>) {
    if let bias {
      packed.update(from: bias, count: outputChannels)
    } else {
      packed.update(repeating: 0, count: outputChannels)
    }
  }
}
