// SPDX-License-Identifier: Apache-2.0

import CKernels

/// Sums, products and copies of equally long buffers, and of columns and rows of matrices.
public enum ElementwiseKernel {
  /// y = a + b; y may be either.
  public static func add(_ a: FloatBuffer, _ b: FloatBuffer, y: FloatBuffer, pool: ThreadPool) {
    forEachRange([a, b, y], pool) { start, count in
      ck.add(a.base + start, b.base + start, y.base + start, count)
    }
  }

  /// y = a + b as views show them, matrices [rows, channels]; y may be the memory of either.
  public static func add(
    _ a: InputView, _ b: InputView, y: FloatBuffer, rows: Int, channels: Int, pool: ThreadPool
  ) {
    for buffer in [a.values, b.values, y] { _ = buffer.pointer(rows * channels, "a matrix") }
    let tiles = RowTiles(rows: rows, channels: channels)
    pool.forEachTile(tiles.count) { tile, _ in
      let start = tiles.start(tile) * channels
      var (first, second) = (a.seen(from: start), b.seen(from: start))
      ck.addRows(&first, &second, y.base + start, tiles.length(tile), channels)
    }
  }

  /// target = (or +=) source, a matrix [rows, channels], masked as the target asks.
  public static func copy(
    _ source: FloatBuffer, to target: GradientTarget, rows: Int, channels: Int, pool: ThreadPool
  ) {
    precondition(target.sums == nil, "sums gather no sums")
    _ = source.pointer(rows * channels, "the source")
    _ = target.values.pointer(rows * channels, "the target")
    let tiles = RowTiles(rows: rows, channels: channels)
    let merged = TileTarget(target, channels: channels, tiles: tiles.count)
    pool.forEachTile(tiles.count) { tile, _ in
      let start = tiles.start(tile)
      merged.finish(
        tile, start, tiles.length(tile), result: source.base + start * channels)
    }
  }

  /// target += source.
  public static func accumulate(
    _ source: FloatBuffer, into target: FloatBuffer, pool: ThreadPool
  ) {
    copy(source, to: target, accumulate: true, pool: pool)
  }

  /// target = (or +=) source.
  public static func copy(
    _ source: FloatBuffer, to target: FloatBuffer, accumulate: Bool, pool: ThreadPool
  ) {
    forEachRange([source, target], pool) { start, count in
      ck.copy(source.base + start, target.base + start, count, accumulate ? 1 : 0)
    }
  }

  /// y = (or +=) x · mask; without `accumulate`, y may be x.
  public static func multiply(
    x: FloatBuffer, mask: FloatBuffer, y: FloatBuffer, accumulate: Bool, pool: ThreadPool
  ) {
    forEachRange([x, mask, y], pool) { start, count in
      ck.multiply(x.base + start, mask.base + start, y.base + start, count, accumulate ? 1 : 0)
    }
  }

  /// Copies (or adds) channels [start, start + count) of x [rows, channels] to as many channels
  /// of y, whose row length and start are its own.
  public static func copyChannels(
    from x: FloatBuffer, channels: Int, start: Int, to y: FloatBuffer,
    channels yChannels: Int, start yStart: Int, count: Int, rows: Int, accumulate: Bool,
    pool: ThreadPool
  ) {
    precondition(count >= 0 && start >= 0 && yStart >= 0)
    precondition(start + count <= channels && yStart + count <= yChannels)
    _ = x.pointer(rows * channels, "the source")
    _ = y.pointer(rows * yChannels, "the target")
    pool.forEachRange(rows, length: max(1, Blocking.current.sixteenths(1) / max(count, 1))) {
      first, length in
      ck.copyColumns(
        x.base + first * channels + start, channels, y.base + first * yChannels + yStart,
        yChannels, count, length, accumulate ? 1 : 0)
    }
  }

  /// Copies x [rows, channels], as it is seen, to as many channels of y from `start` on.
  public static func copyChannels(
    from x: InputView, channels: Int, to y: FloatBuffer, channels yChannels: Int, start: Int,
    rows: Int, pool: ThreadPool
  ) {
    precondition(start >= 0 && start + channels <= yChannels)
    _ = x.values.pointer(rows * channels, "the source")
    _ = y.pointer(rows * yChannels, "the target")
    let tiles = RowTiles(rows: rows, channels: channels)
    pool.forEachTile(tiles.count) { tile, _ in
      let first = tiles.start(tile)
      var seen = x.seen(from: first * channels)
      ck.viewRows(
        &seen, y.base + first * yChannels + start, yChannels, tiles.length(tile), channels)
    }
  }

  /// target = (or +=) `count` channels of dy [rows, channels] from `start` on, masked as it asks.
  public static func copyChannels(
    from dy: FloatBuffer, channels: Int, start: Int, to target: GradientTarget, count: Int,
    rows: Int, pool: ThreadPool
  ) {
    precondition(start >= 0 && start + count <= channels && target.sums == nil)
    _ = dy.pointer(rows * channels, "the source")
    _ = target.values.pointer(rows * count, "the target")
    let tiles = RowTiles(rows: rows, channels: count)
    let merged = TileTarget(target, channels: count, tiles: tiles.count)
    pool.forEachTile(tiles.count) { tile, _ in
      let first = tiles.start(tile)
      merged.finish(
        tile, first, tiles.length(tile), result: dy.base + first * channels + start, step: channels)
    }
  }

  /// Floats of scratch that `columnSums` needs.
  public static func columnSumsScratchCount(rows: Int, channels: Int) -> Int {
    RowTiles(rows: rows, channels: channels).count * channels
  }

  /// sums = the sum down each column of x [rows, channels]; tiles are added in order.
  public static func columnSums(
    x: FloatBuffer, rows: Int, channels: Int, sums: FloatBuffer, scratch: FloatBuffer,
    pool: ThreadPool
  ) {
    let tiles = RowTiles(rows: rows, channels: channels)
    _ = x.pointer(rows * channels, "the matrix")
    _ = sums.pointer(channels, "sums")
    _ = scratch.pointer(tiles.count * channels, "scratch")
    pool.forEachTile(tiles.count) { tile, _ in
      ck.columnSums(
        x.base + tiles.start(tile) * channels, tiles.length(tile), channels,
        scratch.base + tile * channels, 0)
    }
    ck_merge_sums(scratch.base, tiles.count, channels, sums.base, channels)
  }

  /// Adds `row` to every row of y [rows, channels].
  public static func addRow(
    _ row: FloatBuffer, to y: FloatBuffer, rows: Int, channels: Int, pool: ThreadPool
  ) {
    _ = row.pointer(channels, "the row")
    _ = y.pointer(rows * channels, "the matrix")
    let tiles = RowTiles(rows: rows, channels: channels)
    pool.forEachTile(tiles.count) { tile, _ in
      ck.addRow(
        row.base, y.base + tiles.start(tile) * channels, tiles.length(tile), channels)
    }
  }

  static func forEachRange(
    _ buffers: [FloatBuffer], _ pool: ThreadPool, _ body: (_ start: Int, _ count: Int) -> Void
  ) {
    guard let count = buffers.first?.count else { return }
    for buffer in buffers {
      precondition(buffer.count == count, "buffers of \(count) and \(buffer.count) floats")
    }
    pool.forEachRange(count, length: Blocking.current.sixteenths(1), body)
  }
}
