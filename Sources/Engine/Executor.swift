// SPDX-License-Identifier: Apache-2.0

import Kernels

/// Runs a graph by its plan, in memory taken once.
///
/// Not for use from two threads at a time; its ops use the threads of its pool. The same inputs
/// give the same bits for any number of threads.
public final class Executor {
  /// What the executor is made for.
  public enum Mode: Sendable {
    /// Forward, loss and backward.
    case training(Loss)
    /// Forward only, batch norm with its running statistics; the loss is optional.
    case inference(Loss?)
  }

  public let graph: Graph
  public let plan: Plan
  public let parameters: ParameterMemory
  private let arena: AlignedMemory
  private let extras: AlignedMemory
  private let seed: UInt64
  private let isTraining: Bool
  private var forwardActions: [Action] = []
  private var backwardActions: [Action] = []
  private var lossPass: LossPass?

  /// A pass of one node.
  private struct Action {
    let node: Int
    let run: OpAction
  }

  public var batch: Int { plan.batch }
  public var classes: Int { graph.outputShape.channels }

  /// - Parameters:
  ///   - graph: the network.
  ///   - mode: training, or inference.
  ///   - batch: images at a time.
  ///   - parameters: the graph's own, shared with whoever changes them.
  ///   - pool: the threads that it uses.
  ///   - seed: of dropout's streams.
  ///   - reusesMemory: as for `Plan`.
  ///   - fuses: as for `Plan`.
  /// - Throws: where the memory is not to be had.
  public init(
    _ graph: Graph, mode: Mode, batch: Int, parameters: ParameterMemory, pool: ThreadPool,
    seed: UInt64 = 0, reusesMemory: Bool = true, fuses: Bool = true
  ) throws(OutOfMemory) {
    precondition(batch >= 1, "a batch of \(batch) images does not exist")
    precondition(parameters.parameters == graph.parameters, "parameters of another graph")
    let planMode: Plan.Mode = if case .training = mode { .training } else { .inference }
    self.graph = graph
    self.parameters = parameters
    self.seed = seed
    isTraining = planMode == .training
    plan = Plan(
      graph, mode: planMode, batch: batch, threads: pool.threads, reusesMemory: reusesMemory,
      fuses: fuses)
    arena = try AlignedMemory(count: max(plan.arenaCount, 16))
    let targetCount = Plan.padded(batch * graph.outputShape.channels)
    extras = try AlignedMemory(count: 2 * targetCount + Plan.padded(batch))
    bind(pool)
    switch mode {
    case .training(let loss), .inference(.some(let loss)):
      lossPass = makeLossPass(loss, targetCount)
    case .inference(.none): break
    }
  }

  private func makeLossPass(_ loss: Loss, _ targetCount: Int) -> LossPass {
    let logits = graph.output.index
    return LossPass(
      loss: loss, batch: plan.batch, classes: classes, logits: buffer(.output(logits)),
      targets: extras.buffer.slice(0, plan.batch * classes),
      losses: extras.buffer.slice(2 * targetCount, plan.batch),
      gradient: plan.buffer(of: .gradient(logits)) == nil ? nil : buffer(.gradient(logits)))
  }

  private func buffer(_ operand: Operand) -> FloatBuffer {
    guard let position = plan.buffer(of: operand) else { return arena.buffer.slice(0, 0) }
    let planned = plan.buffers[position]
    return arena.buffer.slice(planned.offset, planned.count)
  }

  private func bind(_ pool: ThreadPool) {
    let binding = Binding(graph, plan, parameters, arena.buffer, pool)
    for step in plan.steps {
      let op = graph.nodes[step.node].op
      let memory = binding.memory(step)
      switch step.pass {
      case .forward: forwardActions.append(Action(node: step.node, run: op.forward(memory)))
      case .loss: break
      case .backward: backwardActions.append(Action(node: step.node, run: op.backward(memory)))
      }
    }
  }
}

// MARK: Running

extension Executor {
  /// Puts images into the arena: `[batch, height, width, channels]`, channels innermost.
  public func load(images: [Float]) {
    buffer(.output(graph.input.index)).copy(from: images)
  }

  /// Puts targets beside the logits: for every image a distribution over the classes, or 0 and 1
  /// for every class.
  public func load(targets: [Float]) {
    extras.buffer.slice(0, batch * classes).copy(from: targets)
  }

  /// Puts one label an image beside the logits, as distributions that are 1 at the label.
  public func load(labels: [Int]) {
    precondition(labels.count == batch, "\(labels.count) labels for \(batch) images")
    let targets = extras.buffer.slice(0, batch * classes)
    targets.fill(0)
    for (image, label) in labels.enumerated() {
      precondition((0..<classes).contains(label), "label \(label) of \(classes) classes")
      targets[image * classes + label] = 1
    }
  }

  /// One step: forward, then the loss, then, in training, backward.
  ///
  /// - Parameter step: steps done before, for dropout's streams.
  public func run(step: Int = 0) {
    let moment = StepMoment(isTraining: isTraining, seed: seed, step: step)
    for action in forwardActions { action.run(moment) }
    lossPass?.run()
    guard isTraining else { return }
    for action in backwardActions { action.run(moment) }
  }

  /// One step, and how long each of the plan's steps took, in seconds and in their order.
  public func profile(step: Int = 0) -> [Double] {
    let moment = StepMoment(isTraining: isTraining, seed: seed, step: step)
    let clock = SuspendingClock()
    func measure(_ work: () -> Void) -> Double { clock.measure(work) / .seconds(1) }
    let forward = forwardActions.map { action in measure { action.run(moment) } }
    let loss = lossPass.map { pass in measure { pass.run() } }
    let backward = backwardActions.map { action in measure { action.run(moment) } }
    return forward + (loss.map { [$0] } ?? []) + backward
  }

  /// The path of the first op whose output is not finite when the step is run again, or nil.
  ///
  /// Runs the forward pass, so batch norm's running statistics move once more.
  public func firstNonFiniteOp(step: Int) -> String? {
    let moment = StepMoment(isTraining: isTraining, seed: seed, step: step)
    if !result(of: graph.input.index).isFinite { return graph.nodes[graph.input.index].name }
    for action in forwardActions {
      action.run(moment)
      if !result(of: action.node).isFinite { return graph.nodes[action.node].name }
    }
    lossPass?.run()
    return losses.allSatisfy(\.isFinite) ? nil : "loss"
  }

  /// What a node's forward pass leaves: of an absorbed batch norm, what its readers apply.
  private func result(of node: Int) -> FloatBuffer {
    plan.isStored(node)
      ? buffer(.output(node))
      : buffer(.saved(node)).slice(0, 4 * graph.nodes[node].output.channels)
  }

  /// The loss of every image of the last step.
  public var losses: [Float] { lossPass?.losses.array ?? [] }

  /// The logits of the last step, `[batch, classes]`.
  public var logits: [Float] { buffer(.output(graph.output.index)).array }

  /// The softmax of the logits of the last step, `[batch, classes]`.
  public var probabilities: [Float] {
    let count = batch * classes
    let result = extras.buffer.slice(Plan.padded(count), count)
    SoftmaxKernel.softmax(
      logits: buffer(.output(graph.output.index)), probabilities: result, rows: batch,
      classes: classes)
    return result.array
  }
}
