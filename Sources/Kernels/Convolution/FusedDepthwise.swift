// SPDX-License-Identifier: Apache-2.0

import CKernels

/// A depthwise convolution at stride 1 whose output a 1×1 convolution reads tile by tile: each tile
/// of it is made in the cache and stored nowhere.
///
/// Tiles are runs of whole rows, which may go on from one image to the next.
/// Cost: the rows above and below a tile are read, and seen through their view, once more.
struct FusedDepthwise: Sendable {
  /// Of the depthwise convolution.
  let geometry: WindowGeometry
  private let layout: WindowTiles

  /// Whether a depthwise convolution can be made so.
  static func takes(_ geometry: WindowGeometry) -> Bool {
    geometry.stride == 1 && geometry.taps > 1 && geometry.inputChannels >= 16
      && geometry.outputPixels > 0
  }

  init(_ geometry: WindowGeometry) {
    precondition(Self.takes(geometry), "a depthwise convolution that is made by itself")
    self.geometry = geometry
    layout = WindowTiles(geometry, cachedFloats: Blocking.fixed.sixteenths(6), mostPixels: 2040)
  }

  /// Floats of a tile and its windows together: all of the cache, since the 1×1 kernel streams by, and
  /// rows made twice and kernels read again cost more.
  private static let cachedFloats = Blocking.fixed.sixteenths(16)

  /// Rows of a tile: as many as fit the cache and leave at least sixteen tiles.
  private var rows: Int {
    let channels = geometry.inputChannels
    let row = geometry.outputWidth * channels
    let copyRow = layout.copyFloats(rows: 1) / geometry.kernelHeight
    let fitting =
      (Self.cachedFloats - (geometry.kernelHeight - 1) * copyRow) / (row + copyRow)
    return max(1, min(fitting, geometry.batch * geometry.outputHeight / 16))
  }

  /// The most pixels of a tile.
  var run: Int { rows * geometry.outputWidth }

  /// Whether a tile is worth the way of the 1×1 kernel to the cache, though outputs are not cut by
  /// channels.
  var isLong: Bool { run >= 48 }

  /// Floats of the kernel as `make` reads it.
  var packedCount: Int { (1 + geometry.taps) * aligned(geometry.inputChannels) }

  /// Floats of one thread's windows.
  var copyFloats: Int { layout.copyFloats(rows: min(rows, geometry.outputHeight)) }

  /// The kernel as `make` reads it: as it is, or packed into `scratch`.
  func packed(
    _ view: DepthwiseView, scratch: UnsafeMutablePointer<Float>
  ) -> UnsafePointer<Float> {
    let channels = geometry.inputChannels
    if view.isPacked {
      return UnsafePointer(view.kernel.pointer(packedCount, "the packed depthwise kernel"))
    }
    let kernel = view.kernel.pointer(geometry.taps * channels, "the depthwise kernel")
    var lanes = ck_lanes(
      rows: geometry.taps, width: 1, channels: channels, segmentStride: 1, rowStride: channels)
    ck_pack_lanes(kernel, &lanes, nil, nil, scratch)
    return UnsafePointer(scratch)
  }

  /// Makes output pixels [first, first + count), whole rows.
  func make(
    _ x: TileSource, _ first: Int, _ count: Int, packed: UnsafePointer<Float>,
    copy: UnsafeMutablePointer<Float>, into result: UnsafeMutablePointer<Float>
  ) {
    let (width, height) = (geometry.outputWidth, geometry.outputHeight)
    let activation = x.depthwise?.activation
    let end = (first + count) / width
    var row = first / width
    var target = result
    while row < end {
      let tile = WindowTiles.Tile(
        image: row / height, images: 1, row: row % height,
        rows: min(end - row, height - row % height))
      let windows = layout.windows(x, tile, copy: copy)
      let channels = geometry.inputChannels
      var shape = layout.tile(tile, inputs: channels, outputs: channels, channels: channels)
      var epilogue = ck_epilogue(
        bias: nil, addend: nil, isRectified: activation == .relu ? 1 : 0)
      ck.lanesRows(windows, &shape, 1, packed, &epilogue, target)
      if let activation, activation != .relu {
        activation.apply(to: target, count: tile.rows * width * channels)
      }
      row += tile.rows
      target += tile.rows * width * channels
    }
  }
}
