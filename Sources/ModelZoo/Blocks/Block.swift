// SPDX-License-Identifier: Apache-2.0

import Engine
import Settings

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
  /// The options that the block has beside `filters`, `kernel` and `stride`, all in the order in which
  /// they are listed. Files are read, runs recorded and named, the schema and the zoo's list made from
  /// them.
  static var options: [any AnyOption] { get }

  /// - Throws: the option that the block cannot honour, and the rule; `checked` says those of all blocks.
  init(_ options: BlockOptions) throws(BlockError)

  /// Appends the block's ops; the result has `options.filters` channels.
  func callAsFunction(_ x: Value, in graph: inout GraphBuilder) -> Value
}
