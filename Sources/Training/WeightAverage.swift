// SPDX-License-Identifier: Apache-2.0

import Engine
import Kernels

/// The exponential (Polyak) average of weights, which evaluation uses instead of the last ones.
///
/// Batch norm's running statistics are averaged with the weights they belong to. The decay warms up
/// as min(decay, (1 + n) / (10 + n)) after n updates, TensorFlow's rule, so that the first random
/// weights are soon forgotten.
/// Source: the paper, section 4.2.
package final class WeightAverage {
  package let memory: AlignedMemory
  private let decay: Double

  package init(of parameters: ParameterMemory, decay: Double) throws(OutOfMemory) {
    self.decay = decay
    memory = try AlignedMemory(count: parameters.all.count)
    memory.buffer.copy(from: parameters.all)
  }

  /// Adds the weights after update number `step` (from 0).
  package func add(_ parameters: ParameterMemory, step: Int, pool: ThreadPool) {
    let warm = min(decay, Double(1 + step) / Double(10 + step))
    UpdateKernel.average(
      weights: parameters.all, into: memory.buffer, decay: Float(warm), pool: pool)
  }
}
