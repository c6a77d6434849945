// SPDX-License-Identifier: Apache-2.0

import Settings

/// One use of a layer in a functional model: the tensors that it reads, and what it is told beside.
struct KerasCall {
  /// A tensor by the layer that makes it and which of its uses.
  struct Tensor: Hashable {
    var layer: String
    var use: Int
  }

  private(set) var tensors: [Tensor] = []
  /// A number beside one tensor, as `x / 127.5` has it, and whether it stands before it.
  private var constants: [(value: Double, isFirst: Bool)] = []
  /// Whether it is given numbers beside tensors.
  var hasConstants: Bool { !constants.isEmpty }
  /// Whether it is to work as while it learns.
  private(set) var isTraining = false

  init() {}

  /// - Throws: where a tensor is none of a layer's single output.
  init(_ json: JSON) throws(KerasRefusal) {
    if let arguments = json["args"] {
      try collect(arguments)
      try collectNamed(json["kwargs"] ?? .null)
      // Keras 3 overrides it when a model predicts; Keras 2 does not.
      isTraining = false
    } else {
      try collect(json)
    }
  }

  /// Tensors and numbers, as they stand in lists.
  private mutating func collect(_ json: JSON) throws(KerasRefusal) {
    if let tensor = try Self.tensor(json) {
      tensors.append(tensor)
      // Keras 2 has the named arguments behind each tensor.
      if let items = json.items, items.count > 3 { try collectNamed(items[3]) }
    } else if let items = json.items {
      for item in items { try collect(item) }
    } else if let number = json.numberValue {
      constants.append((number, tensors.isEmpty))
    }
  }

  private mutating func collectNamed(_ json: JSON) throws(KerasRefusal) {
    for (name, value) in (json.fields ?? [:]).sorted(by: { $0.key < $1.key }) {
      switch name {
      case "training": isTraining = isTraining || value == true || value == 1
      case "name", "mask": continue
      default: try collect(value)
      }
    }
  }

  private static func tensor(_ json: JSON) throws(KerasRefusal) -> Tensor? {
    let history = json["class_name"] == "__keras_tensor__" ? json["config.keras_history"] : json
    guard let items = history?.items, items.count >= 3, let layer = items[0].text,
      let use = items[1].integerValue, let output = items[2].integerValue
    else { return nil }
    guard output == 0 else {
      throw KerasRefusal(rule: "reads output \(output) of \(printable(layer)), not its only one")
    }
    return Tensor(layer: layer, use: use)
  }

  /// What `x / 127.5`, `x - 1` and the like have become, where the layer is such a one.
  func arithmetic(_ layer: JSON) -> [KerasOp]? {
    guard tensors.count == 1, constants.count == 1, let (number, isFirst) = constants.first else {
      return nil
    }
    let function = layer["config.function"]?.text ?? ""
    switch (layer["class_name"]?.text, function) {
    case ("Multiply", _), (_, "math.multiply"), (_, "__operators__.mul"):
      return number == 0 ? nil : [.rescaling(scale: [number], offset: [0])]
    case ("TrueDivide", _), ("Divide", _), (_, "math.truediv"), (_, "math.divide"):
      return number == 0 || isFirst ? nil : [.rescaling(scale: [1 / number], offset: [0])]
    case ("Add", _), (_, "math.add"), (_, "__operators__.add"):
      return [.rescaling(scale: [1], offset: [number])]
    case ("Subtract", _), (_, "math.subtract"):
      return isFirst
        ? [.rescaling(scale: [-1], offset: [number])]
        : [.rescaling(scale: [1], offset: [-number])]
    default: return nil
    }
  }
}
