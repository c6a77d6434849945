// SPDX-License-Identifier: Apache-2.0

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
    case view(InputView)
    case normalizationGradient(NormalizationGradient)
  }

  init(_ view: InputView, channels: Int) {
    values = UnsafePointer(view.values.base)
    self.channels = channels
    depthwise = view.depthwise
    _ = view.normalization?.scale.pointer(channels, "scale")
    _ = view.normalization?.shift.pointer(channels, "shift")
    form = view.normalization == nil && view.activation == nil ? .plain : .view(view)
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
    case .view(let view):
      var seen = view.seen(from: start * channels)
      ck.viewRows(&seen, target, channels, count, channels)
    case .normalizationGradient(let gradient):
      var normalization = ck_normalization(
        mean: gradient.mean.base, inverseDeviation: gradient.inverseDeviation.base,
        gamma: gradient.gamma?.base, sumOfGradients: gradient.sumOfGradients.base,
        sumOfProducts: gradient.sumOfProducts.base, inverseRows: 1 / Float(gradient.rows))
      ck.normalizationGradient(
        gradient.activations.base + start * channels, source, target, count, channels,
        &normalization, 0)
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
  /// What is made of an output, beside the ReLU, which micro-kernels apply.
  private let activation: Activation?
  private let mask: InputView?
  private let masksSum: Bool
  private let sums: GradientSums?
  private let moments: FloatBuffer?

  /// An output; `moments` are those of a batch norm behind it, laid out for `tiles` tiles.
  init(
    _ values: FloatBuffer, channels: Int, addend: FloatBuffer? = nil,
    activation: Activation? = nil, moments: FloatBuffer? = nil, tiles: Int
  ) {
    self.values = values.base
    self.channels = channels
    accumulate = false
    self.addend = addend.map { UnsafePointer($0.pointer(values.count, "what is added")) }
    self.activation = activation == .relu ? nil : activation
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
    activation = nil
    mask = target.mask
    masksSum = target.masksSum
    sums = target.sums
    moments = nil
    self.tiles = tiles
    _ = sums?.parts.pointer(tiles * 2 * channels, "sums")
  }

  private let tiles: Int

  /// Whether numbers are written, with what is added to them, and nothing else.
  var isPlain: Bool {
    mask == nil && sums == nil && moments == nil && activation == nil && !accumulate
  }

  /// Whether pixels have to be made elsewhere and merged.
  var needsTile: Bool { mask != nil }

  /// Ends a tile, pixels [start, start + count), whose numbers stand at `result`: in place, or in a
  /// tile of their own that is merged, `step` floats a pixel.
  func finish(
    _ tile: Int, _ start: Int, _ count: Int, result: UnsafeMutablePointer<Float>, step: Int? = nil
  ) {
    let at = start * channels
    activation?.apply(to: result, count: count * channels)
    if let moments {
      let part = moments.base + tile * 2 * channels
      ck.moments(values + at, count, channels, part, part + channels)
      moments[tiles * 2 * channels + tile] = Float(count)
    }
    let isInPlace = result == values + at
    guard mask != nil || sums != nil || !isInPlace else { return }
    let part = sums.map { $0.parts.base + tile * 2 * channels }
    var epilogue = ck_gradient_epilogue(
      mask: mask?.seen(from: at) ?? ck_view(), masksSum: mask != nil && masksSum ? 1 : 0,
      accumulate: accumulate && !isInPlace ? 1 : 0,
      activations: sums.map { UnsafePointer($0.activations.base + at) },
      mean: sums.map { UnsafePointer($0.mean.base) },
      inverseDeviation: sums.map { UnsafePointer($0.inverseDeviation.base) },
      gradients: part, products: part.map { $0 + channels })
    ck.mergeGradient(result, step ?? channels, &epilogue, values + at, count, channels)
  }
}
