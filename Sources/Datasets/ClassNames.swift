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

  /// - Throws: where the JSON is neither of the two, or not for that many classes.
  public init(_ json: JSON, source: String, classes: Int) throws(SettingsError) {
    func refusal(_ field: String, _ value: JSON?, _ rule: String) -> SettingsError {
      SettingsError(
        source: source, field: field,
        value: value.map { String($0.canonicalText.prefix(80)) } ?? "",
        rule: rule)
    }
    var identifiers: [String] = []
    var names: [String] = []
    switch json {
    case .array(let list):
      for (index, entry) in list.enumerated() {
        guard case .string(let name) = entry, !name.isEmpty else {
          throw refusal("\(index)", entry, "must be a class's name")
        }
        names.append(name)
      }
      identifiers = names
    case .object(let fields):
      for index in 0..<fields.count {
        let entry = fields["\(index)"]
        guard let entry else {
          throw refusal(
            "\(index)", nil, "is missing; the \(fields.count) classes must be numbered from 0")
        }
        guard case .array(let pair) = entry, pair.count == 2, case .string(let own) = pair[0],
          case .string(let name) = pair[1], !own.isEmpty, !name.isEmpty
        else { throw refusal("\(index)", entry, "must be [identifier, name]") }
        identifiers.append(own)
        names.append(name)
      }
    default:
      throw refusal("", json, "must be {\"0\": [identifier, name], …} or a list of names")
    }
    guard names.count == classes else {
      throw SettingsError(
        source: source, field: "", value: "",
        rule: "names \(names.count) classes; the network has \(classes)")
    }
    if let twice = Self.repeated(identifiers) {
      throw refusal("", nil, "has \"\(twice)\" twice; every class needs an identifier of its own")
    }
    self.identifiers = identifiers
    self.names = names
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
