// SPDX-License-Identifier: Apache-2.0

import Settings

/// Reads a model's configuration, of any version of Keras, into ops in order.
struct KerasModelReader {
  /// Where a layer stands: in which models, by name and by class and counter.
  struct Place {
    var path: [String] = []
    var keys: [String] = []
    var isTrainable = true

    func inside(_ name: String, _ key: String, isTrainable: Bool) -> Place {
      Place(path: path + [name], keys: keys + [key], isTrainable: self.isTrainable && isTrainable)
    }
  }

  private static let mostNodes = 20_000
  private static let mostLevels = 16
  private var model = KerasModel()
  private var known: Set<[String]> = []

  /// The model that a configuration describes; with a fault where it cannot be followed.
  static func model(_ text: String) -> KerasModel {
    var reader = KerasModelReader()
    do {
      let json = try JSON(text: text, source: "the configuration")
      reader.model.output = try reader.container(json, at: Place(), input: 0)
    } catch let error as KerasRefusal {
      reader.model.fault = error.rule
    } catch {
      reader.model.fault = "its configuration is damaged: \(error)"
    }
    return reader.model
  }

  /// Reads a model, or a model inside one.
  ///
  /// - Returns: the position of its output.
  mutating func container(
    _ json: JSON, at place: Place, input: Int
  ) throws(KerasRefusal) -> Int {
    guard place.path.count < Self.mostLevels else {
      throw KerasRefusal(rule: "stands inside more than \(Self.mostLevels) models")
    }
    let className = json["class_name"]?.text ?? ""
    guard let configuration = json["config"], Self.isKeras(json) else {
      throw KerasRefusal(rule: "is a \(printable(className)), whose layers nothing states")
    }
    switch className {
    case "Sequential": return try sequential(configuration, at: place, input: input)
    case "Functional", "Model": return try functional(configuration, at: place, input: input)
    default:
      throw KerasRefusal(
        rule: "is a \(printable(className)), whose layers its configuration does not state")
    }
  }

  static func isModel(_ layer: JSON) -> Bool {
    ["Sequential", "Functional", "Model"].contains(layer["class_name"]?.text)
  }

  /// Whether the class is Keras' own.
  private static func isKeras(_ layer: JSON) -> Bool {
    let module = layer["module"]?.text ?? "keras"
    let name = layer["registered_name"]?.text
    return ["keras", "tf_keras", "tensorflow"].contains(where: module.hasPrefix)
      && (name == nil || name == layer["class_name"]?.text)
  }

  private mutating func sequential(
    _ configuration: JSON, at place: Place, input: Int
  ) throws(KerasRefusal) -> Int {
    // A list in Keras 1, an object since.
    guard let layers = configuration.items ?? configuration["layers"]?.items else {
      throw KerasRefusal(rule: "has no list of layers")
    }
    noteSize(configuration["build_input_shape"], of: input)
    var last = input
    for (layer, key) in zip(layers, KerasKeys.keys(of: layers)) {
      last = try apply(layer, key, at: place, to: [last])
    }
    return last
  }

  /// Appends a layer's ops behind what it reads.
  ///
  /// - Returns: the position of the last.
  mutating func apply(
    _ layer: JSON, _ key: String, at place: Place, to inputs: [Int],
    call: KerasCall = KerasCall()
  ) throws(KerasRefusal) -> Int {
    let className = layer["class_name"]?.text ?? ""
    let configuration = layer["config"] ?? .null
    let name = configuration["name"]?.text ?? layer["name"]?.text ?? key
    let isTrainable = configuration["trainable"] != false
    let own = place.inside(name, key, isTrainable: isTrainable)
    guard let first = inputs.first else {
      throw KerasRefusal(rule: "has the layer \(printable(name)), which reads nothing")
    }
    noteSize(configuration["batch_shape"] ?? configuration["batch_input_shape"], of: first)
    if className == "InputLayer" { return first }
    if Self.isModel(layer) {
      guard inputs.count == 1 else {
        throw KerasRefusal(rule: "has the model \(printable(name)) inside, with several inputs")
      }
      return try container(layer, at: own, input: first)
    }
    notePrecision(configuration["dtype"])
    return try append(Self.ops(layer, className, configuration, call), own, inputs)
  }

  private static func ops(
    _ layer: JSON, _ className: String, _ configuration: JSON, _ call: KerasCall
  ) -> [KerasOp] {
    if call.isTraining { return [.unknown("a \(printable(className)) called as in training")] }
    if let ops = call.arithmetic(layer) { return ops }
    guard !call.hasConstants else {
      return [.unknown("a \(printable(className)) with numbers beside what it reads")]
    }
    return KerasLayerReader.ops(className, configuration, isKeras: isKeras(layer))
  }

  private mutating func append(
    _ ops: [KerasOp], _ place: Place, _ inputs: [Int]
  ) throws(KerasRefusal) -> Int {
    var roles: [KerasRole] = []
    var inputs = inputs
    for op in ops {
      guard model.nodes.count < Self.mostNodes else {
        throw KerasRefusal(rule: "has more than \(Self.mostNodes) layers")
      }
      model.nodes.append(
        KerasModel.Node(
          layer: place.path.joined(separator: "/"), op: op, inputs: inputs,
          firstArray: roles.count))
      inputs = [model.nodes.count - 1]
      roles += op.roles(isPointwise: !roles.isEmpty)
    }
    if known.insert(place.path).inserted {
      model.leaves.append(
        KerasModel.Leaf(
          path: place.path, keys: place.keys, roles: roles, isTrainable: place.isTrainable))
    }
    return inputs[0]
  }

  /// Height, width and channels, where the images themselves are read.
  private mutating func noteSize(_ shape: JSON?, of input: Int) {
    guard input == 0, model.input == [nil, nil, nil], let sides = shape?.items, sides.count == 4
    else { return }
    model.input = sides.dropFirst().map(\.integerValue)
  }

  /// A name, or a policy with its name.
  private mutating func notePrecision(_ dtype: JSON?) {
    guard
      let name = dtype?.text ?? dtype?["config.name"]?.text ?? dtype?["config.source_name"]?.text,
      name != "float32", !model.precisions.contains(name)
    else { return }
    model.precisions.append(name)
  }
}

extension KerasOp {
  /// The arrays that it has, in Keras' order.
  fileprivate func roles(isPointwise: Bool) -> [KerasRole] {
    switch self {
    case .convolution(_, _, _, let hasBias):
      [isPointwise ? .pointwiseKernel : .kernel] + (hasBias ? [.bias] : [])
    case .depthwiseConvolution(_, _, let hasBias): [.depthwiseKernel] + (hasBias ? [.bias] : [])
    case .batchNormalization(_, let hasScale, let hasOffset):
      (hasScale ? [.gamma] : []) + (hasOffset ? [.beta] : []) + [.movingMean, .movingVariance]
    case .dense(_, let hasBias): [.kernel] + (hasBias ? [.bias] : [])
    case .normalization: [.movingMean, .movingVariance]
    default: []
    }
  }
}
