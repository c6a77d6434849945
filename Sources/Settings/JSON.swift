// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A JSON value, as read from an experiment or network file.
public enum JSON: Hashable, Sendable {
  case null
  case bool(Bool)
  case integer(Int)
  case number(Double)
  case string(String)
  case array([JSON])
  case object([String: JSON])

  /// Reads JSON with comments, trailing commas and unquoted keys (JSON5).
  ///
  /// - Parameters:
  ///   - text: the JSON.
  ///   - source: what the text is, for the error: a file's path or an option's name.
  /// - Throws: the position and reason where the text is not JSON, or where a field stands a second
  ///   time in its object: one of the two would be ignored.
  public init(text: String, source: String) throws(SettingsError) {
    let decoder = JSONDecoder()
    decoder.allowsJSON5 = true
    do {
      // Foundation looks one byte behind a large number, which is to be a byte of ours.
      self = try decoder.decode(JSON.self, from: Data("\(text)\n".utf8))
    } catch {
      throw SettingsError(source: source, field: "", value: "", rule: Self.reason(in: text))
    }
    if let fault = JSONFault.first(in: text), case .repeatedField(let name) = fault.kind {
      throw SettingsError(
        source: source, field: name, value: "",
        rule: "stands a second time at line \(fault.line), column \(fault.column); give it once")
    }
  }

  /// One line without spaces, keys sorted: the same value always gives the same text, which run
  /// identifiers rely on.
  public var canonicalText: String {
    switch self {
    case .null: "null"
    case .bool(let value): value ? "true" : "false"
    case .integer(let value): "\(value)"
    case .number(let value): Int(exactly: value).map { "\($0)" } ?? "\(value)"
    case .string(let value): Self.quoted(value)
    case .array(let values): "[" + values.map(\.canonicalText).joined(separator: ",") + "]"
    case .object(let fields):
      "{"
        + fields.sorted { $0.key < $1.key }
        .map { "\(Self.quoted($0.key)):\($0.value.canonicalText)" }.joined(separator: ",") + "}"
    }
  }

  /// The value as a name shows it: a text without quotes, and none for null.
  public var plainText: String {
    switch self {
    case .string(let text): text
    case .null: "none"
    default: canonicalText
    }
  }

  /// The value that a dotted path names, or nil.
  public subscript(path: String) -> JSON? {
    path.split(separator: ".").reduce(Optional(self)) { value, key in
      guard case .object(let fields) = value else { return nil }
      return fields[String(key)]
    }
  }

  /// This value with the field at a dotted path replaced; objects on the way are made.
  public func setting(_ path: String, to value: JSON) -> JSON {
    guard let key = path.split(separator: ".").first.map(String.init) else { return value }
    var fields: [String: JSON] = if case .object(let own) = self { own } else { [:] }
    let rest = String(path.dropFirst(key.count + 1))
    fields[key] = (fields[key] ?? .null).setting(rest, to: value)
    return .object(fields)
  }

  private static func quoted(_ text: String) -> String {
    let escaped = text.unicodeScalars.map { scalar -> String in
      switch scalar {
      case "\"": return "\\\""
      case "\\": return "\\\\"
      case "\n": return "\\n"
      case "\t": return "\\t"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: return String(scalar)
      }
    }
    return "\"" + escaped.joined() + "\""
  }

  private static func reason(in text: String) -> String {
    guard let fault = JSONFault.first(in: text), case .expected(let expected) = fault.kind else {
      return "is not valid JSON"
    }
    return "is not valid JSON at line \(fault.line), column \(fault.column); "
      + "\(expected) is expected there"
  }
}

extension JSON: Decodable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode(Int.self) {
      self = .integer(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .string(value)
    } else if let values = try? container.decode([JSON].self) {
      self = .array(values)
    } else {
      self = .object(try container.decode([String: JSON].self))
    }
  }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral,
  ExpressibleByNilLiteral
{
  public init(stringLiteral value: String) { self = .string(value) }
  public init(integerLiteral value: Int) { self = .integer(value) }
  public init(floatLiteral value: Double) { self = .number(value) }
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  public init(arrayLiteral elements: JSON...) { self = .array(elements) }
  public init(dictionaryLiteral elements: (String, JSON)...) {
    self = .object(Dictionary(elements) { $1 })
  }
  public init(nilLiteral: ()) { self = .null }
}
