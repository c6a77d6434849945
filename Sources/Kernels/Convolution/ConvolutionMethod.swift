// SPDX-License-Identifier: Apache-2.0

/// A way to convolve: which problems it takes, and how it packs their kernels and makes their outputs
/// and their kernels' gradients.
protocol ConvolutionMethod: Sendable {
  /// Nil where the method does not apply to a problem, or does not pay: decided by sizes alone.
  init?(_ problem: ConvolutionProblem)

  var problem: ConvolutionProblem { get }
  /// Whether inputs, outputs and gradients may be seen through views.
  var takesViews: Bool { get }
  /// Whether `forward` can add to its output what lies in memory.
  var adds: Bool { get }
  /// Tiles of the output, of each of which moments or sums can be gathered.
  var tileCount: Int { get }

  /// Floats of a packed kernel with its bias.
  var packedCount: Int { get }

  /// Lays a kernel out as `forward` reads it, each output channel multiplied by its scale, and the
  /// bias, which is not.
  func pack(
    _ kernel: UnsafePointer<Float>, scale: UnsafePointer<Float>?, bias: UnsafePointer<Float>?,
    into packed: UnsafeMutablePointer<Float>, pool: ThreadPool)

  func forwardScratchCount(threads: Int) -> Int

  /// y = or += the convolution of x by a packed kernel, where `isRectified` nothing below zero.
  func forward(
    _ x: TileSource, packed: UnsafePointer<Float>, isRectified: Bool, _ y: TileTarget,
    scratch: UnsafeMutablePointer<Float>, pool: ThreadPool)

  func kernelGradientScratchCount(threads: Int) -> Int

  /// dKernel = the gradient of the kernel.
  func kernelGradient(
    _ x: TileSource, _ dy: TileSource, dKernel: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutablePointer<Float>, pool: ThreadPool)
}

extension ConvolutionMethod {
  var takesViews: Bool { true }
  var adds: Bool { false }
  var geometry: WindowGeometry { problem.geometry }
  var outputChannels: Int { problem.outputChannels }
}

extension ConvolutionProblem {
  /// All methods; the first that takes a problem makes it.
  static let methods: [any ConvolutionMethod.Type] = [
    LanesMethod.self, DepthwiseMethod.self, WinogradMethod.self, PlanesMethod.self,
    DirectMethod.self,
  ]

  func method() -> any ConvolutionMethod {
    for method in Self.methods {
      if let method = method.init(self) { return method }
    }
    preconditionFailure("the direct method takes every problem")
  }
}

/// A way to make the gradient of a convolution's input.
protocol InputGradientMethod: Sendable {
  /// Nil where it does not apply to what the forward method makes.
  init?(_ forward: any ConvolutionMethod)

  var takesViews: Bool { get }
  /// Tiles of the gradient, of each of which sums can be gathered.
  var tileCount: Int { get }
  /// Whether `gradients` makes both gradients in one pass over memory.
  var makesBoth: Bool { get }

  func scratchCount(threads: Int) -> Int

  /// dx = or += the gradient of the input.
  func inputGradient(
    _ dy: TileSource, kernel: UnsafePointer<Float>, _ dx: TileTarget,
    scratch: UnsafeMutablePointer<Float>, pool: ThreadPool)

  /// Floats of scratch for `gradients`, where it `makesBoth`.
  func bothScratchCount(threads: Int) -> Int

  /// Both gradients, where it `makesBoth`.
  func gradients(
    _ x: TileSource, _ dy: TileSource, kernel: UnsafePointer<Float>,
    dKernel: UnsafeMutablePointer<Float>, _ dx: TileTarget,
    scratch: UnsafeMutablePointer<Float>, pool: ThreadPool)
}

extension InputGradientMethod {
  var takesViews: Bool { true }
  var makesBoth: Bool { false }
  func bothScratchCount(threads: Int) -> Int { 0 }
  func gradients(
    _ x: TileSource, _ dy: TileSource, kernel: UnsafePointer<Float>,
    dKernel: UnsafeMutablePointer<Float>, _ dx: TileTarget,
    scratch: UnsafeMutablePointer<Float>, pool: ThreadPool
  ) {
    preconditionFailure("the two gradients are made one after the other")
  }
}

extension ConvolutionProblem {
  /// All methods for the input's gradient; the first that applies makes it.
  static let inputGradientMethods: [any InputGradientMethod.Type] = [
    DepthwiseInputGradient.self, FlippedInputGradient.self, PointwiseInputGradient.self,
    ColumnInputGradient.self,
  ]

  static func inputGradientMethod(_ forward: any ConvolutionMethod) -> any InputGradientMethod {
    for method in inputGradientMethods {
      if let method = method.init(forward) { return method }
    }
    preconditionFailure("columns take every problem")
  }
}
