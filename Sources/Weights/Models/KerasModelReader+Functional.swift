// SPDX-License-Identifier: Apache-2.0

import Settings

extension KerasModelReader {
  /// A layer of a functional model with all its uses.
  private struct Listed {
    var json: JSON
    var key: String
    var name: String
    var calls: [KerasCall]
  }

  /// Reads a model whose layers name what they read.
  mutating func functional(
    _ configuration: JSON, at place: Place, input: Int
  ) throws(KerasRefusal) -> Int {
    let listed = try Self.listed(configuration)
    let inputs = Self.tensors(configuration["input_layers"])
    let outputs = Self.tensors(configuration["output_layers"])
    guard inputs.count == 1, outputs.count == 1 else {
      throw KerasRefusal(
        rule: "has \(inputs.count) inputs and \(outputs.count) outputs, not one of each")
    }
    if let copied = Self.copiedModel(listed, output: outputs[0]) {
      return try apply(copied.json, copied.key, at: place, to: [input])
    }
    var made: [KerasCall.Tensor: Int] = [:]
    var open = listed.flatMap { layer in layer.calls.indices.map { (layer, use: $0) } }
    if let first = listed.first(where: { $0.name == inputs[0].layer }) {
      made[inputs[0]] = try apply(first.json, first.key, at: place, to: [input])
    }
    let shifts = Self.shifts(of: listed, outputs)
    func shifted(_ tensor: KerasCall.Tensor) -> KerasCall.Tensor {
      KerasCall.Tensor(layer: tensor.layer, use: tensor.use - (shifts[tensor.layer] ?? 0))
    }
    // Layers stand before what reads them, but for models that were changed by hand.
    while !open.isEmpty {
      var waiting: [(Listed, use: Int)] = []
      for (layer, use) in open {
        let call = layer.calls[use]
        let sources = call.tensors.compactMap { made[shifted($0)] }
        guard sources.count == call.tensors.count else {
          waiting.append((layer, use))
          continue
        }
        made[KerasCall.Tensor(layer: layer.name, use: use)] = try apply(
          layer.json, layer.key, at: place, to: sources, call: call)
      }
      guard waiting.count < open.count else { break }
      open = waiting
    }
    guard let output = made[shifted(outputs[0])] else {
      throw KerasRefusal(rule: "reads layers that it does not have")
    }
    return output
  }

  private static func listed(_ configuration: JSON) throws(KerasRefusal) -> [Listed] {
    guard let layers = configuration["layers"]?.items else {
      throw KerasRefusal(rule: "has no list of layers")
    }
    return try zip(layers, KerasKeys.keys(of: layers)).map { (layer, key) throws(KerasRefusal) in
      let calls = try (layer["inbound_nodes"]?.items ?? []).map { (node) throws(KerasRefusal) in
        try KerasCall(node)
      }
      let name = layer["name"]?.text ?? layer["config"]?["name"]?.text ?? key
      return Listed(json: layer, key: key, name: name, calls: calls)
    }
  }

  /// `["a", 0, 0]`, or a list of such.
  private static func tensors(_ json: JSON?) -> [KerasCall.Tensor] {
    guard let items = json?.items else { return [] }
    if let layer = items.first?.text, items.count == 3 {
      return [KerasCall.Tensor(layer: layer, use: items[1].integerValue ?? 0)]
    }
    return items.flatMap { tensors($0) }
  }

  /// By how much the uses of models inside are counted too high: their own use, which made them,
  /// counts in some versions.
  private static func shifts(
    of layers: [Listed], _ outputs: [KerasCall.Tensor]
  ) -> [String: Int] {
    let read = layers.flatMap { $0.calls.flatMap(\.tensors) } + outputs
    var shifts: [String: Int] = [:]
    for layer in layers where isModel(layer.json) {
      let last = read.filter { $0.layer == layer.name }.map(\.use).max() ?? 0
      if last >= layer.calls.count { shifts[layer.name] = 1 }
    }
    return shifts
  }

  /// The model that Keras' `multi_gpu_model` copied: a share of the images for every copy, and their
  /// answers one behind the other.
  private static func copiedModel(_ layers: [Listed], output: KerasCall.Tensor) -> Listed? {
    guard let joined = layers.first(where: { $0.name == output.layer }),
      joined.json["class_name"] == "Concatenate", joined.json["config.axis"] == 0,
      let source = joined.calls.first?.tensors.first?.layer,
      joined.calls.allSatisfy({ $0.tensors.allSatisfy { $0.layer == source } }),
      let model = layers.first(where: { $0.name == source }), isModel(model.json)
    else { return nil }
    let shares = Set(model.calls.flatMap { $0.tensors.map(\.layer) })
    let areShares = layers.filter { shares.contains($0.name) }.allSatisfy { share in
      share.json["class_name"] == "Lambda" && share.json["config.arguments.parts"] != nil
        && share.json["config.arguments.i"] != nil
    }
    return areShares && shares.count == model.calls.count ? model : nil
  }
}
