import Engine

/// A point of the spectrum between a regular and a depthwise separable convolution: the description
/// of a few named ops, without weights and without floats.
///
/// Conforming takes one file, one line in `BlockZoo.all` and `make golden`.
public protocol Block: Sendable {
  /// The name in files, tables and HDF5 paths: `segmented-inception`.
  static var key: String { get }
  /// One line in block notation: `[1×1 → between → k×k over S segments]`.
  static var summary: String { get }
  /// The paper's figure or section.
  static var source: Citation { get }
  /// The options that the block honours beside `filters`, `kernel` and `stride`.
  static var honours: Set<BlockOptions.Field> { get }

  /// - Throws: the option that the block cannot honour, and the rule.
  init(_ options: BlockOptions) throws(BlockError)

  /// Appends the block's ops; the result has `options.filters` channels.
  func callAsFunction(_ x: Value, in graph: inout GraphBuilder) -> Value
}
