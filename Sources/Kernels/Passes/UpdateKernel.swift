// SPDX-License-Identifier: Apache-2.0

import CKernels
import Foundation

/// Optimiser steps over equally long buffers that must not overlap: one pass over memory each.
///
/// `decay` is added to the gradient as decay · weights (L2), except in `adamW`.
public enum UpdateKernel {
  /// v = momentum · v − learningRate · g; w += v, or, with Nesterov, w += momentum · v −
  /// learningRate · g. Source: the form of Keras, the rate inside the velocity.
  public static func sgd(
    weights: FloatBuffer, gradients: FloatBuffer, velocity: FloatBuffer, learningRate: Float,
    momentum: Float, nesterov: Bool, decay: Float, pool: ThreadPool
  ) {
    let settings = ck_sgd(
      learningRate: learningRate, momentum: momentum, decay: decay, isNesterov: nesterov ? 1 : 0)
    ElementwiseKernel.forEachRange([weights, gradients, velocity], pool) { start, count in
      withUnsafePointer(to: settings) {
        ck.sgd(
          weights.base + start, gradients.base + start, velocity.base + start, count, $0)
      }
    }
  }

  /// s = rho · s + (1 − rho) · g²; v = momentum · v + learningRate · g / √(s + epsilon); w −= v.
  /// Source: TensorFlow's form, with epsilon under the root.
  public static func rmsprop(
    weights: FloatBuffer, gradients: FloatBuffer, meanSquare: FloatBuffer,
    velocity: FloatBuffer, learningRate: Float, rho: Float, momentum: Float, epsilon: Float,
    decay: Float, pool: ThreadPool
  ) {
    let settings = ck_rmsprop(
      learningRate: learningRate, rho: rho, momentum: momentum, epsilon: epsilon, decay: decay)
    let buffers = [weights, gradients, meanSquare, velocity]
    ElementwiseKernel.forEachRange(buffers, pool) { start, count in
      withUnsafePointer(to: settings) {
        ck.rmsprop(
          weights.base + start, gradients.base + start, meanSquare.base + start,
          velocity.base + start, count, $0)
      }
    }
  }

  /// Adam with decoupled decay: w −= learningRate · (m̂ / (√v̂ + epsilon) + decay · w), where m̂
  /// and v̂ are the moments divided by 1 − betaᵗ and t = `step` counts from 1.
  /// Source: Loshchilov and Hutter, arXiv 1711.05101, Algorithm 2.
  public static func adamW(
    weights: FloatBuffer, gradients: FloatBuffer, firstMoment: FloatBuffer,
    secondMoment: FloatBuffer, learningRate: Float, beta1: Float, beta2: Float, epsilon: Float,
    decay: Float, step: Int, pool: ThreadPool
  ) {
    precondition(step >= 1, "steps count from 1")
    let settings = ck_adamw(
      learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon, decay: decay,
      correction1: Float(1 / (1 - pow(Double(beta1), Double(step)))),
      correction2: Float(1 / (1 - pow(Double(beta2), Double(step)))))
    let buffers = [weights, gradients, firstMoment, secondMoment]
    ElementwiseKernel.forEachRange(buffers, pool) { start, count in
      withUnsafePointer(to: settings) {
        ck.adamw(
          weights.base + start, gradients.base + start, firstMoment.base + start,
          secondMoment.base + start, count, $0)
      }
    }
  }

  /// average = decay · average + (1 − decay) · weights.
  public static func average(
    weights: FloatBuffer, into average: FloatBuffer, decay: Float, pool: ThreadPool
  ) {
    ElementwiseKernel.forEachRange([weights, average], pool) { start, count in
      ck.average(weights.base + start, average.base + start, count, decay)
    }
  }
}
