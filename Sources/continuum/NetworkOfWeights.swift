// SPDX-License-Identifier: Apache-2.0

import Datasets
import Engine
import ModelZoo
import Settings
import Weights

/// What network weights are for: as their file says, or the command line, or both, which must agree.
struct NetworkOfWeights {
  let description: NetworkDescription
  /// The images and classes that the file states, if it does.
  let input: Shape?
  let classes: Int?

  /// - Parameters:
  ///   - text: as the command line names it, if it does.
  ///   - role: what the text is, for errors.
  /// - Throws: where nobody says what network it is, or the two say different ones, with the option.
  init(_ file: WeightFile, named text: String?, role: String) throws {
    let stated = try Self.stated(by: file)
    input = Self.input(of: file)
    classes = file.outline.classes ?? file.outline.classifierClasses
    guard let text else {
      guard let stated else {
        throw CommandError.refused(
          "\(role) is missing; \(file.path) does not say what network it is for")
      }
      description = stated
      return
    }
    let named = try NetworkArgument(text, role: role)
    guard let stated else {
      description = named.description
      return
    }
    // A name alone says nothing of options.
    if named.json != ["network": .string(stated.key)] {
      try Self.check(named, stated, file.path)
    }
    description = stated
  }

  private static func stated(by file: WeightFile) throws(WeightError) -> NetworkDescription? {
    guard file.outline.network != nil else { return nil }
    return try file.network()
  }

  /// Of a run file that is older than `/images`, by its data set.
  private static func input(of file: WeightFile) -> Shape? {
    let outline = file.outline
    if let shape = outline.model?.inputShape { return shape }
    if let sides = outline.input, sides.count == 3 {
      return Shape(height: sides[0], width: sides[1], channels: sides[2])
    }
    guard let text = outline.trained.data, let data = try? JSON(text: text, source: file.path)
    else { return nil }
    if let side = data["preprocessing.size"]?.integerValue {
      return Shape(height: side, width: side, channels: 3)
    }
    guard var fields = try? Fields(data, source: file.path),
      let size = (try? DatasetDescription(&fields))?.imageSize
    else { return nil }
    return Shape(height: size.height, width: size.width, channels: size.channels)
  }

  /// - Throws: the first option in which the two differ.
  private static func check(
    _ named: NetworkArgument, _ stated: NetworkDescription, _ path: String
  ) throws(SettingsError) {
    guard case .object(let own) = named.description.settings,
      case .object(let theirs) = stated.settings
    else { return }
    func text(_ value: JSON?) -> String { value?.canonicalText ?? "not set" }
    let names = Set(own.keys).union(theirs.keys).sorted { first, second in
      (first == "network" ? 0 : 1, first) < (second == "network" ? 0 : 1, second)
    }
    guard let name = names.first(where: { text(own[$0]) != text(theirs[$0]) }) else { return }
    throw SettingsError(
      source: named.source, field: name, value: text(own[name]),
      rule:
        "must be \(text(theirs[name])), as \(path) says; leave the network out, the file knows it")
  }

  /// Whether the first operand of a command that takes pictures, too, names the network: not where the
  /// file knows its own and the word is some other file that is there.
  static func isNamed(by word: String, besides file: WeightFile) -> Bool {
    file.outline.network == nil || NetworkArgument.isNetwork(word)
  }
}
