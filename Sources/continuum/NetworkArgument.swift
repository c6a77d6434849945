// SPDX-License-Identifier: Apache-2.0

import Engine
import Foundation
import ModelZoo
import Settings

/// What the command line calls a network: a zoo name, JSON that begins with `{`, or a JSON file.
struct NetworkArgument: Sendable {
  /// As an experiment would hold it.
  let json: JSON
  let description: NetworkDescription
  /// The file, or what the text is, for errors.
  let source: String

  /// The network's name in the zoo.
  var name: String { description.key }

  /// What the text is, for errors, where nobody says otherwise.
  static let role = "NETWORK"

  /// Whether a word can only mean a network: a zoo name, JSON, a JSON file, or nothing that is there.
  static func isNetwork(_ text: String) -> Bool {
    NetworkZoo.network(text) != nil || text.drop(while: \.isWhitespace).hasPrefix("{")
      || URL(fileURLWithPath: text).pathExtension.lowercased() == "json"
      || !FileManager.default.fileExists(atPath: text)
  }

  /// - Throws: where the text is the name of a file of weights.
  static func checkIsNoWeights(_ text: String) throws(SettingsError) {
    let ending = URL(fileURLWithPath: text).pathExtension
    guard ["h5", "hdf5", "keras"].contains(ending), FileManager.default.fileExists(atPath: text)
    else { return }
    throw SettingsError(
      source: text, field: "", value: "",
      rule: "is a file of weights; name its network and give the file with --weights")
  }

  /// - Parameter role: what the text is, for errors.
  /// - Throws: where it is none of these, with the nearest zoo name; or what is wrong inside.
  init(_ text: String, role: String = Self.role) throws(SettingsError) {
    var source = role
    if NetworkZoo.network(text) != nil {
      json = ["network": .string(text)]
    } else if text.drop(while: \.isWhitespace).hasPrefix("{") {
      json = try JSON(text: text, source: role)
    } else if FileManager.default.fileExists(atPath: text) {
      try Self.checkIsNoWeights(text)
      json = try JSON(file: text)
      source = text
    } else {
      let names = NetworkZoo.all.map { $0.key }
      throw SettingsError(
        source: role, field: "", value: "\"\(text)\"",
        rule: "must be a network (\(names.joined(separator: ", "))), a JSON file that exists, or "
          + "JSON that begins with {",
        suggestion: Spelling.nearest(to: text, among: names))
    }
    self.source = source
    for field in ["classes", "input"] where json[field] != nil {
      throw SettingsError(
        source: source, field: field, value: "",
        rule: "is no part of a network's description; give it beside it, with --\(field)")
    }
    description = try NetworkDescription(json, source: source)
  }

  /// The network's graph.
  ///
  /// - Throws: where the block cannot honour an option at a width of the network, with the file.
  func graph(input: Shape, classes: Int) throws(SettingsError) -> Graph {
    do {
      return try description.graph(input: input, classes: classes)
    } catch {
      throw SettingsError(source: source, field: "", value: "", rule: error.description)
    }
  }
}
