// SPDX-License-Identifier: Apache-2.0

import Kernels

/// A depthwise convolution that a 1×1 convolution alone reads is made there, tile by tile, in both
/// directions; the gradient of its output lies in memory.
struct DepthwiseIntoPointwise: Rule {
  func rewrite(_ schedule: inout Schedule) {
    for position in schedule.graph.nodes.indices {
      guard let reader = schedule.onlyReader(of: position) else { continue }
      absorb(position, into: reader, &schedule)
    }
  }

  private func absorb(_ position: Int, into reader: Int, _ schedule: inout Schedule) {
    let graph = schedule.graph
    let (node, next) = (graph.nodes[position], graph.nodes[reader])
    guard let depthwise = node.op as? DepthwiseConvolution, let pointwise = next.op as? Convolution,
      let input = graph.inputShapes(of: node).first,
      pointwise.canRead(through: depthwise, of: input), let step = schedule.forward[position]
    else { return }
    schedule.demands[reader] = pointwise.demands(
      inputs: graph.inputShapes(of: next), output: next.output, batch: schedule.batch,
      threads: schedule.threads, behind: depthwise.geometry(batch: schedule.batch, input: input))
    var view = step.inputs[0]
    view.depthwise = position
    schedule.forward[position] = nil
    schedule.forward[reader]?.inputs = [view]
    schedule.backward[reader]?.inputs = [view]
  }
}
