// SPDX-License-Identifier: Apache-2.0

import CKernels

/// An input as a pass sees it: the numbers in memory, or a batch norm of them, or an activation of
/// either, applied on the way into the cache and stored nowhere.
public struct InputView: Sendable {
  /// What lies in memory.
  public var values: FloatBuffer
  /// By channel; nil leaves the numbers as they are.
  public var normalization: (scale: FloatBuffer, shift: FloatBuffer)?
  public var activation: Activation?
  /// A depthwise convolution of all that, which the reader makes tile by tile.
  public var depthwise: DepthwiseView?

  public init(
    _ values: FloatBuffer, normalization: (scale: FloatBuffer, shift: FloatBuffer)? = nil,
    activation: Activation? = nil, depthwise: DepthwiseView? = nil
  ) {
    self.values = values
    self.normalization = normalization
    self.activation = activation
    self.depthwise = depthwise
  }

  /// The view without its depthwise convolution, from a number on, for the micro-kernels.
  func seen(from start: Int) -> ck_view {
    ck_view(
      values: values.base + start, scale: normalization.map { UnsafePointer($0.scale.base) },
      shift: normalization.map { UnsafePointer($0.shift.base) },
      activation: activation?.code ?? ck_linear)
  }
}

/// A depthwise convolution that its reader makes.
public struct DepthwiseView: Sendable {
  public var geometry: WindowGeometry
  /// [kH, kW, channels], or what a `ConvolutionKernel` packs.
  public var kernel: FloatBuffer
  /// Whether the kernel is packed, with a bias.
  public var isPacked: Bool
  /// What is made of its output.
  public var activation: Activation?

  public init(
    _ geometry: WindowGeometry, kernel: FloatBuffer, isPacked: Bool = false,
    activation: Activation? = nil
  ) {
    self.geometry = geometry
    self.kernel = kernel
    self.isPacked = isPacked
    self.activation = activation
  }
}

/// The gradient of an output as a pass sees it: the numbers in memory, or what a batch norm behind
/// the output makes of them.
public struct GradientView: Sendable {
  /// What lies in memory: the output's gradient, or that of the batch norm's output.
  public var values: FloatBuffer
  public var normalization: NormalizationGradient?

  public init(_ values: FloatBuffer, normalization: NormalizationGradient? = nil) {
    self.values = values
    self.normalization = normalization
  }
}

/// What the input gradient of a batch norm is made of.
public struct NormalizationGradient: Sendable {
  /// The batch norm's input.
  public var activations: FloatBuffer
  public var rows: Int
  public var mean, inverseDeviation: FloatBuffer
  /// Nil stands for ones.
  public var gamma: FloatBuffer?
  public var sumOfGradients, sumOfProducts: FloatBuffer

  public init(
    activations: FloatBuffer, rows: Int, mean: FloatBuffer, inverseDeviation: FloatBuffer,
    gamma: FloatBuffer?, sumOfGradients: FloatBuffer, sumOfProducts: FloatBuffer
  ) {
    self.activations = activations
    self.rows = rows
    self.mean = mean
    self.inverseDeviation = inverseDeviation
    self.gamma = gamma
    self.sumOfGradients = sumOfGradients
    self.sumOfProducts = sumOfProducts
  }
}

/// Where a pass puts the gradient of its input, and what it does on the way.
public struct GradientTarget: Sendable {
  public var values: FloatBuffer
  /// `+=` instead of `=`.
  public var accumulate: Bool
  /// The view that the forward pass read, where it had an activation: the gradient is multiplied by
  /// its derivative.
  public var mask: InputView?
  /// Whether the mask is for all that was written there, by this pass and by those before it.
  public var masksSum = false
  /// The sums that a batch norm wants of the finished gradient.
  public var sums: GradientSums?

  public init(
    _ values: FloatBuffer, accumulate: Bool = false, mask: InputView? = nil,
    sums: GradientSums? = nil
  ) {
    self.values = values
    self.accumulate = accumulate
    self.mask = mask
    self.sums = sums
  }
}

/// Σ dx and Σ dx · x̂ by tile, for `BatchNormalizationKernel.mergeSums`.
public struct GradientSums: Sendable {
  /// The batch norm's input.
  public var activations: FloatBuffer
  public var mean, inverseDeviation: FloatBuffer
  /// Two rows of channels for each tile.
  public var parts: FloatBuffer

  public init(
    activations: FloatBuffer, mean: FloatBuffer, inverseDeviation: FloatBuffer,
    parts: FloatBuffer
  ) {
    self.activations = activations
    self.mean = mean
    self.inverseDeviation = inverseDeviation
    self.parts = parts
  }
}
