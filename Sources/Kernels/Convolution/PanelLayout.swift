// SPDX-License-Identifier: Apache-2.0

import CKernels

/// Tiles of pixels, each cut into groups of panels of output channels, where nothing is gathered of
/// whole pixels: few pixels still give all threads the same work, and each reads a part of the kernel
/// only.
struct PanelLayout: Sendable {
  /// Output channels of a panel.
  private static let width = 64
  /// Where there are as many tiles of whole pixels, those are balanced, and pixels are better read
  /// and written once.
  private static let manyTiles = 32

  let tiles: WindowTiles
  /// Output channels of a group, and how many groups there are.
  let groupWidth, groups: Int

  /// - Parameter whole: tiles of whole pixels.
  /// - Returns: nil where these do.
  init?(
    _ geometry: WindowGeometry, outputs: Int, tiles whole: WindowTiles, blocking: Blocking
  ) {
    guard whole.count < Self.manyTiles, outputs > Self.width else { return nil }
    // Windows that have to be copied are copied once for two panels.
    groupWidth = Self.width * (whole.isPadded ? 2 : 1)
    groups = (outputs + groupWidth - 1) / groupWidth
    // A panel's kernel is read once for six pixels and should stay in the second-level cache; the
    // pixels are read once for a group and may come from beyond it.
    tiles = WindowTiles(
      geometry, cachedFloats: blocking.sixteenths(8), mostPixels: 504,
      leastTiles: (15 + groups) / groups,
      unit: 1)
  }

  /// Whether it fits what is read: a view is better applied once.
  func takes(_ x: TileSource) -> Bool { tiles.isPadded || x.isPlain }

  /// Floats of one thread: plain pixels are read where they lie.
  var copyFloats: Int { tiles.isPadded ? tiles.copyFloats : 0 }
}

extension DirectMethod {
  /// y = the convolution of x; the same bits as by tiles of whole pixels.
  func runInPanels(
    _ layout: PanelLayout, _ x: TileSource, packed: UnsafePointer<Float>, isRectified: Bool,
    _ y: TileTarget, scratch: UnsafeMutablePointer<Float>, pool: ThreadPool
  ) {
    let (tiles, groups) = (layout.tiles, layout.groups)
    let rows = 1 + geometry.taps * geometry.inputChannels
    pool.forEachTile(tiles.count * groups) { item, worker in
      let tile = tiles[item / groups]
      let first = item % groups * layout.groupWidth
      // The thread's next item, if all are equally fast.
      let next = (item + pool.threads) % groups * layout.groupWidth
      let windows = tiles.windows(x, tile, copy: scratch + worker * layout.copyFloats)
      let start = tiles.firstPixel(tile) * outputChannels + first
      var shape = tiles.tile(
        tile, inputs: geometry.inputChannels,
        outputs: min(layout.groupWidth, outputChannels - first), channels: outputChannels)
      var epilogue = ck_epilogue(
        bias: nil, addend: y.addend.map { $0 + start }, isRectified: isRectified ? 1 : 0)
      ck.directRows(
        windows, &shape, packed + rows * first, packed + rows * next, &epilogue, y.values + start)
    }
  }
}
