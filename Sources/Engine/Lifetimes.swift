/// When each value and gradient of a graph is first written and last read, and which may take
/// another's place in memory.
struct Lifetimes {
  let count: Int
  /// The last step that reads a node's output.
  private(set) var lastRead: [Int]
  /// The last step that reads what a node's forward pass saved.
  private(set) var savedRead: [Int]
  /// The first step that writes the gradient of a node's output; nil where none is needed.
  private(set) var gradientWritten: [Int?]
  /// Whether the node's output takes its first input's memory.
  private(set) var overwritesInput: [Bool]
  /// The reader whose output gradient becomes this node's gradient in place.
  private(set) var gradientHeir: [Int?]
  private let isTraining: Bool

  init(
    _ graph: Graph, demands: [OpDemands], mode: Plan.Mode, fusion: Fusion, inPlace: Bool
  ) {
    let nodes = graph.nodes
    count = nodes.count
    isTraining = mode == .training
    lastRead = Array(nodes.indices)
    savedRead = Array(nodes.indices)
    gradientWritten = Array(repeating: nil, count: count)
    overwritesInput = Array(repeating: false, count: count)
    gradientHeir = Array(repeating: nil, count: count)
    if isTraining { findGradients(graph, fusion) }
    for (position, node) in nodes.enumerated() {
      if runsBackward(position) {
        savedRead[position] = backwardStep(position)
        if demands[position].readsOutputInBackward { read(position, at: backwardStep(position)) }
      }
      let isView = fusion.isAbsorbed(position) && node.op is ReLU
      for input in node.inputs where !isView {
        see(fusion.views[input.index], from: position, demands[position])
      }
      let producer = node.inputs.first?.index
      if let producer, fusion.producerMakesGradient[position], runsBackward(producer) {
        read(producer, at: backwardStep(producer))
        savedRead[position] = backwardStep(producer)
      }
    }
    // The logits are read after the step; the images are loaded before the first one and stay for a
    // second look at a failed step.
    let last = isTraining ? 2 * count : count
    lastRead[graph.output.index] = last
    lastRead[graph.input.index] = last
    if inPlace { findOverwrites(graph, demands, fusion) }
    if isTraining { handOn(graph, fusion) }
  }

  /// The step at which a node runs backward.
  func backwardStep(_ position: Int) -> Int { 2 * count - position }

  /// Whether a node has a backward pass: what learns stands at or before it.
  func runsBackward(_ position: Int) -> Bool { gradientWritten[position] != nil }

  private mutating func read(_ position: Int, at step: Int) {
    lastRead[position] = max(lastRead[position], step)
  }

  private mutating func see(_ view: Fusion.View, from reader: Int, _ demands: OpDemands) {
    let isSeenAgain =
      runsBackward(reader)
      && (demands.readsInputsInBackward || view.isRectified && !demands.masksWithoutInput)
    let step = isSeenAgain ? backwardStep(reader) : reader
    read(view.source, at: step)
    if let normalization = view.normalization {
      savedRead[normalization] = max(savedRead[normalization], step)
    }
  }

  /// Gradients are needed where a trainable parameter stands at or before the node.
  private mutating func findGradients(_ graph: Graph, _ fusion: Fusion) {
    var wanted = Array(repeating: false, count: count)
    for (position, node) in graph.nodes.enumerated() {
      let learns = graph.parameters[node.parameters].contains(where: \.isTrainable)
      wanted[position] = learns || node.inputs.contains { wanted[$0.index] }
    }
    for position in graph.nodes.indices where wanted[position] {
      let latest = fusion.gradientWriters[position].max()
      gradientWritten[position] =
        position == graph.output.index ? count : latest.map(backwardStep)
    }
  }

  private mutating func findOverwrites(
    _ graph: Graph, _ demands: [OpDemands], _ fusion: Fusion
  ) {
    let readers = graph.readers
    for (position, node) in graph.nodes.enumerated() where demands[position].worksInPlace {
      let input = node.inputs[0].index
      let isFixed = input == graph.input.index || input == graph.output.index
      guard !isFixed, fusion.gradientOwner[position] == position else { continue }
      if readers[input] == [position], !fusion.isAbsorbed(input), !fusion.isAbsorbed(position) {
        let isReadLater =
          (runsBackward(input) && demands[input].readsOutputInBackward)
          || (runsBackward(position) && demands[position].readsInputsInBackward)
        overwritesInput[position] = !isReadLater
      }
      guard !(node.op is Addition) else {
        shareGradient(of: position, graph, fusion)
        continue
      }
      let isOnlyWriter = fusion.gradientWriters[input] == [position]
      if isOnlyWriter, fusion.gradientOwner[input] == input, gradientWritten[input] != nil {
        gradientHeir[input] = position
      }
    }
  }

  /// The gradients of a sum's inputs are the sum's own: one, or both where neither is changed before
  /// the other has been read, take its memory.
  private mutating func shareGradient(of sum: Int, _ graph: Graph, _ fusion: Fusion) {
    let heirs = graph.nodes[sum].inputs.map(\.index).filter { canShare($0, with: sum, fusion) }
    let spans = heirs.map { span($0, sum: sum, graph, fusion) }
    if heirs.count == 2, spans[0].changed > spans[1].read, spans[1].changed > spans[0].read {
      for heir in heirs { gradientHeir[fusion.gradientOwner[heir]] = sum }
    } else if let heir = heirs.first {
      gradientHeir[fusion.gradientOwner[heir]] = sum
    }
  }

  /// Whether an input's gradient may begin in the memory of the sum's: nothing stands there yet, and
  /// the sum does not mask it.
  private func canShare(_ input: Int, with sum: Int, _ fusion: Fusion) -> Bool {
    let owner = fusion.gradientOwner[input]
    let writers = fusion.gradientWriters[owner]
    let isMasked =
      fusion.views[input].isRectified && !(fusion.isMaskedOnce[owner] && writers.first != sum)
    return gradientWritten[owner] != nil && writers.last == sum
      && writers.dropLast().last != sum && !isMasked
  }

  /// When the gradient of a sum's input is last read as it was, and when it is changed, at the
  /// earliest; what is never changed is so after everything was read.
  private func span(
    _ input: Int, sum: Int, _ graph: Graph, _ fusion: Fusion
  ) -> (read: Int, changed: Int) {
    let owner = fusion.gradientOwner[input]
    let end = 2 * count
    if let next = fusion.gradientWriters[owner].dropLast().last { return (end, backwardStep(next)) }
    let node = graph.nodes[owner]
    if fusion.producerMakesGradient[owner] { return (backwardStep(node.inputs[0].index), end + 1) }
    let isPassedOn = node.inputs.contains { gradientHeir[fusion.gradientOwner[$0.index]] == owner }
    return isPassedOn ? (end, backwardStep(owner)) : (backwardStep(owner), end + 1)
  }

  /// Where the node before a batch norm makes its gradient as it reads, it needs none of its own.
  private mutating func handOn(_ graph: Graph, _ fusion: Fusion) {
    for (position, node) in graph.nodes.enumerated() where fusion.producerMakesGradient[position] {
      let producer = node.inputs[0].index
      if gradientWritten[producer] != nil { gradientHeir[producer] = position }
    }
  }
}
