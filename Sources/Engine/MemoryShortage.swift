// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Why something is not begun: it would take more memory than there is.
public struct MemoryShortage: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is not begun, with its verb: `xception: a training step with batch 512 takes`.
  public let work: String
  /// What it takes; `Int.max` where that is too large to be counted.
  public let bytes: Int
  /// What there is.
  public let freeBytes: Int
  /// Whether a limit on the process's addresses leaves no more.
  public let isOfAddresses: Bool
  /// What there is enough for: `batch 96 fits`.
  public let remedy: String

  /// `xception: a training step with batch 512 takes 85.1 GB; 22.3 GB are free; batch 96 fits`.
  public var description: String {
    let free = isOfAddresses ? "are left by ulimit -v" : "are free"
    return "\(work) \(Self.text(bytes)); \(Self.text(freeBytes)) \(free); \(remedy)"
  }

  /// - Throws: where it takes more than there is.
  public static func check(
    _ work: String, bytes: Int, free: FreeMemory, remedy: String
  ) throws(MemoryShortage) {
    guard bytes > free.bytes else { return }
    throw MemoryShortage(
      work: work, bytes: bytes, freeBytes: free.bytes, isOfAddresses: free.isOfAddresses,
      remedy: remedy)
  }

  /// - Parameters:
  ///   - work: `xception: a training step`.
  ///   - batch: images at a time.
  ///   - free: what there is.
  ///   - bytes: what it takes at a batch size, with which it grows.
  /// - Throws: where it takes more than there is, with the largest batch that fits.
  public static func check(
    _ work: String, batch: Int, free: FreeMemory, bytes: (_ batch: Int) -> Int
  ) throws(MemoryShortage) {
    let demand = bytes(batch)
    guard demand > free.bytes else { return }
    let fitting = fittingBatch(below: batch, in: free, bytes)
    try check(
      "\(work) with batch \(batch) takes", bytes: demand, free: free,
      remedy: fitting > 0 ? "batch \(fitting) fits" : "not even batch 1 fits")
  }

  /// The largest batch that fits; 0 where none does.
  private static func fittingBatch(
    below batch: Int, in free: FreeMemory, _ bytes: (Int) -> Int
  ) -> Int {
    var (fits, exceeds) = (0, batch)
    while exceeds - fits > 1 {
      let middle = fits + (exceeds - fits) / 2
      if bytes(middle) > free.bytes { exceeds = middle } else { fits = middle }
    }
    return fits
  }

  /// In units of thousands, as memory is sold: `85.1 GB`.
  private static func text(_ bytes: Int) -> String {
    guard bytes < .max else { return "more than can be counted" }
    let (unit, name) =
      bytes < 1_000_000_000
      ? (1e6, "MB") : bytes < 1_000_000_000_000 ? (1e9, "GB") : (1e12, "TB")
    return String(format: "%.1f", Double(bytes) / unit) + " \(name)"
  }
}
