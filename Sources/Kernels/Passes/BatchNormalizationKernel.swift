// SPDX-License-Identifier: Apache-2.0

import CKernels

/// The passes of batch normalisation over a matrix [rows, channels].
///
/// Sums are made in tiles of rows fixed by the size, then added in tile order in double
/// precision, so that any number of threads gives the same bits.
public enum BatchNormalizationKernel {
  /// Floats of scratch that `statistics` and `gradientSums` need.
  public static func scratchCount(rows: Int, channels: Int) -> Int {
    RowTiles(rows: rows, channels: channels).count * (2 * channels + 1)
  }

  /// Mean and biased variance of every channel.
  ///
  /// Each tile takes distances from its own first row and tiles are merged by their means, so a
  /// mean far larger than the deviation costs no digits. Zero rows give zeros.
  public static func statistics(
    x: FloatBuffer, rows: Int, channels: Int, mean: FloatBuffer, variance: FloatBuffer,
    scratch: FloatBuffer, pool: ThreadPool
  ) {
    let tiles = RowTiles(rows: rows, channels: channels)
    check([x], rows: rows, channels: channels, columns: [mean, variance], scratch: scratch)
    pool.forEachTile(tiles.count) { tile, _ in
      let part = scratch.base + tile * 2 * channels
      ck.moments(
        x.base + tiles.start(tile) * channels, tiles.length(tile), channels, part,
        part + channels)
      scratch[tiles.count * 2 * channels + tile] = Float(tiles.length(tile))
    }
    mergeMoments(
      scratch, tiles: tiles.count, channels: channels, mean: mean, variance: variance, pool: pool)
  }

  /// Mean and biased variance from what a producer left for each of its tiles: means, sums of
  /// squared distances, and behind all of them how many rows each tile has.
  public static func mergeMoments(
    _ parts: FloatBuffer, tiles: Int, channels: Int, mean: FloatBuffer, variance: FloatBuffer,
    pool: ThreadPool
  ) {
    let base = parts.pointer(tiles * (2 * channels + 1), "parts")
    pool.forEachRange(channels, length: 64) { start, count in
      ck_merge_moments(
        base + start, base + tiles * 2 * channels, tiles, 2 * channels, channels,
        mean.base + start, variance.base + start, count)
    }
  }

  /// Σ dy and Σ dy · x̂ from what the writer of dy left for each of its tiles.
  public static func mergeSums(
    _ parts: FloatBuffer, tiles: Int, channels: Int, sumOfGradients: FloatBuffer,
    sumOfProducts: FloatBuffer
  ) {
    let base = parts.pointer(tiles * 2 * channels, "parts")
    ck_merge_sums(base, tiles, 2 * channels, sumOfGradients.base, channels)
    ck_merge_sums(base + channels, tiles, 2 * channels, sumOfProducts.base, channels)
  }

  /// y = x · scale + shift, by channel; y may be x.
  public static func scaleAndShift(
    x: FloatBuffer, rows: Int, channels: Int, scale: FloatBuffer, shift: FloatBuffer,
    y: FloatBuffer, pool: ThreadPool
  ) {
    check([x, y], rows: rows, channels: channels, columns: [scale, shift], scratch: nil)
    let tiles = RowTiles(rows: rows, channels: channels)
    pool.forEachTile(tiles.count) { tile, _ in
      let start = tiles.start(tile) * channels
      var seen = ck_view(
        values: x.base + start, scale: scale.base, shift: shift.base, activation: ck_linear)
      ck.viewRows(&seen, y.base + start, channels, tiles.length(tile), channels)
    }
  }

  /// Σ dy and Σ dy · x̂ of every channel, x̂ = (x − mean) · inverseDeviation.
  public static func gradientSums(
    x: FloatBuffer, dy: FloatBuffer, rows: Int, channels: Int, mean: FloatBuffer,
    inverseDeviation: FloatBuffer, sumOfGradients: FloatBuffer, sumOfProducts: FloatBuffer,
    scratch: FloatBuffer, pool: ThreadPool
  ) {
    let tiles = RowTiles(rows: rows, channels: channels)
    check(
      [x, dy], rows: rows, channels: channels,
      columns: [mean, inverseDeviation, sumOfGradients, sumOfProducts], scratch: scratch)
    pool.forEachTile(tiles.count) { tile, _ in
      let start = tiles.start(tile) * channels
      let part = scratch.base + tile * 2 * channels
      ck.normalizationSums(
        x.base + start, dy.base + start, tiles.length(tile), channels, mean.base,
        inverseDeviation.base, part, part + channels)
    }
    mergeSums(
      scratch, tiles: tiles.count, channels: channels, sumOfGradients: sumOfGradients,
      sumOfProducts: sumOfProducts)
  }

  /// dx = (or +=) gamma · inverseDeviation · (dy − Σdy / rows − x̂ · Σ(dy · x̂) / rows); gamma 1
  /// when nil. dx may be dy.
  public static func inputGradient(
    x: FloatBuffer, dy: FloatBuffer, rows: Int, channels: Int, mean: FloatBuffer,
    inverseDeviation: FloatBuffer, gamma: FloatBuffer?, sumOfGradients: FloatBuffer,
    sumOfProducts: FloatBuffer, dx: FloatBuffer, accumulate: Bool, pool: ThreadPool
  ) {
    check(
      [x, dy, dx], rows: rows, channels: channels,
      columns: [mean, inverseDeviation, sumOfGradients, sumOfProducts], scratch: nil)
    let normalization = ck_normalization(
      mean: mean.base, inverseDeviation: inverseDeviation.base,
      gamma: gamma?.pointer(channels, "gamma"), sumOfGradients: sumOfGradients.base,
      sumOfProducts: sumOfProducts.base, inverseRows: 1 / Float(rows))
    let tiles = RowTiles(rows: rows, channels: channels)
    pool.forEachTile(tiles.count) { tile, _ in
      let start = tiles.start(tile) * channels
      withUnsafePointer(to: normalization) {
        ck.normalizationGradient(
          x.base + start, dy.base + start, dx.base + start, tiles.length(tile), channels, $0,
          accumulate ? 1 : 0)
      }
    }
  }

  private static func check(
    _ matrices: [FloatBuffer], rows: Int, channels: Int, columns: [FloatBuffer],
    scratch: FloatBuffer?
  ) {
    precondition(rows >= 0 && channels > 0)
    for matrix in matrices { _ = matrix.pointer(rows * channels, "a matrix") }
    for column in columns { _ = column.pointer(channels, "a value per channel") }
    _ = scratch?.pointer(scratchCount(rows: rows, channels: channels), "scratch")
  }
}
