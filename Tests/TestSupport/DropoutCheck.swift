// SPDX-License-Identifier: Apache-2.0

import Engine

/// What any op that drops out must keep: its rate, a mask in both passes, nothing in inference.
public enum DropoutCheck {
  /// - Parameter body: appends the op with the given rate.
  public static func findings(
    rate: Float, _ body: (Value, inout GraphBuilder) -> Value
  ) throws -> [String] {
    let graph = try observedGraph(
      Shape(height: 20, width: 30, channels: 8), gradient: .integers, body)
    var step = Step(graph, numbers: .real)
    step.images = step.images.map { _ in 1 }
    let result = try step.fast()
    let count = Float(result.logits.count)
    let share = Float(result.logits.count { $0 == 0 }) / count
    var findings: [String] = []
    // Four standard errors.
    if !(abs(share - rate) <= 4 * (rate * (1 - rate) / count).squareRoot()) {
      findings.append("\(share) are dropped at a rate of \(rate)")
    }
    let kept = 1 / (1 - rate)
    if !result.logits.allSatisfy({ $0 == 0 || $0 == kept }) {
      findings.append("what is kept is not \(kept)")
    }
    let gradient = result.gradients["tap/value"] ?? []
    let injected = OutputGradient.integers.numbers(gradient.count) ?? []
    let masked = zip(injected, result.logits).map { $0 * $1 }
    if let difference = Compare.exact(gradient, masked, "gradient") { findings.append(difference) }
    step.number += 1
    if try step.fast().logits == result.logits { findings.append("every step drops the same") }
    step.isTraining = false
    if let difference = Compare.exact(try step.fast().logits, step.images, "inference") {
      findings.append(difference)
    }
    return findings
  }
}
