// SPDX-License-Identifier: Apache-2.0

import Engine
import Settings

/// Xception whose middle flow is any block of the zoo: the spectrum at the paper's own scale.
///
/// Options: `width`, the channels of the middle flow and wherever else Xception has 728 (728 times
/// the width multiplier); `block`, its unit (`separable-conv`, which gives Xception); and those of
/// `XceptionBody`, of which `between` concerns entry and exit flow, the block having its own.
/// 728 has 16 divisors, so 16 numbers of equal segments.
/// Source: the paper, sections 1.2 and 5 (the spectrum), Fig. 5 (everything else).
public struct XceptionContinuum: Network {
  public static let key = "xception-continuum"
  public static let summary = "Xception with any block in its middle flow"
  public static let source = Citation("section 5 and Fig. 5")
  private let body: XceptionBody
  private let width: Int
  private let block: BlockDescription

  public init(_ fields: inout Fields) throws(SettingsError) {
    body = try XceptionBody(&fields)
    width = try fields.integer(
      "width", default: body.scaling(728), in: 1...8192,
      "channels of the middle flow, and wherever else Xception has 728")
    block = try fields.block("the unit of the middle flow")
  }

  public var usualInput: Shape { body.scaling.usualInput(side: 299) }
  public var usualClasses: Int { body.scaling.usualClasses }

  public func callAsFunction(
    _ images: Value, classes: Int, in graph: inout GraphBuilder
  ) throws(BlockError) -> Value {
    try body(
      images, classes: classes, width: width, unit: block.block(filters: width),
      unitName: "unit", in: &graph)
  }
}
