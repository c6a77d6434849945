// SPDX-License-Identifier: Apache-2.0

import Settings

/// How a block cuts channels into consecutive parts, its segments or towers.
public enum Partition {
  public static let unequal = Option(
    "unequal", false,
    "whether parts may differ where they do not divide the filters: by one channel, the wider ones "
      + "first, or, of a segmentWidth, the last one")

  /// The options that say how, of which at most one may be given.
  struct Options {
    /// How many equal parts.
    let count: Option<Int?>
    /// How wide each equal part.
    var width: Option<Int?>?
    /// Every width.
    var list: Option<[Int]?>?
    /// The parts where nothing is said.
    let usual: Int
  }

  /// What is cut into parts: `64 filters`, `32 input channels`.
  struct Channels: CustomStringConvertible {
    let count: Int
    let name: String

    init(_ count: Int, _ name: String) {
      (self.count, self.name) = (count, name)
    }

    var description: String { "\(count) \(name)" }

    var divisorRule: String {
      let divisors = (1...min(count, 4096)).filter { count.isMultiple(of: $0) }
      let shown = divisors.prefix(12).map(String.init).joined(separator: ", ")
      return "must divide the \(self) (\(shown)\(divisors.count > 12 ? ", …" : ""))"
    }
  }
}

extension BlockOptions {
  /// Widths of consecutive parts of the filters, or of other channels. Where nothing is said, the
  /// usual number of parts, or as many as there are channels; these may differ by one channel, since
  /// nobody asked for equal ones.
  func widths<B: Block>(
    _ partition: Partition.Options, of channels: Partition.Channels? = nil, for block: B.Type
  ) throws(BlockError) -> [Int] {
    let whole = channels ?? Partition.Channels(filters, "filters")
    let unequal = self[Partition.unequal]
    let names = [partition.count.name, partition.width?.name, partition.list?.name]
    let given = names.compactMap(\.self).filter { said[$0] != nil }
    func error(_ field: String, _ rule: String) -> BlockError {
      BlockError(block: B.key, field: field, value: said[field]?.plainText ?? "", rule: rule)
    }
    if given.count > 1 {
      throw error(given[1], "must not stand beside \(given[0]); give one of them")
    }
    if let list = partition.list, let widths = self[list] {
      guard !unequal else {
        throw error(
          Partition.unequal.name,
          "must not stand beside \(list.name), which says how wide the parts are")
      }
      guard widths.allSatisfy({ $0 >= 1 }), widths.reduce(0, +) == whole.count else {
        throw error(list.name, "must be positive widths that add up to the \(whole)")
      }
      return widths
    }
    if let option = partition.width, let width = self[option] {
      let (parts, rest) = whole.count.quotientAndRemainder(dividingBy: width)
      guard rest == 0 || unequal else { throw error(option.name, whole.divisorRule) }
      guard parts >= 1 else { throw error(option.name, "must be at most the \(whole)") }
      return Array(repeating: width, count: parts) + (rest == 0 ? [] : [rest])
    }
    let count = self[partition.count]
    let parts = count ?? min(partition.usual, whole.count)
    let mayDiffer = unequal || count == nil
    guard parts <= whole.count, mayDiffer || whole.count.isMultiple(of: parts) else {
      throw error(
        partition.count.name, unequal ? "must be at most the \(whole)" : whole.divisorRule)
    }
    let (width, wider) = whole.count.quotientAndRemainder(dividingBy: parts)
    return (0..<parts).map { $0 < wider ? width + 1 : width }
  }
}
