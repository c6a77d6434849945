/// The blocks, in the order of the spectrum.
public enum BlockZoo {
  public static let all: [any Block.Type] = [
    RegularConv.self,
    CanonicalInception.self,
    SimplifiedInception.self,
    SegmentedInception.self,
    ExtremeInception.self,
    SeparableConv.self,
    XceptionBlock.self,
  ]

  /// The block of a key, or nil.
  public static func block(_ key: String) -> (any Block.Type)? {
    all.first { $0.key == key }
  }
}
