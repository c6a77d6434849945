// SPDX-License-Identifier: Apache-2.0

import Foundation
import RandomStreams

/// How much of the damage a run of the tests tries: a sample, or with `make damage` all of it.
public enum DamageSample: Equatable, Sendable {
  case all
  /// One file of every `stride` in a row, drawn from the seed; neighbours are damaged alike.
  case drawn(seed: UInt64)

  /// How many neighbours stand behind one file of a sample.
  public static let stride = 10

  /// What `CONTINUUM_DAMAGE` asks for: `all`, or the seed of a sample, which is 1 where it is not set.
  public static let asked: DamageSample = {
    let text = ProcessInfo.processInfo.environment["CONTINUUM_DAMAGE"]
    guard let sample = DamageSample(text) else {
      fatalError("CONTINUUM_DAMAGE is \"\(text ?? "")\"; it must be \"all\" or a seed")
    }
    return sample
  }()

  /// Nil for what is neither.
  public init?(_ text: String?) {
    if text == "all" {
      self = .all
    } else if let seed = UInt64(text ?? "1") {
      self = .drawn(seed: seed)
    } else {
      return nil
    }
  }

  /// Those of the items that are tried, in their order.
  ///
  /// - Parameter name: what the items are, so that two lists are not drawn alike.
  public func of<Item>(_ items: [Item], _ name: String) -> [Item] {
    guard case .drawn(let seed) = self else { return items }
    var random = RandomStream(seed: seed, "damage/\(name)")
    return Swift.stride(from: 0, to: items.count, by: Self.stride).map { start in
      items[start + random.integer(below: min(Self.stride, items.count - start))]
    }
  }
}
