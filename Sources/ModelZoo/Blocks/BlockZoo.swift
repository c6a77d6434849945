// SPDX-License-Identifier: Apache-2.0

/// The blocks, in the order of the spectrum.
public enum BlockZoo {
  public static let all: [any Block.Type] = [
    RegularConv.self,
    CanonicalInception.self,
    SimplifiedInception.self,
    SegmentedInception.self,
    SegmentedSeparable.self,
    ExtremeInception.self,
    SeparableConv.self,
    XceptionBlock.self,
  ]

  /// The blocks between which the segmented ones stand: the regular convolution before one segment,
  /// then the extreme and the separable one, which have a spatial kernel for every channel.
  public static let ends: (first: any Block.Type, last: [any Block.Type]) = (
    RegularConv.self, [ExtremeInception.self, SeparableConv.self]
  )

  /// The block of a key, or nil.
  public static func block(_ key: String) -> (any Block.Type)? {
    all.first { $0.key == key }
  }
}
