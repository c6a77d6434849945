// SPDX-License-Identifier: Apache-2.0

import Engine
import Settings

/// Keras' activations, as fields of other layers and as layers of their own.
enum KerasActivation {
  /// Keras' names of those that it has by the very same formula.
  private static let names: [Activation: String] = [
    .relu: "relu", .elu: "elu", .gelu: "gelu", .silu: "silu", .hardSwish: "hard_silu",
  ]

  /// Nil where Keras has none.
  static func name(of activation: Activation) -> String? { names[activation] }

  private static let otherNames = ["swish": "silu", "hard_swish": "hard_silu"]

  /// The op of a field `activation`; none where it is linear.
  static func field(_ fields: inout LayerFields) throws(KerasRefusal) -> [KerasOp] {
    guard let value = fields.value("activation") else { return [] }
    if let name = value.text { return op(name) }
    // An object: a function by its name, or a layer.
    guard let object = value.fields, let kind = object["class_name"]?.text else {
      throw fields.refusal("activation", value, "a name")
    }
    if kind == "function", let name = object["config"]?.text,
      object["registered_name"]?.text == name
    {
      return op(name)
    }
    guard layerNames.contains(kind), let configuration = object["config"] else {
      throw fields.refusal("activation", .string(kind), "a known one")
    }
    var own = LayerFields(configuration)
    let made = try layer(kind, &own)
    try own.finish()
    return made == .nothing ? [] : [made]
  }

  private static func op(_ name: String) -> [KerasOp] {
    name == "linear" ? [] : [.activation(otherNames[name] ?? name)]
  }

  private static let layerNames: Set<String> = ["Activation", "ReLU", "ELU", "Softmax"]

  /// A layer that is an activation.
  static func layer(
    _ className: String, _ fields: inout LayerFields
  ) throws(KerasRefusal) -> KerasOp {
    switch className {
    case "ReLU":
      try fields.require("negative_slope", { $0.numberValue == 0 }, "0")
      try fields.require("threshold", { $0.numberValue == 0 }, "0")
      try fields.require("max_value", { _ in false }, "null")
      return .activation("relu")
    case "ELU":
      try fields.require("alpha", { $0.numberValue == 1 }, "1")
      return .activation("elu")
    case "Softmax":
      try fields.require("axis", { $0 == -1 }, "-1")
      return .activation("softmax")
    default:
      return try field(&fields).first ?? .nothing
    }
  }
}
