import Engine
import Settings

/// A network of the zoo: what a file says of it, and the ops that it appends.
public protocol Network: Sendable {
  /// The name in files and on the command line: `stack`.
  static var key: String { get }
  /// One line on what it is.
  static var summary: String { get }
  static var source: Citation { get }

  /// Reads the network's own fields; the caller refuses what is left.
  init(_ fields: inout Fields) throws(SettingsError)

  /// All options, defaults filled in.
  var settings: [String: JSON] { get }

  /// Appends everything from the images to the logits.
  ///
  /// - Throws: the block option that a width cannot honour.
  func callAsFunction(
    _ images: Value, classes: Int, in graph: inout GraphBuilder
  ) throws(BlockError) -> Value
}

/// The networks.
public enum NetworkZoo {
  public static let all: [any Network.Type] = [
    Stack.self,
    Probe.self,
  ]

  /// The network of a key, or nil.
  public static func network(_ key: String) -> (any Network.Type)? {
    all.first { $0.key == key }
  }
}
