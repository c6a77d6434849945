// SPDX-License-Identifier: Apache-2.0

/// Runs of rows of a matrix [rows, channels], small enough for the cache, fixed by the size: the tiles of
/// passes that see pixels one by one. Those of windows are `WindowTiles`.
struct RowTiles {
  let rows: Int
  let rowsPerTile: Int

  init(rows: Int, channels: Int) {
    self.rows = rows
    rowsPerTile = max(64, min(512, Blocking.fixed.sixteenths(1) / max(channels, 1)))
  }

  var count: Int { (rows + rowsPerTile - 1) / rowsPerTile }
  func start(_ tile: Int) -> Int { tile * rowsPerTile }
  func length(_ tile: Int) -> Int { min(rowsPerTile, rows - start(tile)) }
}
