// SPDX-License-Identifier: Apache-2.0

import Engine
import Settings

/// Inception V3 as Keras has it, without the auxiliary tower, in one of its versions.
///
/// Eleven modules behind a stem of five convolutions.
/// Options: `widthMultiplier`; `small`, for 32×32 images: a stem without strides, pools and valid
/// borders; those of `Head`.
/// Source: Szegedy et al., 2016; the paper's Tables 1 and 3.
public struct InceptionV3<Version: InceptionVersion>: Network {
  public static var key: String { Version.key }
  public static var summary: String { Version.summary }
  public static var source: Citation { Version.source }
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
    let body = InceptionBody(version: Version.self, scaling: scaling)
    return head(body(images, in: &graph), classes: classes, in: &graph)
  }
}

/// What tells one Inception V3 from another.
///
/// Source: Keras' inception_v3.py as of 2017-03-10 and before it, compared by their counts.
public protocol InceptionVersion: Sendable {
  static var key: String { get }
  static var summary: String { get }
  static var source: Citation { get }
  /// Channels of the pool towers of mixed0, mixed1 and mixed2.
  static var pooled: [Int] { get }
  /// Channels that the first 1×1 of mixed7's long tower leaves.
  static var lastReduced: Int { get }
  /// Whether the largest value is pooled in mixed8; else the mean.
  static var poolsMaximum: Bool { get }
  /// Biases, ReLU before the batch norm and a learned scale, instead of none of them.
  static var isActivatedFirst: Bool { get }
}

/// The network since 2017-03-10; batch norms without a scale.
///
/// Cost: 23,817,352 trainable parameters with 1000 classes.
public enum InceptionOfToday: InceptionVersion {
  public static let key = "inception-v3"
  public static let summary = "towers of regular convolutions, without auxiliary tower"
  public static let source = Citation("Table 1", in: "Szegedy et al. 2016")
  public static let pooled = [32, 64, 64]
  public static let lastReduced = 192
  public static let poolsMaximum = true
  public static let isActivatedFirst = false
}

/// The network of October 2016, whose trainable parameters are the paper's Table 3: three pool towers of
/// 32 channels, a 160-channel reduction in mixed7, an average-pool in mixed8, and convolutions with bias
/// and ReLU before batch norms with a scale.
///
/// Cost: 23,626,728 trainable parameters with 1000 classes.
/// Source: the paper, Table 3; Keras' inception_v3.py as of 2016-10-19.
public enum InceptionOf2016: InceptionVersion {
  public static let key = "inception-v3-2016"
  public static let summary = "the Inception V3 whose parameters the paper counts"
  public static let source = Citation("Table 3")
  public static let pooled = [32, 32, 32]
  public static let lastReduced = 160
  public static let poolsMaximum = false
  public static let isActivatedFirst = true
}
