// SPDX-License-Identifier: Apache-2.0

import Foundation
import Records
import Settings

/// A run's configuration without its seed: what all runs of one row share.
struct RunSettings: Hashable, Sendable {
  /// The values by dotted path.
  private(set) var values: [String: JSON]

  /// The whole as text: the same configuration always gives the same.
  let text: String

  init(_ configuration: String) {
    guard case .object(var fields) = try? JSON(text: configuration, source: "configuration") else {
      (values, text) = ([:], configuration)
      return
    }
    fields["seed"] = nil
    var values: [String: JSON] = [:]
    Self.flatten(.object(fields), "", into: &values)
    self.values = values
    text = JSON.object(fields).canonicalText
  }

  /// A setting; nil where the configuration has none.
  subscript(path: String) -> JSON? { values[path] }

  /// Puts what the network really has in the place of what was asked for.
  mutating func replace(_ path: String, with value: JSON) {
    values[path] = value
  }

  /// The same configuration has the same values: its text says it all, and is compared faster.
  static func == (first: Self, second: Self) -> Bool { first.text == second.text }

  func hash(into hasher: inout Hasher) { hasher.combine(text) }

  /// The paths of the fields that say which of several kinds a path's sections are of.
  static func kinds(above path: String) -> [String] {
    let parts = path.split(separator: ".")
    return (1..<max(1, parts.count)).flatMap { count in
      let section = parts.prefix(count).joined(separator: ".")
      return ["\(section).kind", "\(section).\(parts[count - 1])"].filter { $0 != path }
    }
  }

  /// Reads the configurations of many runs, of which most are others' but for their seed: those are
  /// taken apart once, since reading JSON takes as long as reading the rest of a run's file.
  struct Reader: Sendable {
    private var known: [String: RunSettings] = [:]

    mutating func settings(of record: RunRecord) -> RunSettings {
      let text = record.configuration
      // As canonical JSON has it: between the sections, of which `training` comes next.
      guard
        let place = text.range(of: ",\"seed\":\(record.seed),\"training\":", options: .literal)
      else { return RunSettings(text) }
      let (before, after) = (text[..<place.lowerBound], text[place.upperBound...])
      let key = "\(before)\0\(after)"
      if let settings = known[key] { return settings }
      let settings = RunSettings(text)
      // Otherwise it was a seed in some section that was found.
      if settings.text == "\(before),\"training\":\(after)" { known[key] = settings }
      return settings
    }
  }

  private static func flatten(_ json: JSON, _ path: String, into values: inout [String: JSON]) {
    guard case .object(let fields) = json else {
      values[path] = json
      return
    }
    for (key, value) in fields {
      flatten(value, path.isEmpty ? key : "\(path).\(key)", into: &values)
    }
  }
}

extension JSON {
  /// A setting as people read it; a digest by its first digits.
  var settingText: String {
    switch self {
    case .string(let text): isDigest ? String(text.prefix(Self.shownDigits)) : text
    case .null: "none"
    default: blockListText ?? canonicalText
    }
  }

  /// How many digits of a digest people see.
  private static let shownDigits = 8

  private var isDigest: Bool {
    guard case .string(let text) = self, text.utf8.count == 64 else { return false }
    return text.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
  }

  /// Whether a text is how people say a setting: a digest may be said by its first digits.
  func isCalled(_ text: String) -> Bool {
    if case .string(let own) = self, own == text { return true }
    guard isDigest, case .string(let own) = self else { return settingText == text }
    return text.count >= Self.shownDigits && own.hasPrefix(text)
  }

  /// The number that it is, or nil.
  var asNumber: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }

  /// JSON has no number for what is not finite.
  static func known(_ value: Double?) -> JSON {
    guard let value, value.isFinite else { return .null }
    return .number(value)
  }
}
