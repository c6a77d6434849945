// SPDX-License-Identifier: Apache-2.0

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
    for value in settings.optimizer.rule.initialMemory {
      let slot = try AlignedMemory(count: max(parameters.trainableLength, 1))
      // It is zero already, and its pages are not touched before they are needed.
      if value != 0 { slot.buffer.fill(value) }
      slots.append(slot)
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
      settings.optimizer.rule.update(
        parameters.value(position), gradients: parameters.gradient(position), memory: memories,
        UpdateStep(
          learningRate: learningRate * Float(factor), decay: decay, number: step + 1, pool: pool))
    }
  }
}
