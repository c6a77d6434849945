// SPDX-License-Identifier: Apache-2.0

import Engine
import Settings

/// A network as a file or the command line names it: a zoo name, or an object such as
/// `{"network": "stack", "width": 32, "block": {"kind": "segmented-inception", "segments": 4}}`.
///
/// Fields for every network: `batchNormEpsilon` (0.001, and 0.00001001 in ResNet) and `runningDecay`
/// (0.99), the constants of its batch norms, which the paper does not state; Keras' values.
public struct NetworkDescription: Sendable {
  public let key: String
  /// Every option, defaults filled in; the part of a run's identity that names its network.
  public let settings: JSON
  /// The fields of the network's own, beside those that every network has.
  public let options: [String]
  private let network: any Network
  private let epsilon: Double
  private let runningDecay: Double
  private let json: JSON
  private let source: String

  /// - Throws: an unknown network or field with the nearest right spelling, a value out of range.
  public init(
    _ json: JSON, source: String, path: String = "", log: DeclarationLog? = nil
  ) throws(SettingsError) {
    let isName = if case .string = json { true } else { false }
    let json: JSON = isName ? ["network": json] : json
    var fields = try Fields(json, source: source, path: path, log: log)
    let type = try fields.kind(
      "network", of: NetworkZoo.all, noun: "network", key: { $0.key }, "its name in the zoo")
    network = try type.init(&fields)
    options = Set(fields.known).subtracting(["network"]).sorted()
    epsilon = try fields.number(
      "batchNormEpsilon", default: type.batchNormEpsilon, in: 1e-9...1,
      "what batch norms add to the variance")
    runningDecay = try fields.number(
      "runningDecay", default: 0.99, in: 0...0.999_999,
      "what batch norms keep of their running statistics at each step")
    try fields.finish()
    settings = .object(fields.recorded)
    key = type.key
    self.json = json
    self.source = source
  }

  /// The size of images that it is published with, for where the user names none.
  public var usualInput: Shape { network.usualInput }
  /// What its published evaluation does to pictures.
  public var preprocessing: PicturePreprocessing { network.preprocessing }
  /// The classes that it is published with.
  public var usualClasses: Int { network.usualClasses }

  /// The channel segments of the block at the network's own width; nil where it has none.
  ///
  /// Where a block names the width of its segments, later and wider stages have more of them.
  public var segments: Int? {
    guard let width = settings["width"]?.integerValue, let block = settings["block"],
      var fields = try? Fields(block, source: source, path: "block"),
      let description = try? BlockDescription(&fields)
    else { return nil }
    return description.segments(filters: width)
  }

  /// This network with one option replaced, by its dotted path: `width`, `block.segments`.
  public func setting(_ path: String, to value: JSON) throws(SettingsError) -> NetworkDescription {
    try NetworkDescription(json.setting(path, to: value), source: source)
  }

  /// The channels of the parts whose widths can be set one by one; empty where there are none.
  public var partWidths: [Int] { network.partWidths }

  /// This network with the channels of its parts replaced, one for each of `partWidths`.
  public func setting(partWidths widths: [Int]) throws(SettingsError) -> NetworkDescription {
    var json = json
    for (option, value) in type(of: network).settings(partWidths: widths) {
      json = json.setting(option, to: value)
    }
    return try NetworkDescription(json, source: source)
  }

  /// The graph for a size of images and a number of classes. No weights are made.
  ///
  /// - Throws: the block's option, or the op, and the rule that it breaks.
  public func graph(input: Shape, classes: Int) throws(NetworkError) -> Graph {
    var graph = GraphBuilder(
      key, input: input, batchNormEpsilon: Float(epsilon), runningDecay: Float(runningDecay))
    do {
      let logits = try network(graph.input, classes: classes, in: &graph)
      return try graph.finish(logits)
    } catch let error as BlockError {
      throw .block(error)
    } catch let error as GraphError {
      throw .graph(error)
    } catch {
      throw .graph(GraphError(rule: "\(error)"))
    }
  }
}

/// A network that cannot be built.
public enum NetworkError: Error, Equatable, Sendable, CustomStringConvertible {
  case block(BlockError)
  case graph(GraphError)

  public var description: String {
    switch self {
    case .block(let error): error.description
    case .graph(let error): error.description
    }
  }
}
