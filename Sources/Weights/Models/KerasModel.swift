// SPDX-License-Identifier: Apache-2.0

import Engine

/// What a file of a whole model says of how its network is built: ops in order, models inside models
/// opened, every number that decides what the network computes.
///
/// What is not known stands here as such, with the reason, since only whoever builds the network needs
/// to know it.
public struct KerasModel: Codable, Equatable, Sendable {
  /// One op. A layer may be several, one behind the other: a convolution and its activation.
  struct Node: Codable, Equatable, Sendable {
    /// The layer's name, behind those of the models around it: `base/conv2d_3`.
    var layer: String
    var op: KerasOp
    /// Positions in `nodes`.
    var inputs: [Int]
    /// Which of the layer's arrays is the op's first.
    var firstArray = 0
  }

  /// A layer, as the file keeps its arrays.
  struct Leaf: Codable, Equatable, Sendable {
    /// The names of the models around it, and its own.
    var path: [String]
    /// The same in classes and counters, `functional`, `conv2d_3`.
    var keys: [String]
    /// Its arrays in Keras' order.
    var roles: [KerasRole]
    /// Whether it learned, which decides the order of arrays in legacy files.
    var isTrainable: Bool

    var name: String { path.joined(separator: "/") }
  }

  /// The first is the input.
  var nodes: [Node] = [Node(layer: "", op: .input, inputs: [])]
  var leaves: [Leaf] = []
  var output = 0
  /// Height, width and channels of the images; nil where any will do.
  public internal(set) var input: [Int?] = [nil, nil, nil]
  /// The kinds of number that it computes in, beside 32-bit floats.
  public internal(set) var precisions: [String] = []
  /// Why the whole cannot be followed: several outputs, say.
  var fault: String?
}

extension KerasModel {
  /// The size of its images, where it takes no other.
  public var inputShape: Shape? {
    let sides = input.compactMap(\.self)
    guard sides.count == 3, sides.allSatisfy({ $0 > 0 }) else { return nil }
    return Shape(height: sides[0], width: sides[1], channels: sides[2])
  }
}

extension KerasModel {
  /// Whether every op reads earlier ones and has what it must: whoever reads the file may have been
  /// misled by it.
  var isSound: Bool {
    guard nodes.indices.contains(output), nodes[0].inputs.isEmpty, input.count == 3 else {
      return false
    }
    return nodes.indices.dropFirst().allSatisfy { position in
      let node = nodes[position]
      return !node.inputs.isEmpty && node.inputs.allSatisfy { (0..<position).contains($0) }
        && (0..<8).contains(node.firstArray) && node.op.isSound
    }
  }
}

extension KerasOp {
  fileprivate var isSound: Bool {
    switch self {
    case .convolution(let window, _, _, _), .depthwiseConvolution(let window, _, _),
      .maxPool(let window), .averagePool(let window):
      [window.kernel, window.stride, window.dilation].allSatisfy {
        $0.count == 2 && $0.allSatisfy { (1...1 << 20).contains($0) }
      }
    case .rescaling(let scale, let offset): !scale.isEmpty && !offset.isEmpty
    case .padding(let top, let bottom, let left, let right):
      [top, bottom, left, right].allSatisfy { (0...1 << 16).contains($0) }
    default: true
    }
  }
}

/// An op of Keras, with what decides its result.
enum KerasOp: Codable, Equatable, Sendable {
  case input
  /// What changes nothing when a network answers: dropout, noise, augmentation.
  case nothing
  case flatten
  case convolution(KerasWindow, filters: Int, groups: Int, hasBias: Bool)
  case depthwiseConvolution(KerasWindow, multiplier: Int, hasBias: Bool)
  case batchNormalization(epsilon: Double, hasScale: Bool, hasOffset: Bool)
  /// By Keras' name: `relu`, `softmax`.
  case activation(String)
  case maxPool(KerasWindow)
  case averagePool(KerasWindow)
  case globalAveragePool
  case dense(units: Int, hasBias: Bool)
  case addition
  case concatenation
  /// Zeros around the plane.
  case padding(top: Int, bottom: Int, left: Int, right: Int)
  /// y = scale · x + offset, one of each or one a channel.
  case rescaling(scale: [Double], offset: [Double])
  /// The same by the arrays that the file holds: (x − mean) / √variance.
  case normalization
  /// Nothing that is known here: what it is.
  case unknown(String)

  /// What it is called in messages.
  var title: String {
    switch self {
    case .input: "the input"
    case .nothing: "nothing"
    case .flatten: "Flatten"
    case .convolution: "a convolution"
    case .depthwiseConvolution: "a depthwise convolution"
    case .batchNormalization: "a batch norm"
    case .activation(let name): "the activation \(printable(name))"
    case .maxPool: "a max-pool"
    case .averagePool: "an average-pool"
    case .globalAveragePool: "a global average-pool"
    case .dense: "a dense layer"
    case .addition: "an addition"
    case .concatenation: "a concatenation"
    case .padding: "zero padding"
    case .rescaling: "Rescaling"
    case .normalization: "Normalization"
    case .unknown(let what): what
    }
  }
}

/// A window that moves over a plane; heights first.
struct KerasWindow: Codable, Equatable, Sendable {
  var kernel: [Int]
  var stride: [Int]
  var dilation = [1, 1]
  /// `valid` or `same`.
  var padding: String
}

/// Why a layer, or a model, cannot be followed: a sentence without its subject.
struct KerasRefusal: Error {
  var rule: String
}
