// SPDX-License-Identifier: Apache-2.0

import Engine
import Settings

/// JSON as it is written for a reader: fields in the order in which they should be met, and lines. Values
/// are `JSON`, whose objects have no order, since identity is theirs.
indirect enum JSONDocument: Sendable {
  case value(JSON)
  case list([JSONDocument])
  case object([(String, JSONDocument)])

  static func text(_ text: String) -> JSONDocument { .value(.string(text)) }
  static func integer(_ integer: Int) -> JSONDocument { .value(.integer(integer)) }
  static func texts(_ texts: [String]) -> JSONDocument { .list(texts.map(text)) }

  /// Null where the number is not finite, which JSON cannot say.
  static func number(_ number: Double) -> JSONDocument {
    .value(number.isFinite ? .number(number) : .null)
  }

  /// `[height, width, channels]`.
  static func shape(_ shape: Shape) -> JSONDocument {
    .list([shape.height, shape.width, shape.channels].map(integer))
  }

  /// With a line for every field; a list of plain values, or an object in a list, on one line.
  var rendered: String { rendered(indent: "") + "\n" }

  private func rendered(indent: String) -> String {
    let inner = indent + "  "
    switch self {
    case .value(let value): return value.canonicalText
    case .list(let items):
      let lines = items.map(\.line)
      if items.allSatisfy(\.isValue) { return "[" + lines.joined(separator: ", ") + "]" }
      return "[\n" + lines.map { inner + $0 }.joined(separator: ",\n") + "\n\(indent)]"
    case .object(let fields):
      let lines = fields.map { name, value in
        "\(inner)\(JSON.string(name).canonicalText): \(value.rendered(indent: inner))"
      }
      return "{\n" + lines.joined(separator: ",\n") + "\n\(indent)}"
    }
  }

  private var line: String {
    switch self {
    case .value(let value): value.canonicalText
    case .list(let items): "[" + items.map(\.line).joined(separator: ", ") + "]"
    case .object(let fields):
      "{"
        + fields.map { "\(JSON.string($0.0).canonicalText): \($0.1.line)" }
        .joined(separator: ", ") + "}"
    }
  }

  private var isValue: Bool {
    if case .value = self { true } else { false }
  }
}
