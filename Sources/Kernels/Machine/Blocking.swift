// SPDX-License-Identifier: Apache-2.0

import Foundation

/// How much of a core's second-level cache a piece of work may fill, in sixteenths of it.
///
/// Where sums are taken piece by piece, the pieces decide the last bits of a result: they are cut for
/// one cache, `fixed`, whatever the machine has. All other pieces follow the machine that runs,
/// `current`, and results do not depend on them.
struct Blocking: Hashable, Sendable {
  /// Floats that the cache holds.
  let cachedFloats: Int

  /// For a cache of `bytes`, or the nearest size within the bounds.
  init(bytes: Int) {
    cachedFloats = min(max(bytes, Self.bounds.lowerBound), Self.bounds.upperBound) / 4
  }

  /// From the smallest cache that was measured to the largest of today's machines, which was not.
  static let bounds = 512 << 10...2 << 20

  static let fixed = Blocking(bytes: 1 << 20)

  /// Of the processor that runs; `fixed` where the system does not tell.
  static let current = secondLevelBytes().map(Blocking.init) ?? fixed

  /// Floats of so many sixteenths of the cache.
  func sixteenths(_ count: Int) -> Int { cachedFloats / 16 * count }

  private static func secondLevelBytes() -> Int? {
    #if os(Linux)
      let path = "/sys/devices/system/cpu/cpu0/cache/index2/size"
      guard let text = try? String(contentsOfFile: path, encoding: .utf8),
        let kilobytes = Int(text.trimmingCharacters(in: .whitespacesAndNewlines).dropLast()),
        text.contains("K")
      else { return nil }
      return kilobytes << 10
    #else
      var (bytes, size) = (0, MemoryLayout<Int>.size)
      return sysctlbyname("hw.l2cachesize", &bytes, &size, nil, 0) == 0 && bytes > 0 ? bytes : nil
    #endif
  }
}
