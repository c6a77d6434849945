// SPDX-License-Identifier: Apache-2.0

import Settings

/// What one of Keras' layers computes, by its class and configuration.
enum KerasLayerReader {
  /// The ops of a layer, each reading the one before.
  ///
  /// - Parameters:
  ///   - isKeras: whether the class is Keras' own and not one that a user called the same.
  static func ops(_ className: String, _ configuration: JSON, isKeras: Bool) -> [KerasOp] {
    let stranger = [KerasOp.unknown("a \(printable(className)), which no network here has")]
    guard isKeras else { return stranger }
    if idle.contains(className) { return [.nothing] }
    var fields = LayerFields(configuration)
    do throws(KerasRefusal) {
      guard let ops = try read(className, &fields) else { return stranger }
      try fields.require("data_format", { $0 == "channels_last" || $0 == "tf" }, "channels_last")
      try fields.finish()
      return ops
    } catch {
      return [.unknown("a \(printable(className)) whose \(error.rule)")]
    }
  }

  /// - Returns: nil for a class that is not known.
  private static func read(
    _ className: String, _ fields: inout LayerFields
  ) throws(KerasRefusal) -> [KerasOp]? {
    switch className {
    case "Conv2D", "Convolution2D": return try convolution(&fields)
    case "SeparableConv2D", "SeparableConvolution2D": return try separable(&fields)
    case "DepthwiseConv2D": return try depthwise(&fields)
    case "Dense": return try dense(&fields)
    case "BatchNormalization", "BatchNormalizationV1", "BatchNormalizationV2":
      return try batchNormalization(&fields)
    case "MaxPooling2D": return [.maxPool(try pool(&fields))]
    case "AveragePooling2D": return [.averagePool(try pool(&fields))]
    case "GlobalAveragePooling2D":
      _ = try fields.flag("keepdims", default: false)
      return [.globalAveragePool]
    case "Activation", "ReLU", "ELU", "Softmax":
      return [try KerasActivation.layer(className, &fields)]
    case "Relu": return [.activation("relu")]
    case "Add": return [.addition]
    case "Concatenate": return [try concatenation(&fields)]
    case "Merge": return [try merge(&fields)]
    case "Flatten": return [.flatten]
    case "ZeroPadding2D": return [try padding(&fields)]
    case "Rescaling": return [try rescaling(&fields)]
    case "Normalization": return [try normalization(&fields)]
    default: return nil
    }
  }

  /// Layers that do nothing when a network answers.
  private static let idle: Set<String> = [
    "Dropout", "SpatialDropout2D", "GaussianNoise", "GaussianDropout", "AlphaDropout",
    "ActivityRegularization", "Identity", "RandomFlip", "RandomRotation", "RandomTranslation",
    "RandomZoom", "RandomContrast", "RandomBrightness", "RandomShear", "RandomErasing",
    "RandomHue", "RandomSaturation", "RandomColorJitter", "RandomGrayscale", "RandomSharpness",
    "RandomGaussianBlur",
  ]
}

// MARK: Layers with weights

extension KerasLayerReader {
  private static func convolution(
    _ fields: inout LayerFields
  ) throws(KerasRefusal) -> [KerasOp] {
    let op = KerasOp.convolution(
      try window(&fields), filters: try fields.count("filters"),
      groups: try fields.count("groups", default: 1),
      hasBias: try fields.flag("use_bias", default: true))
    return [op] + (try KerasActivation.field(&fields))
  }

  private static func separable(
    _ fields: inout LayerFields
  ) throws(KerasRefusal) -> [KerasOp] {
    try fields.require("groups", { $0 == 1 }, "1")
    let spatial = KerasOp.depthwiseConvolution(
      try window(&fields), multiplier: try fields.count("depth_multiplier", default: 1),
      hasBias: false)
    let mixed = KerasOp.convolution(
      KerasWindow(kernel: [1, 1], stride: [1, 1], padding: "valid"),
      filters: try fields.count("filters"), groups: 1,
      hasBias: try fields.flag("use_bias", default: true))
    return [spatial, mixed] + (try KerasActivation.field(&fields))
  }

  private static func depthwise(
    _ fields: inout LayerFields
  ) throws(KerasRefusal) -> [KerasOp] {
    try fields.require("groups", { $0 == 1 }, "1")
    let op = KerasOp.depthwiseConvolution(
      try window(&fields), multiplier: try fields.count("depth_multiplier", default: 1),
      hasBias: try fields.flag("use_bias", default: true))
    return [op] + (try KerasActivation.field(&fields))
  }

  private static func dense(
    _ fields: inout LayerFields
  ) throws(KerasRefusal) -> [KerasOp] {
    let op = KerasOp.dense(
      units: try fields.count("units"), hasBias: try fields.flag("use_bias", default: true))
    return [op] + (try KerasActivation.field(&fields))
  }

  private static func batchNormalization(
    _ fields: inout LayerFields
  ) throws(KerasRefusal) -> [KerasOp] {
    // A list of one axis, as TensorFlow writes it, or the axis.
    try fields.require(
      "axis", { axis in [-1, 3].contains { axis == $0 || axis == .array([$0]) } },
      "that of the channels, 3 or -1")
    try fields.require("mode", { $0 == 0 }, "0")
    let epsilon = try fields.number("epsilon", default: 1e-3)
    guard epsilon > 0, epsilon <= 1 else {
      throw KerasRefusal(rule: "epsilon is \(epsilon); it must be above 0 and at most 1")
    }
    return [
      .batchNormalization(
        epsilon: epsilon, hasScale: try fields.flag("scale", default: true),
        hasOffset: try fields.flag("center", default: true))
    ]
  }
}

// MARK: Layers without weights

extension KerasLayerReader {
  private static func window(_ fields: inout LayerFields) throws(KerasRefusal) -> KerasWindow {
    KerasWindow(
      kernel: try fields.pair("kernel_size"), stride: try fields.pair("strides", default: [1, 1]),
      dilation: try fields.pair("dilation_rate", default: [1, 1]),
      padding: try fields.word("padding", default: "valid"))
  }

  private static func pool(_ fields: inout LayerFields) throws(KerasRefusal) -> KerasWindow {
    let kernel = try fields.pair("pool_size", default: [2, 2])
    return KerasWindow(
      kernel: kernel, stride: try fields.pair("strides", default: kernel),
      padding: try fields.word("padding", default: "valid"))
  }

  private static func concatenation(
    _ fields: inout LayerFields
  ) throws(KerasRefusal) -> KerasOp {
    try fields.require("axis", { $0 == -1 || $0 == 3 }, "that of the channels, 3 or -1")
    return .concatenation
  }

  /// Keras 1's layer that joins others.
  private static func merge(_ fields: inout LayerFields) throws(KerasRefusal) -> KerasOp {
    let mode = try fields.word("mode", default: "sum")
    for name in ["mode_type", "dot_axes", "output_shape_type", "output_mask_type", "arguments"] {
      _ = fields.value(name)
    }
    switch mode {
    case "sum":
      _ = fields.value("axis")
      return .addition
    case "concat": return try concatenation(&fields)
    default: throw fields.refusal("mode", .string(mode), "sum or concat")
    }
  }

  /// A number, two of them, or two pairs: top and bottom, left and right.
  private static func padding(_ fields: inout LayerFields) throws(KerasRefusal) -> KerasOp {
    guard let value = fields.value("padding") else {
      return .padding(top: 1, bottom: 1, left: 1, right: 1)
    }
    let sides: [[Int]] =
      value.integerValue.map { [[$0, $0], [$0, $0]] }
      ?? (value.items ?? []).map { side in
        side.integerValue.map { [$0, $0] } ?? side.items?.compactMap(\.integerValue) ?? []
      }
    guard sides.count == 2, sides.allSatisfy({ $0.count == 2 }),
      sides.joined().allSatisfy({ (0...1 << 16).contains($0) })
    else { throw fields.refusal("padding", value, "zeros for every side") }
    return .padding(top: sides[0][0], bottom: sides[0][1], left: sides[1][0], right: sides[1][1])
  }

  private static func rescaling(_ fields: inout LayerFields) throws(KerasRefusal) -> KerasOp {
    func numbers(_ name: String, default fallback: Double) throws(KerasRefusal) -> [Double] {
      guard let value = fields.value(name) else { return [fallback] }
      if let number = value.numberValue { return [number] }
      let numbers = value.items?.compactMap(\.numberValue) ?? []
      guard !numbers.isEmpty, numbers.count == value.items?.count else {
        throw fields.refusal(name, value, "a number, or one a channel")
      }
      return numbers
    }
    let scale = try numbers("scale", default: 1)
    let offset = try numbers("offset", default: 0)
    guard scale.allSatisfy({ $0 != 0 }) else { throw KerasRefusal(rule: "scale is 0") }
    return .rescaling(scale: scale, offset: offset)
  }

  private static func normalization(_ fields: inout LayerFields) throws(KerasRefusal) -> KerasOp {
    try fields.require(
      "axis", { axis in [-1, 3].contains { axis == $0 || axis == .array([$0]) } },
      "that of the channels, 3 or -1")
    try fields.require("invert", { $0 == false }, "false")
    let (mean, variance) = (fields.value("mean"), fields.value("variance"))
    guard let mean, let variance else { return .normalization }
    let (means, variances) = (mean.numbers, variance.numbers)
    guard means.count == variances.count || min(means.count, variances.count) == 1,
      variances.allSatisfy({ $0 >= 0 })
    else { throw fields.refusal("mean", mean, "numbers, with the variances") }
    return Front.normalization(mean: means, variance: variances)
  }
}

extension JSON {
  /// All numbers in a number, a list, or lists of lists.
  fileprivate var numbers: [Double] {
    numberValue.map { [$0] } ?? (items ?? []).flatMap(\.numbers)
  }
}
