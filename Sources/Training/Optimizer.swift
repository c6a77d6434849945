import Engine
import Kernels

/// Moves the weights of a parameter memory along their gradients.
package final class Optimizer {
  private let settings: TrainingSettings
  private let parameters: ParameterMemory
  private let pool: ThreadPool
  /// What the rule remembers, one memory a slot, laid out as the parameters that learn.
  package let slots: [AlignedMemory]

  package init(
    _ settings: TrainingSettings, parameters: ParameterMemory, pool: ThreadPool
  ) throws(OutOfMemory) {
    self.settings = settings
    self.parameters = parameters
    self.pool = pool
    var slots: [AlignedMemory] = []
    for _ in 0..<settings.optimizer.slotCount {
      slots.append(try AlignedMemory(count: max(parameters.trainableLength, 1)))
    }
    if case .rmsprop(_, _, _, let initialMeanSquare) = settings.optimizer.rule {
      slots[0].buffer.fill(initialMeanSquare)
    }
    self.slots = slots
  }

  /// One update. A factor of a parameter's learning rate leaves what decay takes from it as it is,
  /// as Page and Jordan have it: its λ is divided by the factor.
  ///
  /// - Parameter step: updates done before.
  package func update(learningRate: Float, step: Int) {
    for (position, parameter) in parameters.parameters.enumerated() {
      guard let range = parameters.trainableRange(position) else { continue }
      let factor = settings.rateFactors[parameter.role]
      let decay = settings.decays(parameter.role) ? Float(settings.weightDecay / factor) : 0
      let memories = slots.map { $0.buffer.slice(range.lowerBound, range.count) }
      update(
        parameters.value(position), parameters.gradient(position), memories,
        learningRate: learningRate * Float(factor), decay: decay, step: step)
    }
  }

  private func update(
    _ weights: FloatBuffer, _ gradients: FloatBuffer, _ slots: [FloatBuffer],
    learningRate: Float, decay: Float, step: Int
  ) {
    switch settings.optimizer.rule {
    case .sgd(let momentum, let nesterov):
      UpdateKernel.sgd(
        weights: weights, gradients: gradients, velocity: slots[0], learningRate: learningRate,
        momentum: momentum, nesterov: nesterov, decay: decay, pool: pool)
    case .rmsprop(let rho, let momentum, let epsilon, _):
      UpdateKernel.rmsprop(
        weights: weights, gradients: gradients, meanSquare: slots[0], velocity: slots[1],
        learningRate: learningRate, rho: rho, momentum: momentum, epsilon: epsilon, decay: decay,
        pool: pool)
    case .adamW(let beta1, let beta2, let epsilon):
      UpdateKernel.adamW(
        weights: weights, gradients: gradients, firstMoment: slots[0], secondMoment: slots[1],
        learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon, decay: decay,
        step: step + 1, pool: pool)
    }
  }
}
