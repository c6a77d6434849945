import CKernels

/// Reads runs of pixels as a view shows them.
struct TileSource {
  let values: UnsafePointer<Float>
  let channels: Int
  /// A depthwise convolution of what is read.
  let depthwise: DepthwiseView?
  private let form: Form

  private enum Form {
    case plain
    case view(
      scale: UnsafePointer<Float>?, shift: UnsafePointer<Float>?, isRectified: Bool)
    case normalizationGradient(NormalizationGradient)
  }

  init(_ view: InputView, channels: Int) {
    values = UnsafePointer(view.values.base)
    self.channels = channels
    depthwise = view.depthwise
    let normalization = view.normalization
    form =
      normalization == nil && !view.isRectified
      ? .plain
      : .view(
        scale: normalization.map { UnsafePointer($0.scale.pointer(channels, "scale")) },
        shift: normalization.map { UnsafePointer($0.shift.pointer(channels, "shift")) },
        isRectified: view.isRectified)
  }

  init(_ view: GradientView, channels: Int) {
    values = UnsafePointer(view.values.base)
    self.channels = channels
    depthwise = nil
    form = view.normalization.map { .normalizationGradient($0) } ?? .plain
  }

  var isPlain: Bool { if case .plain = form { true } else { false } }

  /// Copies pixels [start, start + count) to `target` as they are seen.
  func copy(_ start: Int, _ count: Int, to target: UnsafeMutablePointer<Float>) {
    let source = values + start * channels
    switch form {
    case .plain: target.update(from: source, count: count * channels)
    case .view(let scale, let shift, let isRectified):
      ck_view_rows(
        source, scale, shift, isRectified ? 1 : 0, target, channels, count, channels)
    case .normalizationGradient(let gradient):
      ck_normalization_gradient(
        gradient.activations.base + start * channels, source, target, count, channels,
        gradient.mean.base, gradient.inverseDeviation.base, gradient.gamma?.base,
        gradient.sumOfGradients.base, gradient.sumOfProducts.base, 1 / Float(gradient.rows), 0)
    }
  }

  /// The pixels where they lie if they are plain, else, or where `isCopied`, a copy of them.
  func pixels(
    _ start: Int, _ count: Int, copy: UnsafeMutablePointer<Float>, isCopied: Bool = false
  ) -> UnsafePointer<Float> {
    guard isCopied || !isPlain else { return values + start * channels }
    self.copy(start, count, to: copy)
    return UnsafePointer(copy)
  }
}

/// Takes finished runs of pixels, while they are still in the cache.
struct TileTarget {
  let values: UnsafeMutablePointer<Float>
  let channels: Int
  let accumulate: Bool
  /// What is added to an output before it is written.
  let addend: UnsafePointer<Float>?
  private let mask: InputView?
  private let masksSum: Bool
  private let sums: GradientSums?
  private let moments: FloatBuffer?

  /// An output; `moments` are those of a batch norm behind it, laid out for `tiles` tiles.
  init(
    _ values: FloatBuffer, channels: Int, addend: FloatBuffer? = nil, moments: FloatBuffer? = nil,
    tiles: Int
  ) {
    self.values = values.base
    self.channels = channels
    accumulate = false
    self.addend = addend.map { UnsafePointer($0.pointer(values.count, "what is added")) }
    mask = nil
    masksSum = false
    sums = nil
    self.moments = moments
    _ = moments?.pointer(tiles * (2 * channels + 1), "moments")
    self.tiles = tiles
  }

  init(_ target: GradientTarget, channels: Int, tiles: Int) {
    values = target.values.base
    self.channels = channels
    accumulate = target.accumulate
    addend = nil
    mask = target.mask
    masksSum = target.masksSum
    sums = target.sums
    moments = nil
    self.tiles = tiles
    _ = sums?.parts.pointer(tiles * 2 * channels, "sums")
  }

  private let tiles: Int

  /// Whether numbers are written, with what is added to them, and nothing else.
  var isPlain: Bool { mask == nil && sums == nil && moments == nil && !accumulate }

  /// Whether pixels have to be made elsewhere and merged.
  var needsTile: Bool { mask != nil }

  /// Ends a tile, pixels [start, start + count), whose numbers stand at `result`: in place, or in a
  /// tile of their own that is merged, `step` floats a pixel.
  func finish(
    _ tile: Int, _ start: Int, _ count: Int, result: UnsafeMutablePointer<Float>, step: Int? = nil
  ) {
    let at = start * channels
    if let moments {
      let part = moments.base + tile * 2 * channels
      ck_moments(values + at, count, channels, part, part + channels)
      moments[tiles * 2 * channels + tile] = Float(count)
    }
    let isInPlace = result == values + at
    guard mask != nil || sums != nil || !isInPlace else { return }
    let part = sums.map { $0.parts.base + tile * 2 * channels }
    ck_merge_gradient(
      result, step ?? channels, mask.map { UnsafePointer($0.values.base + at) },
      mask?.normalization.map { UnsafePointer($0.scale.base) },
      mask?.normalization.map { UnsafePointer($0.shift.base) },
      mask == nil ? 0 : masksSum ? 2 : 1,
      values + at, count, channels, accumulate && !isInPlace ? 1 : 0,
      sums.map { UnsafePointer($0.activations.base + at) }, sums?.mean.base,
      sums?.inverseDeviation.base, part, part.map { $0 + channels })
  }
}
