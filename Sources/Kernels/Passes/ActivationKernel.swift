import CKernels

/// Activation functions and their gradients, written in terms of the output y, so that the input
/// need not be kept. Buffers of one call are equally long; y may be x, dx may be dy.
public enum ActivationKernel {
  /// y = max(x, 0); NaN stays NaN.
  public static func relu(x: FloatBuffer, y: FloatBuffer, pool: ThreadPool) {
    ElementwiseKernel.forEachRange([x, y], pool) { start, count in
      ck.relu(x.base + start, y.base + start, count)
    }
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

  /// dx = (or +=) dy where y > 0, else 0.
  public static func reluGradient(
    y: FloatBuffer, dy: FloatBuffer, dx: FloatBuffer, accumulate: Bool, pool: ThreadPool
  ) {
    ElementwiseKernel.forEachRange([y, dy, dx], pool) { start, count in
      ck.reluGradient(
        y.base + start, dy.base + start, dx.base + start, count, accumulate ? 1 : 0)
    }
  }

  /// y = x where x > 0, else exp(x) − 1.
  public static func elu(x: FloatBuffer, y: FloatBuffer, pool: ThreadPool) {
    ElementwiseKernel.forEachRange([x, y], pool) { start, count in
      ck.elu(x.base + start, y.base + start, count)
    }
  }

  /// dx = (or +=) dy where y > 0, else dy · (y + 1).
  public static func eluGradient(
    y: FloatBuffer, dy: FloatBuffer, dx: FloatBuffer, accumulate: Bool, pool: ThreadPool
  ) {
    ElementwiseKernel.forEachRange([y, dy, dx], pool) { start, count in
      ck.eluGradient(
        y.base + start, dy.base + start, dx.base + start, count, accumulate ? 1 : 0)
    }
  }
}
