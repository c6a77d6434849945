// SPDX-License-Identifier: Apache-2.0

/// The order in which Keras lists a functional model's layers: from the deepest to the output, and
/// among equals as a walk from the output meets them.
///
/// A layer's depth is the length of the longest way from it to the output. The walk goes from each
/// layer to its inputs in their order, depth first, and counts a layer when it first comes to it.
/// Source: Keras, `map_graph` of ops/function.py; the order tables in Tests/Golden/keras agree.
enum KerasOrder {
  /// - Parameters:
  ///   - inputs: for every layer its inputs, all of them earlier layers.
  ///   - output: the last layer.
  /// - Returns: the positions of all layers in Keras' order.
  static func order(inputs: [[Int]], output: Int) -> [Int] {
    let depths = depths(inputs: inputs, output: output)
    let visits = visits(inputs: inputs, output: output)
    return inputs.indices.sorted {
      depths[$0] != depths[$1] ? depths[$0] > depths[$1] : visits[$0] < visits[$1]
    }
  }

  private static func depths(inputs: [[Int]], output: Int) -> [Int] {
    var depths = Array(repeating: 0, count: inputs.count)
    // Readers stand behind what they read, so that a layer's depth is final when its turn comes.
    for layer in stride(from: output, through: 0, by: -1) {
      for input in inputs[layer] { depths[input] = max(depths[input], depths[layer] + 1) }
    }
    return depths
  }

  private static func visits(inputs: [[Int]], output: Int) -> [Int] {
    var visits = Array(repeating: Int.max, count: inputs.count)
    var count = 0
    var open = [output]
    while let layer = open.popLast() {
      guard visits[layer] == .max else { continue }
      visits[layer] = count
      count += 1
      open += inputs[layer].reversed()
    }
    return visits
  }
}
