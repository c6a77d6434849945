// SPDX-License-Identifier: Apache-2.0

extension Reference {
  /// One step of gradient descent with momentum in Keras' form; L2 decay in the gradient.
  public static func sgd<T: BinaryFloatingPoint>(
    weights: inout [T], gradients: [T], velocity: inout [T], learningRate: T, momentum: T,
    nesterov: Bool, decay: T
  ) {
    for i in weights.indices {
      let step = learningRate * (gradients[i] + decay * weights[i])
      velocity[i] = momentum * velocity[i] - step
      weights[i] += nesterov ? momentum * velocity[i] - step : velocity[i]
    }
  }

  /// One step of RMSprop in TensorFlow's form; L2 decay in the gradient.
  public static func rmsprop<T: BinaryFloatingPoint>(
    weights: inout [T], gradients: [T], meanSquare: inout [T], velocity: inout [T],
    learningRate: T, rho: T, momentum: T, epsilon: T, decay: T
  ) {
    for i in weights.indices {
      let gradient = gradients[i] + decay * weights[i]
      meanSquare[i] = rho * meanSquare[i] + (1 - rho) * gradient * gradient
      let scaled = learningRate * gradient / (meanSquare[i] + epsilon).squareRoot()
      velocity[i] = momentum * velocity[i] + scaled
      weights[i] -= velocity[i]
    }
  }

  /// One step of Adam with decoupled decay; `step` counts from 1.
  public static func adamW<T: BinaryFloatingPoint>(
    weights: inout [T], gradients: [T], firstMoment: inout [T], secondMoment: inout [T],
    learningRate: T, beta1: T, beta2: T, epsilon: T, decay: T, step: Int
  ) {
    let power1 = (0..<step).reduce(T(1)) { power, _ in power * beta1 }
    let power2 = (0..<step).reduce(T(1)) { power, _ in power * beta2 }
    for i in weights.indices {
      let gradient = gradients[i]
      firstMoment[i] = beta1 * firstMoment[i] + (1 - beta1) * gradient
      secondMoment[i] = beta2 * secondMoment[i] + (1 - beta2) * gradient * gradient
      let mean = firstMoment[i] / (1 - power1)
      let deviation = (secondMoment[i] / (1 - power2)).squareRoot()
      weights[i] -= learningRate * (mean / (deviation + epsilon) + decay * weights[i])
    }
  }

  /// average = decay · average + (1 − decay) · weights.
  public static func average<T: BinaryFloatingPoint>(
    weights: [T], into average: inout [T], decay: T
  ) {
    for i in weights.indices { average[i] = decay * average[i] + (1 - decay) * weights[i] }
  }
}
