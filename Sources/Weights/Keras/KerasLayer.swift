// SPDX-License-Identifier: Apache-2.0

/// A layer as Keras has it, with its weights in Keras' order.
public struct KerasLayer: Equatable, Sendable {
  /// Layers that have weights.
  public enum Kind: String, Sendable, CaseIterable {
    case conv2D = "Conv2D"
    case depthwiseConv2D = "DepthwiseConv2D"
    case separableConv2D = "SeparableConv2D"
    case batchNormalization = "BatchNormalization"
    case dense = "Dense"

    /// The class name as Keras 3 writes it in paths and in names that it makes up.
    public var key: String {
      switch self {
      case .conv2D: "conv2d"
      case .depthwiseConv2D: "depthwise_conv2d"
      case .separableConv2D: "separable_conv2d"
      case .batchNormalization: "batch_normalization"
      case .dense: "dense"
      }
    }
  }

  /// One array of a layer.
  public struct Weight: Equatable, Sendable {
    public var role: KerasRole
    public var shape: [Int]
    /// Its position in `Graph.parameters`.
    public var parameter: Int
  }

  public var kind: Kind
  /// As in Keras' published network, or as Keras would make it up: `block2_sepconv1`, `conv2d_1`.
  public var name: String
  /// Where `.weights.h5` keeps it: the class with a counter, `conv2d_1`.
  public var key: String
  public var weights: [Weight]
}

/// What an array of a Keras layer is, by the name that Keras 2 and 3 give it.
public enum KerasRole: String, Codable, Sendable, CaseIterable {
  case kernel
  case depthwiseKernel = "depthwise_kernel"
  case pointwiseKernel = "pointwise_kernel"
  case bias
  case gamma
  case beta
  case movingMean = "moving_mean"
  case movingVariance = "moving_variance"

  /// The role that a name in a file ends in, or nil: `conv1/kernel:0`, `convolution2d_1_W:0`.
  ///
  /// Keras 1's `running_std` holds the variance in spite of its name.
  public init?(inName name: String) {
    let last = name.split(separator: "/").last ?? ""
    let stem = last.split(separator: ":").first.map(String.init) ?? ""
    let endings: [(String, KerasRole)] = [
      ("depthwise_kernel", .depthwiseKernel), ("pointwise_kernel", .pointwiseKernel),
      ("kernel", .kernel), ("W", .kernel), ("bias", .bias), ("b", .bias), ("gamma", .gamma),
      ("beta", .beta), ("moving_mean", .movingMean), ("running_mean", .movingMean),
      ("moving_variance", .movingVariance), ("running_std", .movingVariance),
      ("running_variance", .movingVariance),
    ]
    let match = endings.first { stem == $0.0 || stem.hasSuffix("_\($0.0)") }
    guard let match else { return nil }
    self = match.1
  }
}
