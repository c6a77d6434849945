import Kernels

/// An op with a kernel that can be packed for inference.
protocol PackableOp: Op {
  /// Whether a bias follows the kernel among the parameters.
  var hasBias: Bool { get }

  func packableKernel(batch: Int, input: Shape) -> any PackableKernel
}

/// A convolution or dense layer as inference runs it: its kernel packed once, the batch norm and the
/// ReLU behind it, if any, being part of it.
///
/// No builder makes it; `Folding` does.
/// Parameters: `packed`, the kernel and the bias with the batch norm's factor and summand in them.
struct PackedOp: Op {
  let base: any PackableOp
  /// Images at a time, on which the way to pack may depend.
  let batch: Int
  let isRectified: Bool
  /// The names of the ops whose work it does.
  let absorbed: [String]

  var kind: String { base.kind }
  var isConvolution: Bool { base.isConvolution }

  func kernel(_ input: Shape) -> any PackableKernel {
    base.packableKernel(batch: batch, input: input)
  }

  func outputShape(for inputs: [Shape]) throws(GraphError) -> Shape {
    try base.outputShape(for: inputs)
  }

  func parameters(for inputs: [Shape]) -> [Parameter] {
    let count = kernel(inputs[0]).packedCount
    var packed = Parameter(path: "packed", shape: [count], role: .kernel)
    packed.isFrozen = true
    return [packed]
  }

  func multiplyAdds(inputs: [Shape], output: Shape) -> Int {
    base.multiplyAdds(inputs: inputs, output: output)
  }

  func demands(inputs: [Shape], output: Shape, batch: Int, threads: Int) -> OpDemands {
    precondition(batch == self.batch, "packed for \(self.batch) images at a time, not \(batch)")
    return OpDemands(
      scratchCount: kernel(inputs[0]).packedScratchCount(threads: threads),
      views: base.demands(inputs: inputs, output: output, batch: batch, threads: threads).views)
  }

  func forward(_ memory: OpMemory) -> OpAction {
    let kernel = kernel(memory.inputShape)
    return { _ in
      kernel.forward(
        x: memory.views[0], packed: memory.parameters[0], isRectified: isRectified,
        y: memory.output, moments: nil, scratch: memory.scratch, pool: memory.pool)
    }
  }

  func backward(_ memory: OpMemory) -> OpAction {
    preconditionFailure("\(memory.name) is packed for inference and cannot be trained")
  }
}

// MARK: The ops that can be packed

extension Convolution: PackableOp {
  func packableKernel(batch: Int, input: Shape) -> any PackableKernel {
    convolution(batch: batch, input: input)
  }
}

extension DepthwiseConvolution: PackableOp {
  var hasBias: Bool { false }

  func packableKernel(batch: Int, input: Shape) -> any PackableKernel {
    depthwise(batch: batch, input: input)
  }
}

extension Dense: PackableOp {
  var hasBias: Bool { true }

  /// A 1×1 convolution of images that are one pixel.
  func packableKernel(batch: Int, input: Shape) -> any PackableKernel {
    ConvolutionKernel(
      geometry: WindowGeometry(
        batch: batch, inputHeight: 1, inputWidth: 1, inputChannels: input.count, kernelHeight: 1,
        kernelWidth: 1, stride: 1, padding: .valid),
      outputChannels: units,
      segments: [
        ChannelSegment(inputStart: 0, inputCount: input.count, outputStart: 0, outputCount: units)
      ])
  }
}
