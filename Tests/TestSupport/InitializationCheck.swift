// SPDX-License-Identifier: Apache-2.0

import Engine

/// Kernels that begin alike though they should not.
public enum InitializationCheck {
  /// Pairs of equally large kernels that share a quarter of their numbers or more.
  public static func repeated(_ memory: ParameterMemory) -> [String] {
    let kernels = memory.parameters.indices.filter {
      [.kernel, .depthwiseKernel].contains(memory.parameters[$0].role)
    }
    var findings: [String] = []
    for (index, first) in kernels.enumerated() {
      let values = memory.value(first).array
      for second in kernels.dropFirst(index + 1)
      where memory.parameters[second].count == values.count {
        let shared = zip(values, memory.value(second).array).count { $0 == $1 }
        if 4 * shared >= values.count {
          findings.append(
            "\(memory.parameters[first].path) and \(memory.parameters[second].path) "
              + "share \(shared) of \(values.count) numbers")
        }
      }
    }
    return findings
  }
}
