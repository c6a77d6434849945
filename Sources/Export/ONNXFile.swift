// SPDX-License-Identifier: Apache-2.0

import Foundation
import Records

#if CONTINUUM_ONNX
  import CONNX
#endif

/// ONNX files, written by ONNX' own schema and protobuf where the machine has them.
public enum ONNXFile {
  /// What a build without ONNX says.
  public static let remedy =
    "needs the Debian packages libonnx-dev and libprotobuf-dev, which were missing when this program "
    + "was built: make deps installs them, make build builds it again"

  /// Whether this build writes ONNX.
  public static var isAvailable: Bool {
    #if CONTINUUM_ONNX
      true
    #else
      false
    #endif
  }

  /// Bytes that protobuf writes into one file at the most.
  static let mostBytes = (1 << 31) - 1

  /// Writes a file that appears whole or not at all.
  ///
  /// - Throws: `ExportError` where the build has no ONNX or the file would be too large; a graph's error
  ///   where an op has no node; a record's where the system refuses.
  public static func write(_ network: ExportedNetwork, to path: String) throws {
    guard isAvailable else { throw ExportError(file: path, rule: remedy) }
    let bytes = network.graph.parameters.reduce(0) { $0 + 4 * $1.count }
    // Names and nodes take little beside the weights.
    guard bytes < mostBytes - (1 << 26) else {
      throw ExportError(
        file: path, rule: "would hold \(bytes) bytes of weights; an ONNX file holds 2 GB at most")
    }
    #if CONTINUUM_ONNX
      let model = try ONNXModel(try ONNXGraph(network.graph), network, path)
      try AtomicFile.write(to: path) { (descriptor) throws(RecordError) in
        try model.write(to: descriptor, path)
      }
    #endif
  }
}

#if CONTINUUM_ONNX
  /// ONNX' own object, filled from a graph.
  private final class ONNXModel {
    private let model: OpaquePointer

    init(_ graph: ONNXGraph, _ network: ExportedNetwork, _ path: String) throws(ExportError) {
      guard let made = connx_make(network.graph.name, "continuum", Int64(ONNXGraph.opset)) else {
        throw ExportError(file: path, rule: "cannot be made: out of memory")
      }
      model = made
      for (name, text) in network.facts { connx_add_metadata(model, name, text) }
      let input = network.graph.inputShape
      let sides = [1, input.height, input.width, input.channels].map(Int64.init)
      connx_add_input(model, ONNXGraph.images, sides, sides.count)
      for name in [ONNXGraph.logits, ONNXGraph.probabilities] {
        connx_add_output(model, name, [1, Int64(network.graph.outputShape.channels)], 2)
      }
      for tensor in graph.tensors { add(tensor, network) }
      for node in graph.nodes { add(node) }
    }

    deinit { connx_free(model) }

    private func add(_ tensor: ONNXGraph.Tensor, _ network: ExportedNetwork) {
      let values: [Float]
      switch tensor.values {
      case .integers(let numbers):
        connx_add_integers(model, tensor.name, numbers.map(Int64.init), numbers.count)
        return
      case .floats(let numbers): values = numbers
      case .parameter(let position): values = network.memory.value(position).array
      case .kernels(let position, let kernels):
        let whole = network.memory.value(position).array
        values = kernels.flatMap { $0.turned(whole) }
      }
      let shape = tensor.shape.map(Int64.init)
      precondition(tensor.shape.reduce(1, *) == values.count, tensor.name)
      connx_add_floats(model, tensor.name, shape, shape.count, values)
    }

    private func add(_ node: ONNXGraph.Node) {
      connx_add_node(model, node.op, node.name, node.output)
      for input in node.inputs { connx_add_node_input(model, input) }
      for (name, attribute) in node.attributes.sorted(by: { $0.key < $1.key }) {
        switch attribute {
        case .integer(let value): connx_set_integer(model, name, Int64(value))
        case .integers(let values):
          connx_set_integers(model, name, values.map(Int64.init), values.count)
        case .number(let value): connx_set_float(model, name, value)
        }
      }
    }

    func write(to descriptor: Int32, _ path: String) throws(RecordError) {
      guard connx_write(model, descriptor) else {
        throw RecordError(
          file: path, rule: "cannot be written: \(String(cString: strerror(errno)))")
      }
    }
  }
#endif
