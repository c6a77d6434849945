/// Where every buffer of a graph lives and when, for one batch size and mode.
///
/// Time is counted in steps: node `i` of `n` runs forward at `i`, the loss at `n`, and node `i`
/// backward at `2n − i`. A buffer is needed from its first to its last step; buffers whose spans do
/// not meet share memory. The plan is plain data, made once; the executor only follows it.
public struct Plan: Sendable {
  /// What the executor is to do.
  public enum Mode: String, Sendable {
    case training
    case inference
  }

  /// One piece of the arena.
  public struct Buffer: Sendable {
    /// What it holds, e.g. `stem/conv output`.
    public var label: String
    /// Floats.
    public var count: Int
    public var firstStep: Int
    public var lastStep: Int
    /// Floats from the arena's start, a multiple of 16 (64 bytes).
    public var offset = 0
  }

  /// The buffers of one node, as positions in `buffers`; nil where there is none.
  public struct NodeBuffers: Sendable {
    public var output: Int
    public var saved: Int?
    public var forwardScratch: Int?
    public var backwardScratch: Int?
    public var gradient: Int?
    /// Of a batch norm: what others gather for it.
    public var moments: Int?
    public var sums: Int?
  }

  public let mode: Mode
  public let batch: Int
  public let threads: Int
  public private(set) var buffers: [Buffer] = []
  /// The output of an absorbed node is that of its source.
  public private(set) var nodes: [NodeBuffers] = []
  public let fusion: Fusion
  /// What every op asked for.
  public let demands: [OpDemands]
  /// Floats in the arena.
  public private(set) var arenaCount = 0

  /// - Parameter reusesMemory: false gives every buffer a place of its own and lets no op work in
  ///   place: what the frugal plan is tested against.
  /// - Parameter fuses: false runs every op of the graph by itself: what fusion is tested against.
  public init(
    _ graph: Graph, mode: Mode, batch: Int, threads: Int, reusesMemory: Bool = true,
    fuses: Bool = true
  ) {
    self.mode = mode
    self.batch = batch
    self.threads = threads
    let demands = Fusion.demands(graph, batch: batch, threads: threads, fuses: fuses)
    self.demands = demands
    fusion =
      fuses ? Fusion(graph, demands: demands, mode: mode) : Fusion(plain: graph)
    let lifetimes = Lifetimes(
      graph, demands: demands, mode: mode, fusion: fusion, inPlace: reusesMemory)
    nodes = graph.nodes.indices.map { _ in NodeBuffers(output: -1) }
    for position in graph.nodes.indices {
      addForward(position, graph, demands[position], lifetimes)
    }
    if mode == .training {
      for position in graph.nodes.indices.reversed() {
        addBackward(position, graph, demands[position], lifetimes)
      }
      for (position, owner) in fusion.gradientOwner.enumerated() where owner != position {
        nodes[position].gradient = nodes[owner].gradient
      }
      for position in graph.nodes.indices { addGathered(position, graph, lifetimes) }
    }
    if reusesMemory { place() } else { placeApart() }
  }

  /// Bytes of the arena.
  public var arenaBytes: Int { arenaCount * MemoryLayout<Float>.stride }

  private mutating func addForward(
    _ position: Int, _ graph: Graph, _ demands: OpDemands, _ lifetimes: Lifetimes
  ) {
    let node = graph.nodes[position]
    if fusion.isAbsorbed(position) {
      nodes[position].output = nodes[fusion.views[position].source].output
    } else if lifetimes.overwritesInput[position] {
      nodes[position].output = nodes[node.inputs[0].index].output
      extend(nodes[position].output, to: lifetimes.lastRead[position])
    } else {
      nodes[position].output = add(
        "\(node.name) output", batch * node.output.count, position, lifetimes.lastRead[position])
    }
    if demands.savedCount > 0 {
      nodes[position].saved = add(
        "\(node.name) saved", demands.savedCount, position, lifetimes.savedRead[position])
    }
    if demands.scratchCount > 0 && runsForward(graph, position) {
      nodes[position].forwardScratch = add(
        "\(node.name) scratch", demands.scratchCount, position, position)
    }
  }

  private mutating func addBackward(
    _ position: Int, _ graph: Graph, _ demands: OpDemands, _ lifetimes: Lifetimes
  ) {
    guard let written = lifetimes.gradientWritten[position],
      fusion.gradientOwner[position] == position
    else { return }
    let node = graph.nodes[position]
    let step = lifetimes.backwardStep(position)
    if let heir = lifetimes.gradientHeir[position], let gradient = nodes[heir].gradient {
      nodes[position].gradient = gradient
      extend(gradient, to: step)
    } else {
      nodes[position].gradient = add(
        "\(node.name) gradient", batch * node.output.count, written, step)
    }
    if demands.scratchCount > 0 {
      nodes[position].backwardScratch = add(
        "\(node.name) backward scratch", demands.scratchCount, step, step)
    }
  }

  /// What other nodes gather for a batch norm.
  private mutating func addGathered(_ position: Int, _ graph: Graph, _ lifetimes: Lifetimes) {
    let node = graph.nodes[position]
    let channels = node.output.channels
    if let producer = fusion.momentsFrom[position] {
      nodes[position].moments = add(
        "\(node.name) moments", demands[producer].momentTiles * (2 * channels + 1), producer,
        position)
    }
    if let writer = fusion.sumsFrom[position], nodes[position].gradient != nil {
      nodes[position].sums = add(
        "\(node.name) sums", demands[writer].sumTiles * 2 * channels,
        lifetimes.backwardStep(writer), lifetimes.backwardStep(position))
    }
  }

  private mutating func add(_ label: String, _ count: Int, _ first: Int, _ last: Int) -> Int {
    buffers.append(Buffer(label: label, count: count, firstStep: first, lastStep: last))
    return buffers.count - 1
  }

  private mutating func extend(_ buffer: Int, to step: Int) {
    buffers[buffer].lastStep = max(buffers[buffer].lastStep, step)
  }

  /// Largest first, each at the lowest offset that no buffer alive at the same time holds.
  private mutating func place() {
    let order = buffers.indices.sorted {
      (buffers[$0].count, $1) > (buffers[$1].count, $0)
    }
    var placed: [Int] = []
    for index in order {
      let buffer = buffers[index]
      let neighbours = placed.map { buffers[$0] }.filter {
        $0.firstStep <= buffer.lastStep && buffer.firstStep <= $0.lastStep
      }
      var offset = 0
      for neighbour in neighbours.sorted(by: { $0.offset < $1.offset }) {
        if offset + Self.padded(buffer.count) <= neighbour.offset { break }
        offset = max(offset, neighbour.offset + Self.padded(neighbour.count))
      }
      buffers[index].offset = offset
      placed.append(index)
      arenaCount = max(arenaCount, offset + Self.padded(buffer.count))
    }
  }

  /// One after another.
  private mutating func placeApart() {
    for index in buffers.indices {
      buffers[index].offset = arenaCount
      arenaCount += Self.padded(buffers[index].count)
    }
  }

  /// Rounded up to whole cache lines of 16 floats.
  static func padded(_ count: Int) -> Int { (count + 15) / 16 * 16 }
}
