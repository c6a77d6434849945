// SPDX-License-Identifier: Apache-2.0

import Kernels

/// `[BN]`: y = scale · (x − mean) / √(variance + epsilon) + offset, per channel.
///
/// Training uses the batch's mean and (biased) variance and moves the running ones towards them:
/// running = decay · running + (1 − decay) · batch. Inference uses the running ones.
///
/// Parameters: `scale [C]` (only with `hasScale`; else it is 1), `offset [C]`, `running-mean [C]`,
/// `running-variance [C]`.
/// Source: the paper, section 3 (after every convolution and separable convolution); epsilon and
/// decay, which the paper does not state, as in Keras.
public struct BatchNormalization: Op {
  public let epsilon: Float
  public let runningDecay: Float
  /// Whether the factor learns; without it, as in Inception V3, a ReLU and the next convolution
  /// make up for it.
  public let hasScale: Bool
  /// Whether it uses its running statistics in training too, and leaves them alone.
  public var isFrozen = false
  public let kind = "batch norm"
  public let prologue: Prologue? = .normalization

  public func outputShape(for inputs: [Shape]) throws(GraphError) -> Shape { inputs[0] }

  public func parameters(for inputs: [Shape]) -> [Parameter] {
    let shape = [inputs[0].channels]
    let scale = Parameter(path: "scale", shape: shape, role: .scale)
    return (hasScale ? [scale] : []) + [
      Parameter(path: "offset", shape: shape, role: .offset),
      Parameter(path: "running-mean", shape: shape, role: .runningMean),
      Parameter(path: "running-variance", shape: shape, role: .runningVariance),
    ]
  }

  /// Saved: mean, 1/√(variance + epsilon), the factor and summand that the forward pass applies,
  /// and the sum that is the scale's gradient, if it has one. Scratch: the variance and the kernels'
  /// own.
  public func demands(inputs: [Shape], output: Shape, batch: Int, threads: Int) -> OpDemands {
    let rows = batch * output.pixels
    return OpDemands(
      backwardReads: .inputs, savedCount: 5 * output.channels,
      scratchCount: output.channels
        + BatchNormalizationKernel.scratchCount(rows: rows, channels: output.channels),
      worksInPlace: true)
  }

  public func forward(_ memory: OpMemory) -> OpAction {
    let channels = memory.outputShape.channels
    let saved = Saved(memory.saved, channels: channels)
    let variance = memory.scratch.slice(0, channels)
    let tensors = Tensors(memory.parameters, hasScale: hasScale)
    let (runningMean, runningVariance) = (tensors.runningMean, tensors.runningVariance)
    return { moment in
      let usesBatch = moment.isTraining && !isFrozen
      if usesBatch {
        takeMoments(memory, mean: saved.mean, variance: variance)
        for channel in 0..<channels {
          runningMean[channel] += (1 - runningDecay) * (saved.mean[channel] - runningMean[channel])
          runningVariance[channel] +=
            (1 - runningDecay) * (variance[channel] - runningVariance[channel])
        }
      }
      let mean = usesBatch ? saved.mean : runningMean
      let usedVariance = usesBatch ? variance : runningVariance
      for channel in 0..<channels {
        let inverse = 1 / (usedVariance[channel] + epsilon).squareRoot()
        saved.inverseDeviation[channel] = inverse
        saved.factor[channel] = (tensors.scale?[channel] ?? 1) * inverse
        saved.summand[channel] = tensors.offset[channel] - mean[channel] * saved.factor[channel]
      }
      guard memory.isStored else { return }
      BatchNormalizationKernel.scaleAndShift(
        x: memory.inputs[0], rows: memory.outputRows, channels: channels, scale: saved.factor,
        shift: saved.summand, y: memory.output, pool: memory.pool)
    }
  }

  private func takeMoments(_ memory: OpMemory, mean: FloatBuffer, variance: FloatBuffer) {
    let channels = memory.outputShape.channels
    if let (parts, tiles) = memory.gathered {
      BatchNormalizationKernel.mergeMoments(
        parts, tiles: tiles, channels: channels, mean: mean, variance: variance,
        pool: memory.pool)
    } else {
      BatchNormalizationKernel.statistics(
        x: memory.inputs[0], rows: memory.outputRows, channels: channels, mean: mean,
        variance: variance,
        scratch: memory.scratch.slice(channels, memory.scratch.count - channels),
        pool: memory.pool)
    }
  }

  public func backward(_ memory: OpMemory) -> OpAction {
    precondition(!isFrozen, "nothing learns before a frozen batch norm")
    let channels = memory.outputShape.channels
    let saved = Saved(memory.saved, channels: channels)
    let gradient = gradient(
      activations: memory.inputs[0], rows: memory.outputRows, saved: saved,
      parameters: memory.parameters, parameterGradients: memory.parameterGradients)
    return { _ in
      takeSums(memory, saved, gradient)
      guard let dx = memory.inputGradients[0] else { return }
      BatchNormalizationKernel.inputGradient(
        x: memory.inputs[0], dy: memory.outputGradient, rows: memory.outputRows,
        channels: channels, mean: saved.mean, inverseDeviation: saved.inverseDeviation,
        gamma: gradient.gamma, sumOfGradients: gradient.sumOfGradients,
        sumOfProducts: gradient.sumOfProducts, dx: dx.values, accumulate: dx.accumulate,
        pool: memory.pool)
    }
  }

  private func takeSums(_ memory: OpMemory, _ saved: Saved, _ gradient: NormalizationGradient) {
    let channels = memory.outputShape.channels
    if let (parts, tiles) = memory.gathered {
      BatchNormalizationKernel.mergeSums(
        parts, tiles: tiles, channels: channels, sumOfGradients: gradient.sumOfGradients,
        sumOfProducts: gradient.sumOfProducts)
    } else {
      BatchNormalizationKernel.gradientSums(
        x: memory.inputs[0], dy: memory.outputGradient, rows: memory.outputRows,
        channels: channels, mean: saved.mean, inverseDeviation: saved.inverseDeviation,
        sumOfGradients: gradient.sumOfGradients, sumOfProducts: gradient.sumOfProducts,
        scratch: memory.scratch.slice(channels, memory.scratch.count - channels),
        pool: memory.pool)
    }
  }

  /// What the gradient of the input is made of, here or by the op before.
  func gradient(
    activations: FloatBuffer, rows: Int, saved: Saved, parameters: [FloatBuffer],
    parameterGradients: [FloatBuffer]
  ) -> NormalizationGradient {
    let gradients = Tensors(parameterGradients, hasScale: hasScale)
    return NormalizationGradient(
      activations: activations, rows: rows, mean: saved.mean,
      inverseDeviation: saved.inverseDeviation,
      gamma: Tensors(parameters, hasScale: hasScale).scale, sumOfGradients: gradients.offset,
      sumOfProducts: gradients.scale ?? saved.sumOfProducts)
  }

  /// What inference multiplies a channel by, and what it then adds.
  func inferenceMap(
    _ parameters: [FloatBuffer], channel: Int
  ) -> (factor: Double, summand: Double) {
    let tensors = Tensors(parameters, hasScale: hasScale)
    let deviation = (Double(tensors.runningVariance[channel]) + Double(epsilon)).squareRoot()
    let factor = Double(tensors.scale?[channel] ?? 1) / deviation
    let offset = Double(tensors.offset[channel])
    return (factor, offset - Double(tensors.runningMean[channel]) * factor)
  }

  /// The op's parameters, or their gradients, by name.
  private struct Tensors {
    let scale: FloatBuffer?
    let offset: FloatBuffer
    let runningMean: FloatBuffer
    let runningVariance: FloatBuffer

    init(_ buffers: [FloatBuffer], hasScale: Bool) {
      let first = hasScale ? 1 : 0
      scale = hasScale ? buffers[0] : nil
      offset = buffers[first]
      runningMean = buffers[first + 1]
      runningVariance = buffers[first + 2]
    }
  }

  /// The vectors that the forward pass leaves for its readers and for the backward pass.
  struct Saved {
    let mean: FloatBuffer
    let inverseDeviation: FloatBuffer
    let factor: FloatBuffer
    let summand: FloatBuffer
    /// Where the scale does not learn, the sum that would be its gradient.
    let sumOfProducts: FloatBuffer

    init(_ memory: FloatBuffer, channels: Int) {
      mean = memory.slice(0, channels)
      inverseDeviation = memory.slice(channels, channels)
      factor = memory.slice(2 * channels, channels)
      summand = memory.slice(3 * channels, channels)
      sumOfProducts = memory.slice(4 * channels, channels)
    }
  }
}
