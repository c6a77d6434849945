import Foundation
import ModelZoo
import Settings

/// What the command line calls a network: a zoo name, JSON that begins with `{`, or a JSON file.
struct NetworkArgument: Sendable {
  /// As an experiment would hold it.
  let json: JSON
  let description: NetworkDescription

  /// The network's name in the zoo.
  var name: String { description.key }

  /// - Parameter role: what the text is, for errors.
  /// - Throws: where it is none of these, with the nearest zoo name; or what is wrong inside.
  init(_ text: String, role: String = "NETWORK") throws(SettingsError) {
    var source = role
    if NetworkZoo.network(text) != nil {
      json = ["network": .string(text)]
    } else if text.drop(while: \.isWhitespace).hasPrefix("{") {
      json = try JSON(text: text, source: role)
    } else if FileManager.default.fileExists(atPath: text) {
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
    description = try NetworkDescription(json, source: source)
  }
}

extension JSON {
  /// Settings are written by people; whatever is larger is not settings.
  private static var largestFile: Int { 1 << 20 }

  /// Reads a JSON file.
  ///
  /// - Throws: where it cannot be read, is too large, or is not JSON.
  init(file path: String) throws(SettingsError) {
    func refusal(_ rule: String) -> SettingsError {
      SettingsError(source: path, field: "", value: "", rule: rule)
    }
    var isDirectory = ObjCBool(false)
    let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
    guard exists, !isDirectory.boolValue else {
      throw refusal("is a folder; it must be a JSON file")
    }
    let data: Data
    do {
      let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
      data = try handle.read(upToCount: Self.largestFile + 1) ?? Data()
    } catch {
      throw refusal("cannot be read")
    }
    guard data.count <= Self.largestFile else {
      throw refusal("is larger than \(Self.largestFile) bytes; it must be a JSON file")
    }
    guard let text = String(data: data, encoding: .utf8) else {
      throw refusal("is no UTF-8 text; it must be a JSON file")
    }
    try self.init(text: text, source: path)
  }
}
