// SPDX-License-Identifier: Apache-2.0

import Foundation
import Settings

/// What the classes of a network are called.
///
/// Read from `imagenet_class_index.json`, as Keras has it, from names by number, numbers by name (the
/// `class_indices` of Keras' generators), or a plain list of names; a text that is no JSON is a list
/// with a name a line:
/// ```json
/// {"0": ["n01440764", "tench"], "1": ["n01443537", "goldfish"], …}
/// {"0": "aster", "1": "rose", "2": "tulip"}
/// {"aster": 0, "rose": 1, "tulip": 2}
/// ["aster", "rose", "tulip"]
/// ```
public struct ClassNames: Sendable {
  /// One a class, in the network's order.
  public let names: [String]
  /// WordNet's identifiers, by which ImageNet's folders are named; the names where there are none.
  public let identifiers: [String]

  /// Names that a file of ours keeps beside the weights.
  public init(stored names: [String]) {
    self.names = names
    identifiers = names
  }

  /// - Throws: where the JSON is neither of the two, or not for that many classes.
  public init(_ json: JSON, source: String, classes: Int) throws(SettingsError) {
    let refusal = Refusal(source: source)
    switch json {
    case .array(let list):
      names = try Self.names(list, refusal)
      identifiers = names
    case .object(let fields) where fields.values.contains { $0.numberValue != nil }:
      names = try Self.names(byIndex: fields, refusal)
      identifiers = names
    case .object(let fields):
      let pairs = try Self.pairs(fields, refusal)
      identifiers = pairs.map(\.0)
      names = pairs.map(\.1)
    default:
      throw refusal(
        "", json,
        "must be {\"0\": [identifier, name], …}, {\"0\": name, …}, {name: 0, …} or a list of names")
    }
    guard names.count == classes else {
      throw refusal("", nil, "names \(names.count) classes; the network has \(classes)")
    }
    let isPlain = (names + identifiers).allSatisfy { text in
      text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
    }
    guard isPlain else {
      throw refusal("", nil, "has a name with a control character; names are shown on a terminal")
    }
    if let twice = Self.repeated(identifiers) {
      throw refusal("", nil, "has \"\(twice)\" twice; every class needs an identifier of its own")
    }
  }

  /// Reads a file.
  ///
  /// - Throws: where it cannot be read, or holds no names of so many classes.
  public init(file path: String, classes: Int) throws(SettingsError) {
    let text = try JSON.text(ofFile: path)
    let first = text.first { !$0.isWhitespace }
    guard first != "{", first != "[" else {
      self = try ClassNames(JSON(text: text, source: path), source: path, classes: classes)
      return
    }
    var lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      .map { $0.trimmingCharacters(in: .whitespaces) }
    while lines.last?.isEmpty == true { lines.removeLast() }
    self = try ClassNames(.array(lines.map(JSON.string)), source: path, classes: classes)
  }

  /// Makes errors about one file.
  private struct Refusal {
    let source: String

    func callAsFunction(_ field: String, _ value: JSON?, _ rule: String) -> SettingsError {
      let text = value.map { String($0.canonicalText.prefix(80)) } ?? ""
      return SettingsError(source: source, field: field, value: text, rule: rule)
    }
  }

  private static func names(
    _ list: [JSON], _ refusal: Refusal
  ) throws(SettingsError) -> [String] {
    var names: [String] = []
    for (index, entry) in list.enumerated() {
      guard case .string(let name) = entry, !name.isEmpty else {
        throw refusal("\(index)", entry, "must be a class's name")
      }
      names.append(name)
    }
    return names
  }

  private static func pairs(
    _ fields: [String: JSON], _ refusal: Refusal
  ) throws(SettingsError) -> [(String, String)] {
    var pairs: [(String, String)] = []
    let isPlain = if case .string? = fields["0"] { true } else { false }
    for index in 0..<fields.count {
      guard let entry = fields["\(index)"] else {
        throw refusal(
          "\(index)", nil, "is missing; the \(fields.count) classes must be numbered from 0")
      }
      if isPlain {
        guard case .string(let name) = entry, !name.isEmpty else {
          throw refusal("\(index)", entry, "must be a class's name, as those before it")
        }
        pairs.append((name, name))
        continue
      }
      guard case .array(let pair) = entry, pair.count == 2, case .string(let own) = pair[0],
        case .string(let name) = pair[1], !own.isEmpty, !name.isEmpty
      else { throw refusal("\(index)", entry, "must be [identifier, name]") }
      pairs.append((own, name))
    }
    return pairs
  }

  /// Of `{name: number}`.
  private static func names(
    byIndex fields: [String: JSON], _ refusal: Refusal
  ) throws(SettingsError) -> [String] {
    var names = [String?](repeating: nil, count: fields.count)
    for (name, value) in fields.sorted(by: { $0.key < $1.key }) {
      guard let number = value.numberValue, let index = Int(exactly: number),
        names.indices.contains(index), !name.isEmpty
      else {
        throw refusal(name, value, "must be a class's number, from 0 to \(fields.count - 1)")
      }
      if let other = names[index] {
        throw refusal(name, value, "is the number of \"\(other)\", too")
      }
      names[index] = name
    }
    return names.compactMap { $0 }
  }

  private static func repeated(_ texts: [String]) -> String? {
    var seen: Set<String> = []
    return texts.first { !seen.insert($0).inserted }
  }

  /// The class of a folder of that name, by identifier or else by name.
  ///
  /// - Throws: where there is none, or the name is that of several: ImageNet has two `crane`.
  func label(ofFolder name: String, in folder: String) throws(DatasetError) -> Int {
    if let label = identifiers.firstIndex(of: name) { return label }
    let labels = names.indices.filter { names[$0] == name }
    if labels.count == 1 { return labels[0] }
    guard labels.isEmpty else {
      let own = labels.map { identifiers[$0] }.joined(separator: " and ")
      throw DatasetError(
        file: "\(folder)/\(name)", value: "is the name of \(labels.count) classes, \(own)",
        rule: "must be called by the identifier of the one that is meant")
    }
    let nearest = Spelling.nearest(to: name, among: identifiers + names)
    let hint = nearest.map { " (did you mean \"\($0)\"?)" } ?? ""
    throw DatasetError(
      file: "\(folder)/\(name)", rule: "must be the identifier or name of a class\(hint)")
  }
}
