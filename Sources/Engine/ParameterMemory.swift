// SPDX-License-Identifier: Apache-2.0

import Kernels
import RandomStreams

/// How kernels begin. Scales begin at 1, running variances at 1, everything else at 0.
public enum KernelInitializer: String, CaseIterable, Sendable {
  /// Uniform in ±√(6 / (in + out)). Source: Glorot and Bengio, 2010; Keras' default.
  case glorotUniform = "glorot-uniform"
  /// Normal with variance 2 / in. Source: He et al., 2015.
  case heNormal = "he-normal"
}

/// The values and gradients of a graph's parameters, each in one piece of memory.
///
/// Parameters that learn stand first, so that an optimiser passes over one run of numbers; every
/// parameter begins on a cache line.
public final class ParameterMemory {
  public let parameters: [Parameter]
  private let values: AlignedMemory
  private let gradientMemory: AlignedMemory
  private let layout: ParameterLayout

  /// - Throws: where the memory is not to be had.
  public init(_ graph: Graph) throws(OutOfMemory) {
    parameters = graph.parameters
    layout = ParameterLayout(parameters)
    values = try AlignedMemory(count: max(layout.count, 1))
    gradientMemory = try AlignedMemory(count: max(layout.trainableCount, 1))
  }

  /// All numbers, for whole copies.
  public var all: FloatBuffer { values.buffer }

  /// One parameter's numbers.
  public func value(_ position: Int) -> FloatBuffer {
    values.buffer.slice(layout.offsets[position], parameters[position].count)
  }

  /// One parameter's numbers in a copy of `all`.
  public func value(_ position: Int, in copy: FloatBuffer) -> FloatBuffer {
    copy.slice(layout.offsets[position], parameters[position].count)
  }

  /// One parameter's gradient; empty where it does not learn.
  public func gradient(_ position: Int) -> FloatBuffer {
    guard parameters[position].isTrainable else { return gradientMemory.buffer.slice(0, 0) }
    return gradientMemory.buffer.slice(layout.offsets[position], parameters[position].count)
  }

  /// Where a parameter that learns stands in a memory of `trainableCount` numbers, such as an
  /// optimiser's.
  public func trainableRange(_ position: Int) -> Range<Int>? {
    guard parameters[position].isTrainable else { return nil }
    return layout.offsets[position]..<layout.offsets[position] + parameters[position].count
  }

  /// The length of an optimiser's memory: the parameters that learn, padded to cache lines.
  public var trainableLength: Int { layout.trainableCount }

  /// Fills every parameter with its first values; each draws from its own stream,
  /// `initialisation/<path>`, so that the same head begins alike under every block.
  public func initialize(seed: UInt64, kernels: KernelInitializer) {
    for (position, parameter) in parameters.enumerated() {
      let buffer = value(position)
      switch parameter.role {
      case .kernel, .depthwiseKernel:
        var stream = RandomStream(seed: seed, "initialisation/\(parameter.path)")
        var start = 0
        for fan in parameter.fans {
          Self.fill(buffer.slice(start, fan.count), fan, kernels, from: &stream)
          start += fan.count
        }
      case .scale, .runningVariance: buffer.fill(1)
      case .bias, .offset, .runningMean: buffer.fill(0)
      }
    }
  }

  private static func fill(
    _ buffer: FloatBuffer, _ fan: Parameter.Fan, _ initializer: KernelInitializer,
    from stream: inout RandomStream
  ) {
    switch initializer {
    case .glorotUniform:
      let limit = (6 / Float(fan.incoming + fan.outgoing)).squareRoot()
      for index in 0..<buffer.count { buffer[index] = (2 * stream.uniform() - 1) * limit }
    case .heNormal:
      let deviation = (2 / Float(fan.incoming)).squareRoot()
      for index in 0..<buffer.count { buffer[index] = stream.normal() * deviation }
    }
  }
}

// MARK: By path

extension ParameterMemory {
  /// The position of a path, or nil.
  public func position(of path: String) -> Int? {
    parameters.firstIndex { $0.path == path }
  }

  /// A parameter's numbers, in the order of its shape.
  public subscript(path: String) -> [Float]? {
    position(of: path).map { value($0).array }
  }

  /// Replaces a parameter's numbers.
  ///
  /// - Throws: where the path is unknown or the count is another.
  public func set(_ path: String, to numbers: [Float]) throws(GraphError) {
    guard let position = position(of: path) else {
      throw GraphError(op: path, rule: "the network has no such parameter")
    }
    guard numbers.count == parameters[position].count else {
      throw GraphError(
        op: path,
        rule: "has \(parameters[position].count) numbers \(parameters[position].shape), not "
          + "\(numbers.count)")
    }
    value(position).copy(from: numbers)
  }
}
