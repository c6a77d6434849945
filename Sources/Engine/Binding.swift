import Kernels

/// Gives every op the memory that the plan chose for it.
struct Binding {
  private let graph: Graph
  private let plan: Plan
  private let parameters: ParameterMemory
  private let arena: FloatBuffer
  private let pool: ThreadPool

  init(
    _ graph: Graph, _ plan: Plan, _ parameters: ParameterMemory, _ arena: FloatBuffer,
    _ pool: ThreadPool
  ) {
    self.graph = graph
    self.plan = plan
    self.parameters = parameters
    self.arena = arena
    self.pool = pool
  }

  private func buffer(_ position: Int) -> FloatBuffer {
    let planned = plan.buffers[position]
    return arena.slice(planned.offset, planned.count)
  }

  private var nothing: FloatBuffer { arena.slice(0, 0) }

  func forward(_ position: Int) -> OpMemory {
    let node = graph.nodes[position]
    let buffers = plan.nodes[position]
    let views = node.inputs.map { view(plan.fusion.views[$0.index]) }
    var memory = OpMemory(
      name: node.name, batch: plan.batch, inputShapes: graph.inputShapes(of: node),
      outputShape: node.output, inputs: views.map(\.values), views: views,
      output: buffer(buffers.output), parameters: node.parameters.map(parameters.value),
      saved: buffers.saved.map(buffer) ?? nothing,
      scratch: buffers.forwardScratch.map(buffer) ?? nothing, pool: pool,
      inputGradients: [], outputGradient: nothing, gradientView: GradientView(nothing),
      parameterGradients: node.parameters.map(parameters.gradient))
    let reader = plan.fusion.momentsFrom.firstIndex(of: position)
    memory.moments = reader.flatMap { plan.nodes[$0].moments }.map(buffer)
    memory.normalization = role(position)
    return memory
  }

  func backward(_ position: Int) -> OpMemory {
    var memory = forward(position)
    let node = graph.nodes[position]
    let buffers = plan.nodes[position]
    memory.outputGradient = buffers.gradient.map(buffer) ?? nothing
    memory.gradientView = gradientView(position, memory.outputGradient)
    memory.scratch = buffers.backwardScratch.map(buffer) ?? nothing
    var mentioned: Set<Int> = []
    memory.inputGradients = node.inputs.map { input in
      // Writers run backward from the last to the first; a node that reads a value twice writes for
      // its first mention and adds for the second.
      let owner = plan.fusion.gradientOwner[input.index]
      let isLatest = plan.fusion.gradientWriters[owner].last == position
      let isFirst = mentioned.insert(owner).inserted
      return target(input.index, owner, writer: position, accumulate: !(isLatest && isFirst))
    }
    return memory
  }

  private func view(_ view: Fusion.View) -> InputView {
    let channels = graph.nodes[view.source].output.channels
    let vectors = view.normalization.flatMap { plan.nodes[$0].saved }.map {
      BatchNormalization.Saved(buffer($0), channels: channels)
    }
    return InputView(
      buffer(plan.nodes[view.source].output),
      normalization: vectors.map { ($0.factor, $0.summand) }, isRectified: view.isRectified,
      depthwise: view.depthwise.flatMap(depthwiseView))
  }

  private func depthwiseView(_ position: Int) -> DepthwiseView? {
    let node = graph.nodes[position]
    guard let op = node.op as? DepthwiseConvolution else { return nil }
    return DepthwiseView(
      op.geometry(batch: plan.batch, input: graph.inputShapes(of: node)[0]),
      kernel: parameters.value(node.parameters.lowerBound))
  }

  private func target(
    _ input: Int, _ owner: Int, writer: Int, accumulate: Bool
  ) -> GradientTarget? {
    guard let gradient = plan.nodes[owner].gradient else { return nil }
    var target = GradientTarget(buffer(gradient), accumulate: accumulate)
    let seen = plan.fusion.views[input]
    let fusion = plan.fusion
    if seen.isRectified && seen.depthwise == nil {
      target.masksSum = fusion.isMaskedOnce[owner]
      let isLast = fusion.gradientWriters[owner].first == writer
      if isLast || !target.masksSum { target.mask = view(seen) }
    }
    let normalization = graph.nodes.indices.first {
      fusion.sumsFrom[$0] == writer && fusion.sumsOf[$0] == owner
    }
    if let normalization, let sums = plan.nodes[normalization].sums {
      let node = graph.nodes[normalization]
      let saved = BatchNormalization.Saved(
        plan.nodes[normalization].saved.map(buffer) ?? nothing, channels: node.output.channels)
      target.sums = GradientSums(
        activations: buffer(plan.nodes[node.inputs[0].index].output), mean: saved.mean,
        inverseDeviation: saved.inverseDeviation, parts: buffer(sums))
    }
    return target
  }

  private func role(_ position: Int) -> NormalizationRole {
    let fusion = plan.fusion
    let buffers = plan.nodes[position]
    var role = NormalizationRole()
    role.isAbsorbed = fusion.isAbsorbed(position)
    role.producerMakesGradient = fusion.producerMakesGradient[position]
    if let producer = fusion.momentsFrom[position], let moments = buffers.moments {
      role.moments = (buffer(moments), plan.demands[producer].momentTiles)
    }
    if let writer = fusion.sumsFrom[position], let sums = buffers.sums {
      role.sums = (buffer(sums), plan.demands[writer].sumTiles)
    }
    return role
  }

  /// The gradient of a node's output, through the batch norm that reads it if that hands it on.
  private func gradientView(_ position: Int, _ gradient: FloatBuffer) -> GradientView {
    let reader = graph.nodes.indices.first {
      plan.fusion.producerMakesGradient[$0] && graph.nodes[$0].inputs[0].index == position
    }
    guard let reader, let op = graph.nodes[reader].op as? BatchNormalization,
      let saved = plan.nodes[reader].saved
    else { return GradientView(gradient) }
    let node = graph.nodes[reader]
    return GradientView(
      gradient,
      normalization: op.gradient(
        activations: buffer(plan.nodes[position].output), rows: plan.batch * node.output.pixels,
        saved: BatchNormalization.Saved(buffer(saved), channels: node.output.channels),
        parameters: node.parameters.map(parameters.value),
        parameterGradients: node.parameters.map(parameters.gradient)))
  }
}
