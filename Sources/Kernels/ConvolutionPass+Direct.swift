import CKernels

// Convolution straight from the input: a block of output pixels and channels stays in registers
// while its windows are read where they lie. The kernel is cut into panels beforehand.
extension ConvolutionPass {
  /// Floats of one tile of outputs.
  var tileFloats: Int { aligned(direct.tilePixels * outputChannels) }

  /// Floats of the kernel of the depthwise convolution before, and of one thread's windows of it.
  var frontPackedCount: Int { front?.packedCount ?? 0 }
  var frontFloats: Int { front?.copyFloats ?? 0 }

  /// Where a tile's windows lie: in x itself, or in `copy`, which is filled with them or with what
  /// the depthwise convolution before makes of x.
  func windows(
    _ x: TileSource, _ tile: DirectLayout.Tile, copy: UnsafeMutablePointer<Float>,
    packedFront: UnsafePointer<Float>, frontCopy: UnsafeMutablePointer<Float>,
    isCopied: Bool = false
  ) -> UnsafePointer<Float> {
    guard let front else { return direct.windows(x, tile, copy: copy, isCopied: isCopied) }
    front.make(
      x, direct.firstPixel(tile), direct.pixels(tile), packed: packedFront, copy: frontCopy,
      into: copy)
    return UnsafePointer(copy)
  }

  /// The kernel of the depthwise convolution before, packed.
  func packedFront(
    _ x: TileSource, scratch: UnsafeMutablePointer<Float>
  ) -> UnsafePointer<Float> {
    precondition((front == nil) == (x.depthwise == nil), "a view is not what the kernel is for")
    guard let front, let view = x.depthwise else { return UnsafePointer(scratch) }
    return front.packed(view, scratch: scratch)
  }

  func runDirectly(
    _ x: TileSource, packed: UnsafePointer<Float>, isRectified: Bool, _ y: TileTarget,
    scratch: UnsafeMutablePointer<Float>, pool: ThreadPool
  ) {
    if let panels, panels.takes(x), y.isPlain {
      runInPanels(
        panels, x, packed: packed, isRectified: isRectified, y, scratch: scratch, pool: pool)
      return
    }
    let packedFront = packedFront(x, scratch: scratch)
    let copies = scratch + frontPackedCount
    let workerFloats = direct.copyFloats + tileFloats + frontFloats
    pool.forEachTile(direct.count) { index, worker in
      let tile = direct[index]
      let copy = copies + worker * workerFloats
      let windows = windows(
        x, tile, copy: copy, packedFront: packedFront,
        frontCopy: copy + direct.copyFloats + tileFloats)
      let (pixel, count) = (direct.firstPixel(tile), direct.pixels(tile))
      let at = pixel * outputChannels
      let result = y.needsTile ? copy + direct.copyFloats : y.values + at
      let addend = y.accumulate && !y.needsTile ? UnsafePointer(y.values) : y.addend
      forEachPart { part, start in
        let segment = part.segment
        var shape = direct.tile(
          tile, inputs: segment.inputCount, outputs: segment.outputCount,
          channels: outputChannels)
        let next = (start + Self.packedCount(part, geometry)) % packedCount
        var epilogue = ck_epilogue(
          bias: nil, addend: addend.map { $0 + at + segment.outputStart },
          isRectified: isRectified ? 1 : 0)
        ck.directRows(
          windows + segment.inputStart, &shape, packed + start, packed + next, &epilogue,
          result + segment.outputStart)
      }
      y.finish(index, pixel, count, result: result)
    }
  }
}
