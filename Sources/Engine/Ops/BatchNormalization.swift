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
  public let kind = "batch norm"

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

  /// Saved: mean, 1/√(variance + epsilon), and the factor and summand that the forward pass
  /// applies. Scratch: the variance, or a scale of ones and its gradient that nobody reads where
  /// the scale does not learn; and the kernels' own.
  public func demands(inputs: [Shape], output: Shape, batch: Int, threads: Int) -> OpDemands {
    let rows = batch * output.pixels
    return OpDemands(
      readsInputsInBackward: true, savedCount: 4 * output.channels,
      scratchCount: 2 * output.channels
        + BatchNormalizationKernel.scratchCount(rows: rows, channels: output.channels),
      worksInPlace: true)
  }

  public func forward(_ memory: OpMemory) -> OpAction {
    let channels = memory.outputShape.channels
    let saved = Saved(memory.saved, channels: channels)
    let variance = memory.scratch.slice(0, channels)
    let scratch = memory.scratch.slice(2 * channels, memory.scratch.count - 2 * channels)
    let tensors = Tensors(memory.parameters, hasScale: hasScale)
    let (runningMean, runningVariance) = (tensors.runningMean, tensors.runningVariance)
    return { moment in
      if moment.isTraining {
        BatchNormalizationKernel.statistics(
          x: memory.inputs[0], rows: memory.outputRows, channels: channels, mean: saved.mean,
          variance: variance, scratch: scratch, pool: memory.pool)
        for channel in 0..<channels {
          runningMean[channel] += (1 - runningDecay) * (saved.mean[channel] - runningMean[channel])
          runningVariance[channel] +=
            (1 - runningDecay) * (variance[channel] - runningVariance[channel])
        }
      }
      let mean = moment.isTraining ? saved.mean : runningMean
      let usedVariance = moment.isTraining ? variance : runningVariance
      for channel in 0..<channels {
        let inverse = 1 / (usedVariance[channel] + epsilon).squareRoot()
        saved.inverseDeviation[channel] = inverse
        saved.factor[channel] = (tensors.scale?[channel] ?? 1) * inverse
        saved.summand[channel] = tensors.offset[channel] - mean[channel] * saved.factor[channel]
      }
      BatchNormalizationKernel.scaleAndShift(
        x: memory.inputs[0], rows: memory.outputRows, channels: channels, scale: saved.factor,
        shift: saved.summand, y: memory.output, pool: memory.pool)
    }
  }

  public func backward(_ memory: OpMemory) -> OpAction {
    let channels = memory.outputShape.channels
    let saved = Saved(memory.saved, channels: channels)
    let scratch = memory.scratch.slice(2 * channels, memory.scratch.count - 2 * channels)
    let ones = memory.scratch.slice(0, channels)
    let scale = Tensors(memory.parameters, hasScale: hasScale).scale ?? ones
    let gradients = Tensors(memory.parameterGradients, hasScale: hasScale)
    let sumOfGradients = gradients.offset
    let sumOfProducts = gradients.scale ?? memory.scratch.slice(channels, channels)
    return { _ in
      if !hasScale { ones.fill(1) }
      BatchNormalizationKernel.gradientSums(
        x: memory.inputs[0], dy: memory.outputGradient, rows: memory.outputRows,
        channels: channels, mean: saved.mean, inverseDeviation: saved.inverseDeviation,
        sumOfGradients: sumOfGradients, sumOfProducts: sumOfProducts, scratch: scratch,
        pool: memory.pool)
      guard let dx = memory.inputGradients[0] else { return }
      BatchNormalizationKernel.inputGradient(
        x: memory.inputs[0], dy: memory.outputGradient, rows: memory.outputRows,
        channels: channels, mean: saved.mean, inverseDeviation: saved.inverseDeviation,
        gamma: scale, sumOfGradients: sumOfGradients, sumOfProducts: sumOfProducts,
        dx: dx.buffer, accumulate: dx.accumulate, pool: memory.pool)
    }
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

  /// The four vectors that the forward pass leaves for the backward pass.
  private struct Saved {
    let mean: FloatBuffer
    let inverseDeviation: FloatBuffer
    let factor: FloatBuffer
    let summand: FloatBuffer

    init(_ memory: FloatBuffer, channels: Int) {
      mean = memory.slice(0, channels)
      inverseDeviation = memory.slice(channels, channels)
      factor = memory.slice(2 * channels, channels)
      summand = memory.slice(3 * channels, channels)
    }
  }
}
