import Engine
import Settings

/// Inception V3 as Keras has it since 2017-03-10, without the auxiliary tower.
///
/// Eleven modules behind a stem of five convolutions; batch norms without a scale.
/// Options: `widthMultiplier`; `small`, for 32×32 images: a stem without strides, pools and valid
/// borders; those of `Head`.
/// Cost: 23,817,352 trainable parameters with 1000 classes.
/// Source: Szegedy et al., 2016; the paper's Table 1.
public struct InceptionV3: Network {
  public static let key = "inception-v3"
  public static let summary = "towers of regular convolutions, without auxiliary tower"
  public static let source = Citation("Table 1", in: "Szegedy et al. 2016")
  private let scaling: Scaling
  private let head: Head

  public init(_ fields: inout Fields) throws(SettingsError) {
    scaling = try Scaling(&fields)
    head = try Head(&fields)
  }

  public var usualInput: Shape { scaling.usualInput(side: 299) }
  public var usualClasses: Int { scaling.usualClasses }

  public func callAsFunction(
    _ images: Value, classes: Int, in graph: inout GraphBuilder
  ) throws(BlockError) -> Value {
    let features = InceptionVariant.today(scaling)(images, in: &graph)
    return head(features, classes: classes, in: &graph)
  }
}
