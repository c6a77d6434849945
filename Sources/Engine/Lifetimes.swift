/// When each value and gradient of a graph is first written and last read, and which may take
/// another's place in memory.
struct Lifetimes {
  let count: Int
  /// The last step that reads a node's output.
  private(set) var lastRead: [Int]
  /// The first step that writes the gradient of a node's output; nil where none is needed.
  private(set) var gradientWritten: [Int?]
  /// Whether the node's output takes its first input's memory.
  private(set) var overwritesInput: [Bool]
  /// The reader whose output gradient becomes this node's gradient in place.
  private(set) var gradientHeir: [Int?]

  init(_ graph: Graph, demands: [OpDemands], mode: Plan.Mode, inPlace: Bool) {
    let nodes = graph.nodes
    count = nodes.count
    lastRead = Array(nodes.indices)
    gradientWritten = Array(repeating: nil, count: count)
    overwritesInput = Array(repeating: false, count: count)
    gradientHeir = Array(repeating: nil, count: count)
    let readers = graph.readers
    if mode == .training { findGradients(graph, readers) }
    for position in nodes.indices {
      for reader in readers[position] {
        lastRead[position] = max(lastRead[position], reader)
        if runsBackward(reader) && demands[reader].readsInputsInBackward {
          lastRead[position] = max(lastRead[position], backwardStep(reader))
        }
      }
      if runsBackward(position) && demands[position].readsOutputInBackward {
        lastRead[position] = backwardStep(position)
      }
    }
    // The logits are read after the step; the images are loaded before the first one and stay for a
    // second look at a failed step.
    lastRead[graph.output.index] = mode == .training ? 2 * count : count
    lastRead[graph.input.index] = mode == .training ? 2 * count : count
    if inPlace { findOverwrites(graph, demands, readers) }
  }

  /// The step at which a node runs backward.
  func backwardStep(_ position: Int) -> Int { 2 * count - position }

  /// Whether a node has a backward pass: what learns stands at or before it.
  func runsBackward(_ position: Int) -> Bool { gradientWritten[position] != nil }

  /// Gradients are needed where a trainable parameter stands at or before the node.
  private mutating func findGradients(_ graph: Graph, _ readers: [[Int]]) {
    var wanted = Array(repeating: false, count: count)
    for (position, node) in graph.nodes.enumerated() {
      let learns = graph.parameters[node.parameters].contains(where: \.isTrainable)
      wanted[position] = learns || node.inputs.contains { wanted[$0.index] }
    }
    for position in graph.nodes.indices where wanted[position] {
      let latest = readers[position].max()
      gradientWritten[position] =
        position == graph.output.index ? count : latest.map(backwardStep)
    }
  }

  private mutating func findOverwrites(
    _ graph: Graph, _ demands: [OpDemands], _ readers: [[Int]]
  ) {
    for (position, node) in graph.nodes.enumerated() where demands[position].worksInPlace {
      let input = node.inputs[0].index
      let isOnlyReader = readers[input] == [position] && input != graph.input.index
      guard isOnlyReader, input != graph.output.index else { continue }
      let isReadLater =
        (runsBackward(input) && demands[input].readsOutputInBackward)
        || (runsBackward(position) && demands[position].readsInputsInBackward)
      overwritesInput[position] = !isReadLater
      if gradientWritten[input] != nil { gradientHeir[input] = position }
    }
  }
}
