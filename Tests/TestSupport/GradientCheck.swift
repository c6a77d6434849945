// SPDX-License-Identifier: Apache-2.0

import Engine
import RandomStreams

/// Central differences against the gradients of the reference executor, in Double.
public enum GradientCheck {
  /// The half width of a difference: small enough to step over no kink that lies where a random
  /// number would have to be by chance, large enough that rounding stays below 1e-9.
  private static let step = 1e-6
  /// The largest error allowed, as a share of the gradient.
  public static let tolerance = 1e-5

  /// Every gradient of a step that is not what differences say: for each parameter along one random
  /// direction and along the coordinates of its largest and two other numbers.
  ///
  /// Differentiates the mean loss, so the graph's gradients must not be injected.
  public static func findings(_ step: Step) -> [String] {
    var executor = step.referenceExecutor(Double.self)
    let begin = executor.parameters
    let images = step.images.map { Double($0) }
    let targets = step.targets.map { Double($0) }
    let gradients = executor.run(images: images, targets: targets, step: step.number)
      .parameterGradients
    func loss(_ position: Int, _ direction: [Double], _ length: Double) -> Double {
      executor.parameters = begin
      for index in direction.indices {
        executor.parameters[position][index] += length * direction[index]
      }
      return executor.meanLoss(images: images, targets: targets, step: step.number)
    }
    var findings: [String] = []
    for (position, parameter) in step.graph.parameters.enumerated() where parameter.isTrainable {
      let gradient = gradients[position]
      guard gradient.count == parameter.count else {
        findings.append("\(parameter.path): \(gradient.count) gradients of \(parameter.count)")
        continue
      }
      for direction in directions(of: gradient, parameter.path) {
        let numbers = direction.numbers
        let expected =
          (loss(position, numbers, self.step) - loss(position, numbers, -self.step))
          / (2 * self.step)
        let actual = zip(gradient, numbers).reduce(0) { $0 + $1.0 * $1.1 }
        let largest = gradient.reduce(0) { max($0, abs($1)) }
        // Rounding of the loss alone moves a difference by about 1e-10.
        let scale = max(abs(expected), largest, 1e-4)
        if !(abs(actual - expected) <= tolerance * scale) {
          findings.append(
            "\(parameter.path) \(direction.name): \(actual), the difference says \(expected)")
        }
      }
    }
    return findings
  }

  private static func directions(
    of gradient: [Double], _ path: String
  ) -> [(name: String, numbers: [Double])] {
    var stream = RandomStream(seed: 2, "gradient check/\(path)")
    let random = gradient.map { _ in Double(stream.normal()) }
    let largest = gradient.indices.max { abs(gradient[$0]) < abs(gradient[$1]) } ?? 0
    let others = (0..<2).map { _ in stream.integer(below: gradient.count) }
    let coordinates = ([largest] + others).map { chosen in
      ("at \(chosen)", gradient.indices.map { $0 == chosen ? 1.0 : 0.0 })
    }
    return [("along a random direction", random)] + coordinates
  }
}
