// SPDX-License-Identifier: Apache-2.0

/// Where every buffer of a graph lives and when, for one batch size and mode.
///
/// A graph is lowered to plain steps; rules rewrite them; what the steps then read and write says
/// when each buffer is needed, from its first to its last step. Buffers whose spans do not meet share
/// memory. The plan is plain data, made once; the executor only follows it.
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

  public let mode: Mode
  public let batch: Int
  public let threads: Int
  /// What runs, in the order of time.
  public let steps: [Step]
  public private(set) var buffers: [Buffer] = []
  /// What every op asked for, by node.
  public let demands: [OpDemands]
  /// Floats in the arena.
  public private(set) var arenaCount = 0
  /// Positions in `buffers`.
  private var places: [Operand: Int] = [:]

  /// - Parameters:
  ///   - graph: the network.
  ///   - mode: training, or inference.
  ///   - batch: images at a time.
  ///   - threads: of the pool, each of which takes scratch.
  ///   - reusesMemory: false gives every buffer a place of its own and lets no op work in place: what
  ///     the frugal plan is tested against.
  ///   - fuses: false runs every op of the graph by itself: what fusion is tested against.
  public init(
    _ graph: Graph, mode: Mode, batch: Int, threads: Int, reusesMemory: Bool = true,
    fuses: Bool = true
  ) {
    self.mode = mode
    self.batch = batch
    self.threads = threads
    var schedule = Schedule(graph, mode: mode, batch: batch, threads: threads)
    for rule in (fuses ? Self.fusions : []) + (reusesMemory ? Self.placements : []) {
      rule.rewrite(&schedule)
    }
    demands = schedule.demands
    steps = schedule.steps
    addBuffers(schedule)
    if reusesMemory { place() } else { placeApart() }
  }

  /// Bytes of the arena.
  public var arenaBytes: Int { arenaCount * MemoryLayout<Float>.stride }

  /// Where an operand lies, as a position in `buffers`; nil where the plan does without it.
  public func buffer(of operand: Operand) -> Int? { places[operand] }

  /// Whether a node's output lies in memory.
  public func isStored(_ node: Int) -> Bool { places[.output(node)] != nil }

  private mutating func addBuffers(_ schedule: Schedule) {
    let lifetimes = Lifetimes(schedule)
    for operand in Self.operands(schedule.graph) {
      guard let span = lifetimes.spans[operand] else { continue }
      if let place = schedule.places[operand], let buffer = places[place] {
        buffers[buffer].firstStep = min(buffers[buffer].firstStep, span.lowerBound)
        buffers[buffer].lastStep = max(buffers[buffer].lastStep, span.upperBound)
        places[operand] = buffer
      } else {
        places[operand] = buffers.count
        buffers.append(
          Buffer(
            label: Self.label(operand, schedule.graph), count: schedule.count(operand),
            firstStep: span.lowerBound, lastStep: span.upperBound))
      }
    }
  }

  /// All that a plan may give memory to; what takes another's place comes after that.
  private static func operands(_ graph: Graph) -> [Operand] {
    let nodes = graph.nodes.indices
    return nodes.flatMap { [.output($0), .saved($0), .scratch($0, .forward)] }
      + nodes.reversed().flatMap { [.gradient($0), .scratch($0, .backward)] }
      + nodes.flatMap { [.moments($0), .sums($0)] }
  }

  private static func label(_ operand: Operand, _ graph: Graph) -> String {
    switch operand {
    case .output(let node): "\(graph.nodes[node].name) output"
    case .saved(let node): "\(graph.nodes[node].name) saved"
    case .gradient(let node): "\(graph.nodes[node].name) gradient"
    case .moments(let node): "\(graph.nodes[node].name) moments"
    case .sums(let node): "\(graph.nodes[node].name) sums"
    case .scratch(let node, .backward): "\(graph.nodes[node].name) backward scratch"
    case .scratch(let node, _): "\(graph.nodes[node].name) scratch"
    }
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
