/// What a plan does without: values that are never stored, because their readers make them from
/// what lies in memory, and passes over memory that others make on their way.
///
/// - A batch norm or ReLU whose readers all can is absorbed: they apply it as they read.
/// - A depthwise convolution that a 1×1 convolution alone reads is made there, tile by tile, in both
///   directions.
/// - The op before a batch norm gathers the batch's moments while its output is in the cache.
/// - The op that finishes the gradient of a batch norm's output, or of a sum that it goes into,
///   gathers its two sums likewise.
/// - The op before a batch norm makes its own output's gradient as it reads that of the batch norm.
///
/// The graph knows nothing of it, and the plain plan has none of it.
public struct Fusion: Sendable {
  /// A value as its readers see it: the output of `source`, or a batch norm of it, or a ReLU of
  /// either, or a depthwise convolution of any of these.
  public struct View: Hashable, Sendable {
    /// The node whose output lies in memory.
    public var source: Int
    /// The batch norm to apply.
    public var normalization: Int?
    public var isRectified = false
    /// The depthwise convolution to make.
    public var depthwise: Int?
  }

  /// By node; a node that is its own source is stored.
  public private(set) var views: [View]
  /// For a batch norm, the node that gathers its moments.
  public private(set) var momentsFrom: [Int?]
  /// For a batch norm, the node that gathers the sums of its gradient.
  public private(set) var sumsFrom: [Int?]
  /// For a batch norm, the node whose gradient they are taken of: itself, or a sum that it alone
  /// goes into, whose gradient is the same.
  public private(set) var sumsOf: [Int?]
  /// Whether the node before a batch norm makes its gradient as it reads.
  public private(set) var producerMakesGradient: [Bool]
  /// The node whose gradient buffer a node's gradient goes to: an absorbed ReLU's goes, masked, to
  /// what it was applied to.
  public private(set) var gradientOwner: [Int]
  /// For every such node, the ops that write its gradient, in order.
  public private(set) var gradientWriters: [[Int]]
  /// For every such node, whether only the first of these, which backward comes last, masks what all
  /// have written: they see it through one ReLU.
  public private(set) var isMaskedOnce: [Bool]

  /// Whether a node has no output of its own.
  public func isAbsorbed(_ node: Int) -> Bool { views[node].source != node }

  /// The plain plan.
  init(plain graph: Graph) {
    views = graph.nodes.indices.map { View(source: $0) }
    momentsFrom = Array(repeating: nil, count: graph.nodes.count)
    sumsFrom = momentsFrom
    sumsOf = momentsFrom
    producerMakesGradient = Array(repeating: false, count: graph.nodes.count)
    gradientOwner = Array(graph.nodes.indices)
    gradientWriters = graph.readers
    isMaskedOnce = producerMakesGradient
  }

  init(_ graph: Graph, demands: [OpDemands], mode: Plan.Mode) {
    self.init(plain: graph)
    let readers = graph.readers
    for position in graph.nodes.indices where position != graph.output.index {
      absorb(position, graph, demands, readers[position])
    }
    for position in graph.nodes.indices where graph.nodes[position].op is ReLU {
      let view = views[position]
      guard isAbsorbed(position) else { continue }
      gradientOwner[position] = view.normalization ?? view.source
    }
    // An absorbed ReLU writes no gradient; its readers write that of what it was applied to.
    for (position, owner) in gradientOwner.enumerated() where owner != position {
      gradientWriters[owner] += readers[position]
    }
    for position in graph.nodes.indices {
      gradientWriters[position] =
        gradientWriters[position].filter { gradientOwner[$0] == $0 }.sorted()
    }
    for position in graph.nodes.indices where isAbsorbed(position) {
      let owner = gradientOwner[position]
      guard owner != position, readers[owner] == [position],
        let last = gradientWriters[owner].first
      else { continue }
      isMaskedOnce[owner] = demands[last].masksSums
    }
    guard mode == .training else { return }
    for (position, node) in graph.nodes.enumerated() {
      // Nothing learns before a frozen batch norm, and it takes no moments.
      guard let op = node.op as? BatchNormalization, !op.isFrozen else { continue }
      joinNormalization(position, graph, demands, readers)
    }
  }

  private mutating func absorb(
    _ position: Int, _ graph: Graph, _ demands: [OpDemands], _ readers: [Int]
  ) {
    let node = graph.nodes[position]
    if node.op is BatchNormalization {
      let input = node.inputs[0].index
      let canRead = readers.allSatisfy { demands[$0].views >= .normalized }
      guard !isAbsorbed(input), canRead else { return }
      views[position] = View(source: input, normalization: position)
    } else if node.op is ReLU {
      let view = views[node.inputs[0].index]
      let canRead = readers.allSatisfy { demands[$0].views == .rectified }
      guard !view.isRectified, canRead else { return }
      views[position] = View(
        source: view.source, normalization: view.normalization, isRectified: true)
    } else if Self.pointwiseReader(position, graph, readers) != nil {
      views[position] = views[node.inputs[0].index]
      views[position].depthwise = position
    }
  }

  /// The 1×1 convolution that makes a depthwise convolution as it reads, if there is one.
  private static func pointwiseReader(_ position: Int, _ graph: Graph, _ readers: [Int]) -> Int? {
    let node = graph.nodes[position]
    guard position != graph.output.index, let depthwise = node.op as? DepthwiseConvolution,
      readers.count == 1, let reader = graph.nodes[readers[0]].op as? Convolution,
      reader.canRead(through: depthwise, of: graph.inputShapes(of: node)[0])
    else { return nil }
    return readers[0]
  }

  /// What every op asks of a plan; in a fused one a 1×1 convolution behind a depthwise one has its
  /// tiles.
  static func demands(_ graph: Graph, batch: Int, threads: Int, fuses: Bool) -> [OpDemands] {
    let readers = graph.readers
    var producers: [Int: Int] = [:]
    for position in graph.nodes.indices where fuses {
      if let reader = pointwiseReader(position, graph, readers[position]) {
        producers[reader] = position
      }
    }
    return graph.nodes.enumerated().map { position, node in
      let inputs = graph.inputShapes(of: node)
      guard let producer = producers[position].map({ graph.nodes[$0] }),
        let op = node.op as? Convolution, let depthwise = producer.op as? DepthwiseConvolution
      else {
        return node.op.demands(inputs: inputs, output: node.output, batch: batch, threads: threads)
      }
      return op.demands(
        inputs: inputs, output: node.output, batch: batch, threads: threads,
        behind: depthwise.geometry(batch: batch, input: graph.inputShapes(of: producer)[0]))
    }
  }

  private mutating func joinNormalization(
    _ position: Int, _ graph: Graph, _ demands: [OpDemands], _ readers: [[Int]]
  ) {
    let producer = graph.nodes[position].inputs[0].index
    if !isAbsorbed(producer) && readers[producer] == [position] {
      if demands[producer].momentTiles > 0 { momentsFrom[position] = producer }
      producerMakesGradient[position] = demands[producer].takesGradientViews
    }
    // What goes into one sum alone has the sum's gradient.
    var target = position
    while readers[target].count == 1, let only = readers[target].first,
      graph.nodes[only].op is Addition
    {
      target = only
    }
    // Backward, the first reader comes last and finds the sum complete but for its own share.
    guard let last = gradientWriters[target].first, demands[last].sumTiles > 0,
      gradientWriters[target].dropFirst().first != last,
      let input = graph.nodes[last].inputs.first, gradientOwner[input.index] == target,
      !zip(sumsFrom, sumsOf).contains(where: { $0 == last && $1 == target })
    else { return }
    sumsFrom[position] = last
    sumsOf[position] = target
  }
}

/// How an op's inputs may be seen.
public enum ViewSupport: Int, Sendable, Comparable {
  /// As they lie in memory only.
  case none
  /// Also through a batch norm.
  case normalized
  /// Also through a ReLU, whose derivative the op then applies to the gradient that it writes.
  case rectified

  public static func < (first: ViewSupport, second: ViewSupport) -> Bool {
    first.rawValue < second.rawValue
  }
}
