// SPDX-License-Identifier: Apache-2.0

import CKernels

/// A function of each number alone, applied as numbers are read, or before they leave the cache. Its
/// formula and its derivative stand in CKernels' `loops/activation_width.h`. NaN stays NaN.
public enum Activation: String, CaseIterable, Sendable {
  /// max(x, 0); its derivative at 0 is 0.
  case relu = "ReLU"
  /// x where positive, eˣ − 1 elsewhere.
  case elu = "ELU"
  /// x · Φ(x), Φ being the normal distribution.
  case gelu = "GELU"
  /// x / (1 + e⁻ˣ), also called swish.
  case silu = "SiLU"
  /// x · min(max(x + 3, 0), 6) / 6; its derivative at −3 is 0, at 3 it is 1.
  case hardSwish = "hard-swish"

  var code: ck_activation {
    switch self {
    case .relu: ck_relu
    case .elu: ck_elu
    case .gelu: ck_gelu
    case .silu: ck_silu
    case .hardSwish: ck_hard_swish
    }
  }

  /// Applies it to `count` numbers in place.
  func apply(to values: UnsafeMutablePointer<Float>, count: Int) {
    var view = ck_view(values: values, scale: nil, shift: nil, activation: code)
    ck.viewRows(&view, values, count, 1, count)
  }

  /// y = what the view shows of a matrix [rows, channels]; y may be its memory.
  public static func copy(
    _ view: InputView, to y: FloatBuffer, rows: Int, channels: Int, pool: ThreadPool
  ) {
    _ = view.values.pointer(rows * channels, "the input")
    _ = y.pointer(rows * channels, "the output")
    let source = TileSource(view, channels: channels)
    let tiles = RowTiles(rows: rows, channels: channels)
    pool.forEachTile(tiles.count) { tile, _ in
      let start = tiles.start(tile)
      source.copy(start, tiles.length(tile), to: y.base + start * channels)
    }
  }
}
