// SPDX-License-Identifier: Apache-2.0

import Engine
import Settings

/// Xception: convolutions and separable convolutions in 14 modules, linear residuals around all but
/// the first and the last.
///
/// Options and structure are those of `XceptionBody`; the middle flow's unit is `separable-conv`.
/// Cost: 22,855,952 trainable parameters with 1000 classes, the paper's Table 3.
/// Source: the paper, Fig. 5.
public struct Xception: Network {
  public static let key = "xception"
  public static let summary = "separable convolutions in 14 modules, residual"
  public static let source = Citation("Fig. 5")
  private let body: XceptionBody

  public init(_ fields: inout Fields) throws(SettingsError) {
    body = try XceptionBody(&fields)
  }

  public var usualInput: Shape { body.scaling.usualInput(side: 299) }
  public var usualClasses: Int { body.scaling.usualClasses }

  public func callAsFunction(
    _ images: Value, classes: Int, in graph: inout GraphBuilder
  ) throws(BlockError) -> Value {
    let width = body.scaling(728)
    return try body(
      images, classes: classes, width: width, unit: body.separableConv(filters: width),
      unitName: "separable", in: &graph)
  }
}
