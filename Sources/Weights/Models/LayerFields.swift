// SPDX-License-Identifier: Apache-2.0

import Settings

/// The configuration of one of Keras' layers, of any version, read field by field; what nobody asked
/// for must change nothing.
struct LayerFields {
  private let values: [String: JSON]
  private var asked: Set<String> = []

  /// Today's names of what Keras 1 called otherwise.
  private static let formerNames = [
    "nb_filter": "filters", "subsample": "strides", "border_mode": "padding", "bias": "use_bias",
    "output_dim": "units", "dim_ordering": "data_format", "atrous_rate": "dilation_rate",
    "concat_axis": "axis",
  ]
  /// What decides how a layer learns, or what it is called, and nothing of what it answers.
  private static let ofNoConsequence: Set<String> = [
    "name", "trainable", "dtype", "batch_input_shape", "batch_shape", "input_dtype", "sparse",
    "ragged", "optional", "momentum", "rate", "p", "seed", "noise_shape", "stddev", "sigma",
    "renorm_momentum", "synchronized", "fused", "init", "weights", "input_dim", "input_length",
    "build_config",
    "input_spec", "autocast",
  ]
  private static let endingsOfNoConsequence = [
    "_initializer", "_regularizer", "_constraint", "_init",
  ]

  init(_ json: JSON) {
    guard case .object(let own) = json else {
      values = [:]
      return
    }
    var values: [String: JSON] = [:]
    for (name, value) in own { values[Self.formerNames[name] ?? name] = value }
    // Keras 1 had a kernel's sides apart.
    if let rows = values.removeValue(forKey: "nb_row"),
      let columns = values.removeValue(forKey: "nb_col")
    {
      values["kernel_size"] = .array([rows, columns])
    }
    self.values = values
  }

  /// A field, or nil where it is missing or null.
  mutating func value(_ name: String) -> JSON? {
    asked.insert(name)
    let value = values[name]
    return value == .null ? nil : value
  }

  mutating func flag(_ name: String, default fallback: Bool) throws(KerasRefusal) -> Bool {
    guard let value = value(name) else { return fallback }
    guard case .bool(let flag) = value else { throw refusal(name, value, "true or false") }
    return flag
  }

  mutating func number(
    _ name: String, default fallback: Double
  ) throws(KerasRefusal) -> Double {
    guard let value = value(name) else { return fallback }
    guard let number = value.numberValue else { throw refusal(name, value, "a number") }
    return number
  }

  mutating func count(_ name: String, default fallback: Int? = nil) throws(KerasRefusal) -> Int {
    let value = value(name)
    guard value != nil || fallback == nil else { return fallback ?? 0 }
    guard let count = value?.integerValue, (1...1 << 30).contains(count) else {
      throw refusal(name, value ?? .null, "a whole number of at least 1")
    }
    return count
  }

  /// Two whole numbers, for height and width; one stands for both.
  mutating func pair(
    _ name: String, default fallback: [Int]? = nil
  ) throws(KerasRefusal) -> [Int] {
    let value = value(name)
    if value == nil, let fallback { return fallback }
    if let side = value?.integerValue, (1...1 << 20).contains(side) { return [side, side] }
    let sides = value?.items.map { $0.compactMap(\.integerValue) } ?? []
    guard sides.count == 2, value?.items?.count == 2,
      sides.allSatisfy({ (1...1 << 20).contains($0) })
    else { throw refusal(name, value ?? .null, "two whole numbers of at least 1") }
    return sides
  }

  mutating func word(_ name: String, default fallback: String) throws(KerasRefusal) -> String {
    guard let value = value(name) else { return fallback }
    guard case .string(let word) = value else { throw refusal(name, value, "a word") }
    return word
  }

  /// A field that networks here know one value of.
  mutating func require(
    _ name: String, _ isRight: (JSON) -> Bool, _ rule: String
  ) throws(KerasRefusal) {
    if let value = value(name), !isRight(value) { throw refusal(name, value, rule) }
  }

  /// - Throws: the first field that nobody asked for and that may decide what the layer answers.
  func finish() throws(KerasRefusal) {
    for (name, value) in values.sorted(by: { $0.key < $1.key }) where !asked.contains(name) {
      guard value != .null, value != .bool(false), !Self.ofNoConsequence.contains(name),
        !Self.endingsOfNoConsequence.contains(where: name.hasSuffix),
        !["W_", "b_", "activity_"].contains(where: name.hasPrefix)
      else { continue }
      throw refusal(name, value, "absent, since nothing here knows what it does")
    }
  }

  func refusal(_ name: String, _ value: JSON, _ rule: String) -> KerasRefusal {
    let shown = printable(value.canonicalText)
    return KerasRefusal(rule: "\(printable(name)) is \(shown); it must be \(rule)")
  }
}

extension JSON {
  /// The values of a list; nil of anything else.
  var items: [JSON]? { if case .array(let items) = self { items } else { nil } }
  /// The fields of an object; nil of anything else.
  var fields: [String: JSON]? { if case .object(let fields) = self { fields } else { nil } }
  var text: String? { if case .string(let text) = self { text } else { nil } }
}
