import Kernels

/// `[BN]`: y = scale · (x − mean) / √(variance + epsilon) + offset, per channel.
///
/// Training uses the batch's mean and (biased) variance and moves the running ones towards them:
/// running = decay · running + (1 − decay) · batch. Inference uses the running ones.
///
/// Parameters: `scale [C]`, `offset [C]`, `running-mean [C]`, `running-variance [C]`.
/// Source: the paper, section 3 (after every convolution and separable convolution); epsilon and
/// decay, which the paper does not state, as in Keras.
public struct BatchNormalization: Op {
  public let epsilon: Float
  public let runningDecay: Float
  public let kind = "batch norm"

  public func outputShape(for inputs: [Shape]) throws(GraphError) -> Shape { inputs[0] }

  public func parameters(for inputs: [Shape]) -> [Parameter] {
    let shape = [inputs[0].channels]
    return [
      Parameter(path: "scale", shape: shape, role: .scale),
      Parameter(path: "offset", shape: shape, role: .offset),
      Parameter(path: "running-mean", shape: shape, role: .runningMean),
      Parameter(path: "running-variance", shape: shape, role: .runningVariance),
    ]
  }

  /// Saved: mean, 1/√(variance + epsilon), and the factor and summand that the forward pass
  /// applies. Scratch: variance, the two backward sums, and the kernels' own.
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
    let runningMean = memory.parameters[2]
    let runningVariance = memory.parameters[3]
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
        saved.factor[channel] = memory.parameters[0][channel] * inverse
        saved.summand[channel] =
          memory.parameters[1][channel] - mean[channel] * saved.factor[channel]
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
    return { _ in
      BatchNormalizationKernel.gradientSums(
        x: memory.inputs[0], dy: memory.outputGradient, rows: memory.outputRows,
        channels: channels, mean: saved.mean, inverseDeviation: saved.inverseDeviation,
        sumOfGradients: memory.parameterGradients[1], sumOfProducts: memory.parameterGradients[0],
        scratch: scratch, pool: memory.pool)
      guard let dx = memory.inputGradients[0] else { return }
      BatchNormalizationKernel.inputGradient(
        x: memory.inputs[0], dy: memory.outputGradient, rows: memory.outputRows,
        channels: channels, mean: saved.mean, inverseDeviation: saved.inverseDeviation,
        gamma: memory.parameters[0], sumOfGradients: memory.parameterGradients[1],
        sumOfProducts: memory.parameterGradients[0], dx: dx.buffer, accumulate: dx.accumulate,
        pool: memory.pool)
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
