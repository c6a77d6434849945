// SPDX-License-Identifier: Apache-2.0

import Engine
import ModelZoo

/// Everything that any block must keep; what it does not, one line each.
///
/// Costs are compared with golden numbers elsewhere; see `Golden`.
public func checkBlock(_ type: any Block.Type) throws -> [String] {
  try BlockCheck(type: type).findings()
}

/// The rules of `checkBlock`, one function each.
struct BlockCheck {
  let type: any Block.Type

  func findings() throws -> [String] {
    var findings = identity() + refusals()
    for sizes in try BlockCheck.sizes.map(shapes) { findings += sizes }
    findings += try options()
    for variant in BlockCase.variants(of: type) {
      let found =
        try gradients(of: variant) + agreement(of: variant) + repetition(of: variant)
        + statistics(of: variant) + copies(of: variant)
      findings += found.map { "\(variant.name): \($0)" }
    }
    return findings
  }

  private func identity() -> [String] {
    let letters = type.key.allSatisfy { $0.isLowercase || $0.isNumber || $0 == "-" }
    return [
      letters ? nil : "the key \(type.key) is not kebab-case",
      type.summary.isEmpty ? "has no summary" : nil,
      type.source.place.isEmpty ? "has no source" : nil,
      BlockZoo.block(type.key) == type ? nil : "\(type.key) is not in the zoo by its key",
    ].compactMap { $0 }
  }

  // MARK: Shapes and names

  private static let sizes = [
    Shape(height: 6, width: 5, channels: 6), Shape(height: 7, width: 8, channels: 4),
    Shape(height: 2, width: 9, channels: 8), Shape(height: 1, width: 1, channels: 3),
  ]

  /// Predicted shape = the rule = what both executors give; names unique and the same each time.
  func shapes(_ input: Shape) throws -> [String] {
    var findings: [String] = []
    for stride in 1...2 {
      for batch in [1, 3] {
        var variant = BlockCase(type, input: input) { $0.stride = stride }
        variant.batch = batch
        let graph = try variant.graph()
        let last = graph.nodes[graph.nodes.count - 2].output
        let expected = Shape(
          height: (input.height + stride - 1) / stride,
          width: (input.width + stride - 1) / stride, channels: variant.options.filters)
        if last != expected { findings.append("\(input)/\(stride) → \(last), not \(expected)") }
        var step = Step(graph, batch: batch, numbers: .real)
        step.isTraining = false
        for count in [try step.fast().logits.count, step.reference(Double.self).logits.count]
        where count != batch * expected.count {
          findings.append("\(input)/\(stride): \(count) numbers, not \(expected)")
        }
        let names = graph.nodes.map(\.name)
        if Set(names).count != names.count { findings.append("\(names): a name stands twice") }
        if try variant.graph().nodes.map(\.name) != names {
          findings.append("names differ from one time to the next")
        }
      }
    }
    return findings
  }

  // MARK: Numbers

  /// Every parameter gets a finite gradient that is not zero, and the twin's gradients are those
  /// that differences say.
  func gradients(of variant: BlockCase) throws -> [String] {
    let step = try variant.step(.real)
    return Self.deadGradients(try step.fast()) + GradientCheck.findings(step)
  }

  /// The parameters whose gradients are not finite, or zero throughout.
  static func deadGradients(_ result: StepResult<Float>) -> [String] {
    result.gradients.sorted { $0.key < $1.key }.compactMap { path, gradient in
      if !gradient.allSatisfy(\.isFinite) { return "\(path) has a gradient that is not finite" }
      return gradient.contains { $0 != 0 } ? nil : "\(path) has no gradient"
    }
  }

  /// Fast = twins: exactly on integers where nothing divides, else within 1e-5.
  func agreement(of variant: BlockCase) throws -> [String] {
    var findings: [String] = []
    for isTraining in [true, false] {
      var step = try variant.step(.real, gradient: .real)
      step.isTraining = isTraining
      findings += try step.fast().differences(from: step.reference(Double.self), tolerance: 1e-5)
      guard try variant.isExact() else { continue }
      var exact = try variant.step(.integers, gradient: .integers)
      exact.isTraining = isTraining
      findings += try exact.fast().differences(
        from: exact.reference(Float.self), tolerance: nil, losses: false)
    }
    return findings
  }

  /// The same seed gives the same bits, on any number of threads; another seed other numbers.
  func repetition(of variant: BlockCase) throws -> [String] {
    let step = try variant.step(.real)
    func run(seed: UInt64, threads: Int) throws -> StepResult<Float> {
      let executor = try step.executor(threads: threads)
      executor.parameters.initialize(seed: seed, kernels: .glorotUniform)
      return step.run(executor)
    }
    let first = try run(seed: 5, threads: 1)
    var findings = try run(seed: 5, threads: 1).differences(from: first, tolerance: nil)
    findings += try run(seed: 5, threads: 2).differences(from: first, tolerance: nil)
    if try run(seed: 6, threads: 1).logits == first.logits {
      findings.append("another seed gives the same output")
    }
    return findings
  }

  /// Inference leaves the statistics alone; training moves every one.
  func statistics(of variant: BlockCase) throws -> [String] {
    var step = try variant.step(.real)
    let moved = try step.fast().statistics
    step.isTraining = false
    let still = try step.fast().statistics
    return still.sorted { $0.key < $1.key }.flatMap { path, values in
      [
        values == step.parameters[path] ? nil : "inference moves \(path)",
        moved[path] != step.parameters[path] ? nil : "training leaves \(path) alone",
      ].compactMap { $0 }
    }
  }

  /// Parameters that are read by path and put into another executor give the same bits.
  func copies(of variant: BlockCase) throws -> [String] {
    var step = try variant.step(.real)
    let executor = try step.executor()
    executor.parameters.initialize(seed: 9, kernels: .heNormal)
    for path in step.parameters.keys { step.parameters[path] = executor.parameters[path] }
    let original = step.run(executor)
    return try step.fast().differences(from: original, tolerance: nil)
  }
}
