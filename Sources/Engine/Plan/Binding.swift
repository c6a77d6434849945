// SPDX-License-Identifier: Apache-2.0

import Kernels

/// Gives the op of every step the memory that the plan chose for it.
struct Binding {
  private let graph: Graph
  private let plan: Plan
  private let parameters: ParameterMemory
  private let arena: FloatBuffer
  private let pool: ThreadPool
  /// The first of the steps that write a gradient; the others add to it.
  private let firstWriters: [Operand: Int]

  init(
    _ graph: Graph, _ plan: Plan, _ parameters: ParameterMemory, _ arena: FloatBuffer,
    _ pool: ThreadPool
  ) {
    self.graph = graph
    self.plan = plan
    self.parameters = parameters
    self.arena = arena
    self.pool = pool
    let writers = plan.steps.flatMap { step in step.writes.map { ($0, step.node) } }
    firstWriters = Dictionary(writers, uniquingKeysWith: { first, _ in first })
  }

  func memory(_ step: Plan.Step) -> OpMemory {
    let node = graph.nodes[step.node]
    var memory = OpMemory(
      name: node.name, batch: plan.batch, inputShapes: graph.inputShapes(of: node),
      outputShape: node.output, views: step.inputs.map(view), output: buffer(.output(step.node)),
      parameters: node.parameters.map(parameters.value), saved: buffer(.saved(step.node)),
      scratch: buffer(.scratch(step.node, step.pass)), pool: pool, inputGradients: [],
      gradientView: GradientView(buffer(.gradient(step.node))),
      parameterGradients: node.parameters.map(parameters.gradient))
    switch step.pass {
    case .forward:
      memory.moments = (step.targets[0]?.gathersFor).map { buffer(.moments($0)) }
      memory.gathered = step.gatherer.map {
        (buffer(.moments(step.node)), plan.demands[$0].momentTiles)
      }
    case .backward:
      memory.gradientView = gradientView(step)
      memory.inputGradients = targets(step)
      memory.gathered = step.gatherer.map { (buffer(.sums(step.node)), plan.demands[$0].sumTiles) }
    case .loss: break
    }
    return memory
  }

  /// Empty where the plan does without it.
  private func buffer(_ operand: Operand) -> FloatBuffer {
    guard let position = plan.buffer(of: operand) else { return arena.slice(0, 0) }
    let planned = plan.buffers[position]
    return arena.slice(planned.offset, planned.count)
  }

  private func saved(_ normalization: Int) -> BatchNormalization.Saved {
    BatchNormalization.Saved(
      buffer(.saved(normalization)), channels: graph.nodes[normalization].output.channels)
  }

  private func view(_ view: Plan.View) -> InputView {
    let vectors = view.normalization.map(saved)
    return InputView(
      buffer(.output(view.source)), normalization: vectors.map { ($0.factor, $0.summand) },
      activation: view.activation.flatMap { graph.nodes[$0].op.activation },
      depthwise: view.depthwise.flatMap(depthwiseView))
  }

  private func depthwiseView(_ position: Int) -> DepthwiseView? {
    let node = graph.nodes[position]
    guard let op = node.op as? DepthwiseConvolution else { return nil }
    return DepthwiseView(
      op.geometry(batch: plan.batch, input: graph.inputShapes(of: node)[0]),
      kernel: parameters.value(node.parameters.lowerBound))
  }

  /// The gradient of a step's output, through the batch norm that hands its own on, if one does.
  private func gradientView(_ step: Plan.Step) -> GradientView {
    guard let source = step.gradient else { return GradientView(arena.slice(0, 0)) }
    let gradient = buffer(.gradient(source.node))
    guard let normalization = source.normalization,
      let op = graph.nodes[normalization].op as? BatchNormalization
    else { return GradientView(gradient) }
    let node = graph.nodes[normalization]
    return GradientView(
      gradient,
      normalization: op.gradient(
        activations: buffer(.output(step.node)), rows: plan.batch * node.output.pixels,
        saved: saved(normalization), parameters: node.parameters.map(parameters.value),
        parameterGradients: node.parameters.map(parameters.gradient)))
  }

  private func targets(_ step: Plan.Step) -> [GradientTarget?] {
    var written: Set<Operand> = []
    return step.targets.map { target in
      guard let target else { return nil }
      // An op that reads a value twice writes for its first mention and adds for the second.
      let isFirst =
        firstWriters[target.operand] == step.node && written.insert(target.operand).inserted
      var result = GradientTarget(buffer(target.operand), accumulate: !isFirst)
      result.mask = target.mask.map(view)
      result.masksSum = target.masksSum
      result.sums = target.gathersFor.map(sums)
      return result
    }
  }

  private func sums(_ normalization: Int) -> GradientSums {
    let saved = saved(normalization)
    return GradientSums(
      activations: buffer(.output(graph.nodes[normalization].inputs[0].index)), mean: saved.mean,
      inverseDeviation: saved.inverseDeviation, parts: buffer(.sums(normalization)))
  }
}
