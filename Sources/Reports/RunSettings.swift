import Settings

/// A run's configuration without its seeds: what all runs of one point share.
struct RunSettings: Hashable, Sendable {
  /// The values by dotted path.
  private let values: [String: String]

  /// The whole as text, for a stable order.
  let text: String

  init(_ configuration: String) {
    var values: [String: String] = [:]
    if let json = try? JSON(text: configuration, source: "configuration") {
      Self.flatten(json, "", into: &values)
    } else {
      values[""] = configuration
    }
    self.values = values
    text = values.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
      .joined(separator: "\n")
  }

  /// The paths in which these configurations are not all alike, sorted.
  static func differences(_ all: [RunSettings]) -> [String] {
    let paths = Set(all.flatMap(\.values.keys)).sorted()
    return paths.filter { path in Set(all.map { $0.values[path] }).count > 1 }
  }

  private static func flatten(
    _ json: JSON, _ path: String, into values: inout [String: String]
  ) {
    guard case .object(let fields) = json else {
      values[path] = json.canonicalText
      return
    }
    for (key, value) in fields where key != "seed" {
      flatten(value, path.isEmpty ? key : "\(path).\(key)", into: &values)
    }
  }
}
