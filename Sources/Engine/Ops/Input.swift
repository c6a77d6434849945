// SPDX-License-Identifier: Apache-2.0

/// The images. Its output is filled from outside, its passes do nothing.
struct Input: Op {
  let kind = "input"

  func outputShape(for inputs: [Shape]) throws(GraphError) -> Shape {
    throw GraphError(rule: "an input stands only at the start of a graph")
  }

  func forward(_ memory: OpMemory) -> OpAction { { _ in } }
  func backward(_ memory: OpMemory) -> OpAction { { _ in } }
}
