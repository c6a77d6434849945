// SPDX-License-Identifier: Apache-2.0

import Settings

/// What a block is asked for: its filters and stride, which the network decides, and its options.
///
/// ```swift
/// var options = BlockOptions(filters: 64)
/// options[Between.option] = .relu
/// let block = try SeparableConv(options)
/// ```
/// An option of which nothing is said has its default; one that the block does not declare is an
/// error, never ignored.
public struct BlockOptions: Sendable {
  /// Channels of the block's output.
  public var filters: Int
  public var stride = 1
  private var values = OptionValues()
  /// The names of the options that may be asked for; nil before a block has checked them.
  private var declared: Set<String>?

  public init(filters: Int, _ values: OptionValues = OptionValues()) {
    (self.filters, self.values) = (filters, values)
  }

  public subscript<Value>(option: Option<Value>) -> Value {
    get {
      precondition(
        declared?.contains(option.name) ?? true, "\(option.name) is read and not declared")
      return values[option]
    }
    set { values[option] = newValue }
  }

  /// What is said, by the options' names.
  public var said: [String: JSON] { values.said }

  /// The side of the spatial window, an option of every block.
  public static let kernel = Option(
    "kernel", 3, in: 1...31, "side of the spatial window", recorded: .always)

  public var kernel: Int {
    get { self[Self.kernel] }
    set { self[Self.kernel] = newValue }
  }
}

// MARK: Rules that blocks share

extension Block {
  /// `options`, and those of every block.
  public static var allOptions: [any AnyOption] { [BlockOptions.kernel] + options }

  /// Whether a file may say something of an option.
  public static func has<Value>(_ option: Option<Value>) -> Bool {
    allOptions.contains { $0.name == option.name }
  }

  /// Why an option of other blocks is none of this one.
  static var foreignRule: String {
    let own = options.map(\.name).sorted().joined(separator: ", ")
    return "is no option of \(key)"
      + (own.isEmpty ? "" : "; beside filters, kernel and stride it has: \(own)")
  }
}

extension BlockOptions {
  /// The options of a block, once they keep the rules of every block: positive sizes, nothing that
  /// the block does not declare, and no value that a file could not have.
  func checked<B: Block>(for block: B.Type) throws(BlockError) -> BlockOptions {
    for (field, value) in [("filters", filters), ("stride", stride)] where value < 1 {
      throw BlockError(block: B.key, field: field, value: "\(value)", rule: "must be at least 1")
    }
    for (name, value) in said.sorted(by: { $0.key < $1.key }) {
      // That nothing stands between may be said of every block.
      if name == Between.option.name, self[Between.option] == .none { continue }
      let option = B.allOptions.first { $0.name == name }
      let rule = option == nil ? B.foreignRule : option?.ruleBroken(by: value)
      if let rule {
        throw BlockError(block: B.key, field: name, value: value.plainText, rule: rule)
      }
    }
    var checked = self
    checked.declared = Set(B.allOptions.map(\.name))
    return checked
  }
}
