import Engine
import Settings

/// Inception V3 as Keras had it in October 2016: the network whose trainable parameters are the
/// paper's Table 3.
///
/// It differs from `inception-v3` in three pool towers of 32 channels, a 160-channel reduction in
/// mixed7, an average-pool in mixed8, and convolutions with bias and ReLU before batch norms with a
/// scale. Options as there.
/// Cost: 23,626,728 trainable parameters with 1000 classes.
/// Source: the paper, Table 3; Keras' inception_v3.py as of 2016-10-19.
public struct InceptionV3Of2016: Network {
  public static let key = "inception-v3-2016"
  public static let summary = "the Inception V3 whose parameters the paper counts"
  public static let source = Citation("Table 3")
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
    let features = InceptionVariant.of2016(scaling)(images, in: &graph)
    return head(features, classes: classes, in: &graph)
  }
}
