import CKernels

/// A depthwise convolution at stride 1 whose output a 1×1 convolution reads tile by tile: each tile
/// of it is made in the cache and stored nowhere.
///
/// Tiles are runs of whole rows, which may go on from one image to the next.
/// Cost: the rows above and below a tile are read, and seen through their view, once more.
struct DepthwiseFront: Sendable {
  /// Of the depthwise convolution.
  let geometry: WindowGeometry
  private let layout: DirectLayout

  /// Whether a depthwise convolution can be made so.
  static func takes(_ geometry: WindowGeometry) -> Bool {
    geometry.stride == 1 && geometry.taps > 1 && geometry.inputChannels >= 16
      && geometry.outputPixels > 0
  }

  init(_ geometry: WindowGeometry) {
    precondition(Self.takes(geometry), "a depthwise convolution that is made by itself")
    self.geometry = geometry
    layout = DirectLayout(geometry, cachedFloats: 96 << 10, mostPixels: 2040)
  }

  /// Floats of a tile and its windows together that leave the 1×1 kernel its room in the cache.
  private static let cachedFloats = 160 << 10

  /// Rows of a tile: as many as fit the cache and leave at least sixteen tiles.
  private var rows: Int {
    let channels = geometry.inputChannels
    let row = geometry.outputWidth * channels
    let fitting =
      (Self.cachedFloats - layout.copyFloats(rows: geometry.kernelHeight - 1))
      / (row + layout.copyFloats(rows: 1) / geometry.kernelHeight)
    return max(1, min(fitting, geometry.batch * geometry.outputHeight / 16))
  }

  /// Pixels of a tile.
  var run: Int { rows * geometry.outputWidth }

  /// Floats of the kernel as `run` reads it.
  var packedCount: Int { geometry.taps * aligned(geometry.inputChannels) }

  /// Floats of one thread's windows.
  var copyFloats: Int { layout.copyFloats(rows: min(rows, geometry.outputHeight)) }

  func pack(_ kernel: UnsafePointer<Float>, into packed: UnsafeMutablePointer<Float>) {
    let channels = geometry.inputChannels
    ck_pack_lanes(kernel, geometry.taps, 1, channels, 1, channels, packed)
  }

  /// Makes output pixels [first, first + count), whole rows.
  func make(
    _ x: TileSource, _ first: Int, _ count: Int, packed: UnsafePointer<Float>,
    copy: UnsafeMutablePointer<Float>, into result: UnsafeMutablePointer<Float>
  ) {
    let (width, height) = (geometry.outputWidth, geometry.outputHeight)
    let end = (first + count) / width
    var row = first / width
    var target = result
    while row < end {
      let tile = DirectLayout.Tile(
        image: row / height, images: 1, row: row % height,
        rows: min(end - row, height - row % height))
      let windows = layout.windows(x, tile, copy: copy)
      let channels = geometry.inputChannels
      var shape = layout.tile(tile, inputs: channels, outputs: channels, channels: channels)
      ck_lanes_rows(windows, &shape, 1, packed, target)
      row += tile.rows
      target += tile.rows * width * channels
    }
  }
}
