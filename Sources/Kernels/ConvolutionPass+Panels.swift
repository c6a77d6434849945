import CKernels

// Direct convolution cut by output channels beside pixels, where nothing is gathered of whole pixels:
// few pixels still give all threads the same work, and each reads a part of the kernel only.
extension ConvolutionPass {
  /// Tiles of pixels, each cut into panels of output channels.
  struct PanelLayout: Sendable {
    /// Output channels of a panel.
    static let width = 64

    let tiles: DirectLayout
    let panels: Int

    init(_ geometry: WindowGeometry, outputs: Int) {
      panels = (outputs + Self.width - 1) / Self.width
      // A panel's kernel is read once for six pixels and should stay in the second-level cache; the
      // pixels are read once for a panel and may come from beyond it.
      tiles = DirectLayout(
        geometry, cachedFloats: 128 << 10, mostPixels: 504, leastTiles: (15 + panels) / panels,
        isEven: true)
    }
  }

  /// y = the convolution of x; the same bits as by tiles of whole pixels.
  func runInPanels(
    _ layout: PanelLayout, _ x: TileSource, packed: UnsafePointer<Float>, isRectified: Bool,
    y: UnsafeMutablePointer<Float>, scratch: UnsafeMutablePointer<Float>, pool: ThreadPool
  ) {
    let tiles = layout.tiles
    let rows = 1 + geometry.taps * geometry.inputChannels
    // Windows that have to be copied are copied once for several panels.
    let length = tiles.isPadded || !x.isPlain ? min(4, layout.panels) : 1
    let groups = (layout.panels + length - 1) / length
    pool.forEachTile(tiles.count * groups) { item, worker in
      let tile = tiles[item / groups]
      let copy = scratch + worker * tiles.copyFloats
      let first = item % groups * length * PanelLayout.width
      let windows = tiles.windows(x, tile, copy: copy)
      var shape = tiles.tile(
        tile, inputs: geometry.inputChannels,
        outputs: min(length * PanelLayout.width, outputChannels - first),
        channels: outputChannels)
      ck_direct_rows(
        windows, &shape, packed + rows * first,
        y + tiles.firstPixel(tile) * outputChannels + first, 0, isRectified ? 1 : 0)
    }
  }
}
