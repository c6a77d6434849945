// SPDX-License-Identifier: Apache-2.0

import Kernels

/// An op that can be packed for inference: its parameters are a kernel and, maybe, a bias.
protocol PackableOp: Op {
  func packableKernel(batch: Int, input: Shape) -> ConvolutionKernel
}

/// A convolution or dense layer as inference runs it: its kernel packed once, the batch norm and the
/// activation behind it, if any, being part of it.
///
/// A 1×1 convolution may also make the depthwise convolution before it, which then has its own batch
/// norm and activation, tile by tile; and a sum that alone reads the batch norm is part of it too, whose
/// other summand is the second input.
/// No builder makes it; `Folding` does.
/// Parameters: `packed`, the kernel and the bias with the batch norm's factor and summand in them;
/// `producer`, those of the depthwise convolution.
struct PackedOp: Op {
  let base: any PackableOp
  /// Images at a time, on which the way to pack may depend.
  let batch: Int
  /// What is made of its output.
  let activation: Activation?
  /// The names of the ops whose work it does.
  let absorbed: [String]
  /// Whether the second input is added, before an activation.
  let adds: Bool
  /// What a 1×1 convolution makes as it reads.
  var producer: Producer?

  /// A depthwise convolution as part of another.
  struct Producer {
    let op: DepthwiseConvolution
    let output: Shape
    let activation: Activation?
  }

  var kind: String { base.kind }
  var isConvolution: Bool { base.isConvolution }

  /// - Parameter input: what the op reads, that of its producer if it has one.
  func kernel(_ input: Shape) -> ConvolutionKernel {
    guard let producer, let base = base as? Convolution else {
      return base.packableKernel(batch: batch, input: input)
    }
    return base.convolution(
      batch: batch, input: producer.output,
      behind: producer.op.geometry(batch: batch, input: input))
  }

  func producerKernel(_ input: Shape) -> ConvolutionKernel? {
    producer?.op.packableKernel(batch: batch, input: input)
  }

  func outputShape(for inputs: [Shape]) throws(GraphError) -> Shape {
    try base.outputShape(for: producer.map { [$0.output] } ?? inputs)
  }

  func parameters(for inputs: [Shape]) -> [Parameter] {
    func packed(_ path: String, _ kernel: ConvolutionKernel) -> Parameter {
      var packed = Parameter(path: path, shape: [kernel.packedCount], role: .kernel)
      packed.isFrozen = true
      return packed
    }
    return [packed("packed", kernel(inputs[0]))]
      + (producerKernel(inputs[0]).map { [packed("producer", $0)] } ?? [])
  }

  func multiplyAdds(inputs: [Shape], output: Shape) -> Int {
    guard let producer else { return base.multiplyAdds(inputs: inputs, output: output) }
    return producer.op.multiplyAdds(inputs: inputs, output: producer.output)
      + base.multiplyAdds(inputs: [producer.output], output: output)
  }

  func demands(inputs: [Shape], output: Shape, batch: Int, threads: Int) -> OpDemands {
    precondition(batch == self.batch, "packed for \(self.batch) images at a time, not \(batch)")
    let views = base.demands(inputs: inputs, output: output, batch: batch, threads: threads).views
    // What is added is read as it lies in memory.
    return OpDemands(
      scratchCount: kernel(inputs[0]).packedScratchCount(threads: threads),
      views: adds ? .none : views)
  }

  func forward(_ memory: OpMemory) -> OpAction {
    let kernel = kernel(memory.inputShape)
    var x = memory.views[0]
    x.depthwise = producer.map {
      DepthwiseView(
        $0.op.geometry(batch: batch, input: memory.inputShape), kernel: memory.parameters[1],
        isPacked: true, activation: $0.activation)
    }
    return { [x] _ in
      kernel.forward(
        x: x, packed: memory.parameters[0], addend: adds ? memory.inputs[1] : nil,
        activation: activation, y: memory.output, moments: nil, scratch: memory.scratch,
        pool: memory.pool)
    }
  }

  func backward(_ memory: OpMemory) -> OpAction {
    preconditionFailure("\(memory.name) is packed for inference and cannot be trained")
  }
}

// MARK: The ops that can be packed

extension Convolution: PackableOp {
  func packableKernel(batch: Int, input: Shape) -> ConvolutionKernel {
    convolution(batch: batch, input: input)
  }
}

extension DepthwiseConvolution: PackableOp {
  func packableKernel(batch: Int, input: Shape) -> ConvolutionKernel {
    depthwise(batch: batch, input: input)
  }
}

extension Dense: PackableOp {
  /// A 1×1 convolution of images that are one pixel.
  func packableKernel(batch: Int, input: Shape) -> ConvolutionKernel {
    ConvolutionKernel(
      geometry: WindowGeometry(
        batch: batch, inputHeight: 1, inputWidth: 1, inputChannels: input.count, kernelHeight: 1,
        kernelWidth: 1, stride: 1, padding: .valid),
      segments: [ChannelSegment(input: input.count, output: units)])
  }
}
