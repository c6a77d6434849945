// SPDX-License-Identifier: Apache-2.0

/// How the pixels of a picture become the input of a network: which part is looked at, how it is
/// brought to size, and what the bytes turn into. A value and nothing else, so that a network can
/// state it and a data set can hold it.
///
/// ```json
/// {"size": 299, "resize": "central-fraction", "fraction": 0.875, "filter": "bilinear",
///  "scaling": "signed"}
/// {"size": 224, "resize": "shorter-side", "shorterSide": 256, "scaling": "caffe"}
/// {"size": 32, "scaling": "standardized", "mean": [0.5, 0.5, 0.5], "deviation": [0.25, 0.25, 0.25]}
/// ```
public struct PicturePreprocessing: Hashable, Sendable {
  /// Which part of the picture is looked at, and when it is resized.
  public enum Resize: Hashable, Sendable {
    /// The middle of the picture, this share of each side, squeezed to the input's size: the sides'
    /// proportion is lost, as in TensorFlow's evaluation of Inception.
    case centralFraction(Double)
    /// The whole picture brought to so many pixels along its shorter side, then the middle cut out.
    case shorterSide(Int)
  }

  /// How pixels are weighed; both stretch over all pixels that are merged.
  public enum Filter: String, CaseIterable, Sendable {
    case bilinear
    case bicubic
  }

  /// What a byte becomes.
  public enum Scaling: Hashable, Sendable {
    /// byte / 127.5 − 1, in −1…1: Inception V3 and Xception.
    case signed
    /// Blue, green, red, less the means 103.939, 116.779 and 123.68: VGG and the first ResNets.
    case caffe
    /// (byte / 255 − mean) / deviation for red, green and blue.
    case standardized(mean: [Double], deviation: [Double])
  }

  /// Height and width of the network's input.
  public var size: Int
  public var resize: Resize
  public var filter: Filter
  public var scaling: Scaling

  public init(size: Int, resize: Resize, filter: Filter, scaling: Scaling) {
    self.size = size
    self.resize = resize
    self.filter = filter
    self.scaling = scaling
  }

  /// The published evaluation of Inception V3, which Xception shares: the central 87.5 %, resized
  /// bilinearly, −1…1.
  ///
  /// Source: C. Szegedy et al., "Rethinking the Inception Architecture", 2016; the fraction and the
  /// filter are those of its authors' TensorFlow code.
  /// Differs from the code: the resizing is antialiased, as every library's is today.
  public static func inception(size: Int = 299) -> PicturePreprocessing {
    PicturePreprocessing(
      size: size, resize: .centralFraction(0.875), filter: .bilinear, scaling: .signed)
  }

  /// The published evaluation of VGG-16 and ResNet-152 at one crop: shorter side 256, the middle
  /// 224×224, Caffe's colours; at other sizes the same proportion.
  ///
  /// Source: K. Simonyan and A. Zisserman, 2015; K. He et al., 2016. Neither names the filter;
  /// bilinear is Caffe's.
  public static func caffe(size: Int = 224) -> PicturePreprocessing {
    PicturePreprocessing(
      size: size, resize: .shorterSide(shorterSide(for: size)), filter: .bilinear,
      scaling: .caffe)
  }

  private static func shorterSide(for size: Int) -> Int { (size * 8 + 3) / 7 }
}

// MARK: Reading and recording

extension PicturePreprocessing {
  private enum ResizeName: String, CaseIterable {
    case centralFraction = "central-fraction"
    case shorterSide = "shorter-side"
  }

  private enum ScalingName: String, CaseIterable { case signed, caffe, standardized }

  /// Reads the fields that stand there; the others are those of `fallback`.
  ///
  /// - Throws: the field and its rule.
  public init(
    _ fields: inout Fields, default fallback: PicturePreprocessing
  ) throws(SettingsError) {
    self = fallback
    size = try fields.integer(
      "size", default: fallback.size, in: 1...2048, "height and width of the network's input")
    filter = try fields.choice(
      "filter", default: fallback.filter, "how pixels are weighed when a picture is resized")
    resize = try Self.resize(&fields, size: size, fallback: fallback)
    scaling = try Self.scaling(&fields, fallback: fallback.scaling)
  }

  private static func resize(
    _ fields: inout Fields, size: Int, fallback: PicturePreprocessing
  ) throws(SettingsError) -> Resize {
    let own: ResizeName =
      if case .centralFraction = fallback.resize { .centralFraction } else { .shorterSide }
    let name = try fields.choice(
      "resize", default: own, "which part is looked at, and when it is resized")
    switch name {
    case .centralFraction:
      var fraction = 0.875
      if case .centralFraction(let known) = fallback.resize { fraction = known }
      return .centralFraction(
        try fields.number(
          "fraction", default: fraction, in: 0.01...1, "share of each side, from the middle"))
    case .shorterSide:
      var side = shorterSide(for: size)
      if case .shorterSide(let known) = fallback.sized(size).resize { side = known }
      side = try fields.integer(
        "shorterSide", default: side, in: 1...4096, "pixels of the shorter side before the cut")
      guard side >= size else {
        throw fields.error("shorterSide", "must be at least the size, \(size)")
      }
      return .shorterSide(side)
    }
  }

  private static func scaling(
    _ fields: inout Fields, fallback: Scaling
  ) throws(SettingsError) -> Scaling {
    let own: ScalingName =
      switch fallback {
      case .signed: .signed
      case .caffe: .caffe
      case .standardized: .standardized
      }
    switch try fields.choice("scaling", default: own, "what a byte becomes") {
    case .signed: return .signed
    case .caffe: return .caffe
    case .standardized:
      var (mean, deviation) = ([Double](), [Double]())
      if case .standardized(let knownMean, let knownDeviation) = fallback {
        (mean, deviation) = (knownMean, knownDeviation)
      }
      return .standardized(
        mean: try colours(
          "mean", &fields, default: mean, in: 0...1, "what is taken from red, green and blue"),
        deviation: try colours(
          "deviation", &fields, default: deviation, in: 0.001...10,
          "what red, green and blue are then divided by"))
    }
  }

  /// Three numbers, for red, green and blue.
  private static func colours(
    _ name: String, _ fields: inout Fields, default fallback: [Double],
    in range: ClosedRange<Double>, _ summary: String
  ) throws(SettingsError) -> [Double] {
    let numbers =
      try fields.list(
        name, .numbers(count: 3, in: range),
        default: fallback.isEmpty ? nil : .array(fallback.map(JSON.number)), summary)?
      .map { $0.numberValue ?? .nan } ?? fallback
    guard numbers.count == 3, numbers.allSatisfy(range.contains) else {
      throw fields.error(
        name,
        "must be three numbers, for red, green and blue, each from \(range.lowerBound) to "
          + "\(range.upperBound)")
    }
    return numbers
  }
}
