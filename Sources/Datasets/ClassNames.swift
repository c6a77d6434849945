// SPDX-License-Identifier: Apache-2.0

import Foundation
import Settings

/// What the classes of a network are called.
///
/// Read from `imagenet_class_index.json`, as Keras has it, or from a plain list of names:
/// ```json
/// {"0": ["n01440764", "tench"], "1": ["n01443537", "goldfish"], …}
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
    case .object(let fields):
      let pairs = try Self.pairs(fields, refusal)
      identifiers = pairs.map(\.0)
      names = pairs.map(\.1)
    default:
      throw refusal("", json, "must be {\"0\": [identifier, name], …} or a list of names")
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
    for index in 0..<fields.count {
      guard let entry = fields["\(index)"] else {
        throw refusal(
          "\(index)", nil, "is missing; the \(fields.count) classes must be numbered from 0")
      }
      guard case .array(let pair) = entry, pair.count == 2, case .string(let own) = pair[0],
        case .string(let name) = pair[1], !own.isEmpty, !name.isEmpty
      else { throw refusal("\(index)", entry, "must be [identifier, name]") }
      pairs.append((own, name))
    }
    return pairs
  }

  private static func repeated(_ texts: [String]) -> String? {
    var seen: Set<String> = []
    return texts.first { !seen.insert($0).inserted }
  }

  /// The class of a folder of that name, by identifier or else by name.
  public func label(of folder: String) -> Int? {
    identifiers.firstIndex(of: folder) ?? names.firstIndex(of: folder)
  }
}
