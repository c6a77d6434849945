// SPDX-License-Identifier: Apache-2.0

import Settings

/// Where a block stands on the way from the regular convolution to the separable one; the order of
/// a block's two operations does not move it.
struct SpectrumPosition: Hashable, Comparable {
  private let rank: Int
  private let segments: Double
  /// The block's key, for the order of those that stand nowhere on the way.
  private let block: String
  /// A tick of the axis: `regular`, `1`, `2`, …, `extreme`, `separable`.
  let name: String

  /// Whether the point is one of those that only the number of segments tells apart.
  var isSegmented: Bool { rank == 1 || rank == 2 }
  /// Whether the block is one of the spectrum or of its two ends.
  var isOnSpectrum: Bool { rank < 4 }

  init(block: String, segments: String) {
    switch block {
    case "regular-conv": (rank, self.segments, name) = (0, 0, "regular")
    case "segmented-inception", "segmented-separable":
      (rank, self.segments, name) = (1, Double(segments) ?? .greatestFiniteMagnitude, segments)
    case "extreme-inception": (rank, self.segments, name) = (2, 0, "extreme")
    case "separable-conv": (rank, self.segments, name) = (3, 0, "separable")
    default: (rank, self.segments, name) = (4, Double(segments) ?? 0, block)
    }
    self.block = rank == 4 ? block : ""
  }

  static func < (first: SpectrumPosition, second: SpectrumPosition) -> Bool {
    (first.rank, first.segments, first.block, first.name)
      < (second.rank, second.segments, second.block, second.name)
  }
}

/// The order of values that are numbers where they look like numbers; `none` comes first.
struct LabelOrder: Comparable {
  private let kind: Int
  private let number: Double
  private let text: String

  init(_ value: JSON?) {
    text = value?.settingText ?? ""
    number = Double(text) ?? 0
    kind = text.isEmpty ? 0 : text == "none" ? 1 : Double(text) != nil ? 2 : 3
  }

  static func < (first: LabelOrder, second: LabelOrder) -> Bool {
    (first.kind, first.number, first.text) < (second.kind, second.number, second.text)
  }
}
