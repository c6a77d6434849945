// SPDX-License-Identifier: Apache-2.0

/// Where each parameter stands in one piece of memory: those that learn first, so that an optimiser
/// passes over one run of numbers, and every one on a cache line.
struct ParameterLayout {
  /// Floats from the start, in the order of the graph's parameters.
  private(set) var offsets: [Int]
  /// Floats in all.
  private(set) var count = 0
  /// Floats of the parameters that learn.
  private(set) var trainableCount = 0

  init(_ parameters: [Parameter]) {
    offsets = Array(repeating: 0, count: parameters.count)
    for learns in [true, false] {
      for (position, parameter) in parameters.enumerated() where parameter.isTrainable == learns {
        offsets[position] = count
        count += Plan.padded(parameter.count)
      }
      if learns { trainableCount = count }
    }
  }
}
