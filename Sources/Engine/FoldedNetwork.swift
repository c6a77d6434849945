// SPDX-License-Identifier: Apache-2.0

import Kernels

/// A network for inference alone: its graph folded, its kernels packed once.
///
/// It holds numbers of its own, made of the weights that it is given: **later changes of those are not
/// seen** until `fold` is called again. Executors made of it see every fold.
/// Not for use from two threads at a time.
public final class FoldedNetwork {
  /// The folded graph.
  public let graph: Graph
  /// Its parameters; the only form in which the network needs weights.
  public let parameters: ParameterMemory
  public let batch: Int
  private let original: Graph
  private let layout: ParameterLayout
  private let sources: [Folding.Source]
  /// What a batch norm multiplies and adds.
  private let vectors: AlignedMemory
  private let pool: ThreadPool

  /// Room for the weights of a graph, to run `batch` images at a time; `fold` gives the weights.
  ///
  /// - Throws: where the memory is not to be had.
  public init(_ graph: Graph, batch: Int, pool: ThreadPool) throws(OutOfMemory) {
    let folding = Folding(graph, batch: batch)
    self.batch = batch
    self.graph = folding.graph
    sources = folding.sources
    original = graph
    layout = ParameterLayout(graph.parameters)
    parameters = try ParameterMemory(folding.graph)
    let channels = graph.nodes.reduce(0) { max($0, $1.output.channels) }
    vectors = try AlignedMemory(count: 2 * Plan.padded(channels))
    self.pool = pool
  }

  /// An executor of the network, forward only; the loss is optional.
  ///
  /// - Throws: where the memory is not to be had.
  public func executor(loss: Loss? = nil) throws(OutOfMemory) -> Executor {
    try Executor(graph, mode: .inference(loss), batch: batch, parameters: parameters, pool: pool)
  }

  /// Takes the weights of the original graph, laid out as its `ParameterMemory` lays them out.
  ///
  /// Factors and summands are computed in double precision and rounded once.
  public func fold(_ weights: FloatBuffer) {
    precondition(weights.count >= layout.count, "weights of another graph")
    for (position, source) in sources.enumerated() {
      let targets = graph.nodes[position].parameters.map(parameters.value)
      if let op = graph.nodes[position].op as? PackedOp {
        let input = original.inputShapes(of: original.nodes[source.first])[0]
        pack(op.kernel(input), source.main, weights, into: targets[0])
        if let producer = source.producer, let kernel = op.producerKernel(input) {
          pack(kernel, producer, weights, into: targets[1])
        }
      } else {
        for (tensor, target) in zip(tensors(source.main.node, weights), targets) {
          target.copy(from: tensor)
        }
      }
    }
  }

  /// Bytes that inference of a graph takes, activations and packed kernels, without the weights that
  /// these are made from; `Int.max` where it is more than can be counted.
  public static func bytes(_ graph: Graph, batch: Int, threads: Int) -> Int {
    let plain = MemoryDemand(graph, mode: .inference, batch: batch, threads: threads)
    guard plain.bytes < .max else { return .max }
    return MemoryDemand(
      Folding(graph, batch: batch).graph, mode: .inference, batch: batch, threads: threads
    ).bytes
  }

  private func tensors(_ node: Int, _ weights: FloatBuffer) -> [FloatBuffer] {
    original.nodes[node].parameters.map {
      weights.slice(layout.offsets[$0], original.parameters[$0].count)
    }
  }

  private func pack(
    _ kernel: ConvolutionKernel, _ chain: Folding.Chain, _ weights: FloatBuffer,
    into packed: FloatBuffer
  ) {
    let node = original.nodes[chain.node]
    let tensors = tensors(chain.node, weights)
    let bias = tensors.count > 1 ? tensors[1] : nil
    guard let position = chain.normalization,
      let normalization = original.nodes[position].op as? BatchNormalization
    else {
      kernel.pack(tensors[0], scale: nil, bias: bias, into: packed, pool: pool)
      return
    }
    let channels = node.output.channels
    let factors = vectors.buffer.slice(0, channels)
    let summands = vectors.buffer.slice(Plan.padded(channels), channels)
    let statistics = self.tensors(position, weights)
    for channel in 0..<channels {
      let (factor, summand) = normalization.inferenceMap(statistics, channel: channel)
      factors[channel] = Float(factor)
      summands[channel] = Float(summand + factor * Double(bias?[channel] ?? 0))
    }
    kernel.pack(tensors[0], scale: factors, bias: summands, into: packed, pool: pool)
  }
}
