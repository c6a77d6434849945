// SPDX-License-Identifier: Apache-2.0

/// One tensor that a graph owns: where it stands, how large it is, how it begins.
public struct Parameter: Hashable, Sendable {
  /// What a tensor is for, which decides how it begins and whether it learns.
  public enum Role: String, Hashable, Sendable, CaseIterable {
    case kernel
    case depthwiseKernel = "depthwise-kernel"
    case bias
    /// Batch norm's factor (gamma) and summand (beta).
    case scale
    case offset
    /// Batch norm's averages over batches; updated by the forward pass, never by the optimiser.
    case runningMean = "running-mean"
    case runningVariance = "running-variance"
  }

  /// The connections into and out of one unit of `count` consecutive numbers of a kernel; a
  /// segmented convolution has one entry a segment.
  public struct Fan: Hashable, Sendable {
    public var count: Int
    public var incoming: Int
    public var outgoing: Int
  }

  /// The op's path and the tensor's name, e.g. `stage1/unit2/block1/depthwise/kernel`.
  public var path: String
  public var shape: [Int]
  public var role: Role
  /// Empty for everything but kernels.
  public var fans: [Fan]
  /// Whether it is kept as it is although it could learn; see `Graph.freezingBase`.
  public var isFrozen = false

  public init(path: String, shape: [Int], role: Role, fans: [Fan] = []) {
    self.path = path
    self.shape = shape
    self.role = role
    self.fans = fans
  }

  public var count: Int { shape.reduce(1, *) }

  /// Whether the optimiser changes it.
  public var isTrainable: Bool {
    !isFrozen && role != .runningMean && role != .runningVariance
  }
}
