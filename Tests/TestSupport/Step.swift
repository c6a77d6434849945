// SPDX-License-Identifier: Apache-2.0

import Engine
import Kernels

/// One step of a graph with everything that goes into it, to be run by either executor.
public struct Step: Sendable {
  /// How a step's numbers are drawn.
  public enum Numbers: Sendable {
    /// So small that sums over small graphs are exact in any order.
    case integers
    /// Normal; scales about 1, running variances positive.
    case real
  }

  public var graph: Graph
  public var batch: Int
  /// By path, all of the graph's.
  public var parameters: [String: [Float]]
  public var images: [Float]
  public var targets: [Float]
  public var loss = Loss.softmaxCrossEntropy(labelSmoothing: 0.1)
  public var isTraining = true
  public var seed: UInt64 = 7
  /// Steps done before, for dropout's streams.
  public var number = 0

  public init(_ graph: Graph, batch: Int = 2, numbers: Numbers) {
    self.graph = graph
    self.batch = batch
    let imageCount = batch * graph.inputShape.count
    images =
      switch numbers {
      case .integers: IntegerData.values(imageCount, salt: 5, bound: 3)
      case .real: RealData.normal(imageCount, "images")
      }
    targets = RealData.distributions(
      rows: batch, classes: graph.outputShape.channels, "targets")
    parameters = [:]
    for parameter in graph.parameters {
      parameters[parameter.path] = Self.draw(parameter, numbers)
    }
  }

  private static func draw(_ parameter: Parameter, _ numbers: Numbers) -> [Float] {
    if parameter.path == "tap/value" { return Array(repeating: 0, count: parameter.count) }
    switch (numbers, parameter.role) {
    case (.integers, _):
      return IntegerData.values(
        parameter.count, salt: RealData.salt(parameter.path), bound: 2)
    case (.real, .kernel), (.real, .depthwiseKernel):
      let incoming = parameter.fans.map(\.incoming).max() ?? 1
      let deviation = 1 / Float(incoming).squareRoot()
      return RealData.normal(parameter.count, parameter.path, deviation: deviation)
    case (.real, .scale), (.real, .runningVariance):
      return RealData.normal(parameter.count, parameter.path, deviation: 0.2).map { 1 + abs($0) }
    case (.real, _):
      return RealData.normal(parameter.count, parameter.path, deviation: 0.3)
    }
  }
}

/// What one step gives.
public struct StepResult<Scalar: ReferenceScalar>: Sendable {
  public var logits: [Scalar]
  public var losses: [Scalar]
  /// By path, of the parameters that learn; empty in inference.
  public var gradients: [String: [Scalar]] = [:]
  /// Batch norm's running statistics after the step, by path.
  public var statistics: [String: [Scalar]] = [:]
}

// MARK: Running

extension Step {
  /// The step in a fresh executor of the engine.
  public func fast(
    threads: Int = 1, reusesMemory: Bool = true, fuses: Bool = true
  ) throws -> StepResult<Float> {
    run(try executor(threads: threads, reusesMemory: reusesMemory, fuses: fuses))
  }

  /// A fresh executor that holds the step's parameters.
  public func executor(
    threads: Int = 1, reusesMemory: Bool = true, fuses: Bool = true
  ) throws -> Executor {
    let memory = try ParameterMemory(graph)
    for (path, numbers) in parameters { try memory.set(path, to: numbers) }
    return try Executor(
      graph, mode: isTraining ? .training(loss) : .inference(loss), batch: batch,
      parameters: memory, pool: ThreadPool(threads: threads), seed: seed,
      reusesMemory: reusesMemory, fuses: fuses)
  }

  /// The step, which must be one of inference, in a network folded for it.
  public func folded(threads: Int = 1) throws -> StepResult<Float> {
    precondition(!isTraining, "a folded network does not train")
    let memory = try ParameterMemory(graph)
    for (path, numbers) in parameters { try memory.set(path, to: numbers) }
    let network = try FoldedNetwork(
      graph, batch: batch, pool: ThreadPool(threads: threads))
    network.fold(memory.all)
    let executor = try network.executor(loss: loss)
    executor.load(images: images)
    executor.load(targets: targets)
    executor.run()
    var result = StepResult(logits: executor.logits, losses: executor.losses)
    for (position, parameter) in graph.parameters.enumerated() where !parameter.isTrainable {
      result.statistics[parameter.path] = memory.value(position).array
    }
    return result
  }

  /// The step in an executor that exists, with the parameters that it has.
  public func run(_ executor: Executor) -> StepResult<Float> {
    let memory = executor.parameters
    executor.load(images: images)
    executor.load(targets: targets)
    executor.run(step: number)
    var result = StepResult(logits: executor.logits, losses: executor.losses)
    for (position, parameter) in graph.parameters.enumerated() {
      if !parameter.isTrainable {
        result.statistics[parameter.path] = memory.value(position).array
      } else if isTraining {
        result.gradients[parameter.path] = memory.gradient(position).array
      }
    }
    return result
  }

  /// A reference executor that holds the step's parameters.
  public func referenceExecutor<Scalar: ReferenceScalar>(
    _ type: Scalar.Type = Scalar.self
  ) -> ReferenceExecutor<Scalar> {
    ReferenceExecutor(
      graph, batch: batch,
      parameters: graph.parameters.map { (parameters[$0.path] ?? []).map { Scalar($0) } },
      loss: loss, isTraining: isTraining, seed: seed)
  }

  /// The step through the naive twins.
  public func reference<Scalar: ReferenceScalar>(
    _ type: Scalar.Type = Scalar.self
  ) -> StepResult<Scalar> {
    var executor = referenceExecutor(type)
    let trace = executor.run(
      images: images.map { Scalar($0) }, targets: targets.map { Scalar($0) }, step: number)
    var result = StepResult(logits: trace.outputs[graph.output.index], losses: trace.losses)
    for (position, parameter) in graph.parameters.enumerated() {
      if !parameter.isTrainable {
        result.statistics[parameter.path] = executor.parameters[position]
      } else if isTraining {
        result.gradients[parameter.path] = trace.parameterGradients[position]
      }
    }
    return result
  }
}

// MARK: Comparing

extension StepResult {
  /// All that differs from the expected: nothing may where `tolerance` is nil, else nothing by more
  /// than that share of the largest number of its tensor.
  ///
  /// With `losses` false, neither losses nor statistics are looked at, as suits integers with an
  /// injected gradient.
  public func differences<Other: ReferenceScalar>(
    from expected: StepResult<Other>, tolerance: Double?, losses: Bool = true
  ) -> [String] {
    // An offset before a batch norm has a gradient of zero but for rounding.
    let gradients = expected.gradients.values.joined()
    let least = 1e-2 * gradients.reduce(0) { max($0, abs(Double($1))) }
    func compare(_ actual: [Scalar], _ expected: [Other], _ what: String) -> String? {
      guard let tolerance else {
        return Compare.exact(actual.map { Double($0) }, expected.map { Double($0) }, what)
      }
      return Compare.close(actual, expected, tolerance: tolerance, least: least, what)
    }
    var findings = [compare(logits, expected.logits, "logits")]
    var tensors = [("gradient of", self.gradients, expected.gradients)]
    if losses {
      findings.append(compare(self.losses, expected.losses, "losses"))
      tensors.append(("statistic", statistics, expected.statistics))
    }
    for (kind, own, other) in tensors {
      if own.keys.sorted() != other.keys.sorted() {
        findings.append("\(kind): \(own.keys.sorted()), expected \(other.keys.sorted())")
      }
      for path in own.keys.sorted() {
        findings.append(compare(own[path] ?? [], other[path] ?? [], "\(kind) \(path)"))
      }
    }
    return findings.compactMap { $0 }
  }
}
