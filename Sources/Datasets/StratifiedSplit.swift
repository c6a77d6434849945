// SPDX-License-Identifier: Apache-2.0

import RandomStreams

/// Images held back out of every class alike.
///
/// Of a class with n of N images, as much as V·n/N of the V that are held back, rounded up or down:
/// up where the remainders are the largest; of equal ones, and of the images, the seed decides.
/// A class that rounding up would leave without a training image comes last.
struct StratifiedSplit {
  /// Positions of images, either part in the order of the set.
  let kept: [Int]
  let taken: [Int]

  /// - Parameter count: images to hold back, at most as many as there are.
  init(_ labels: [Int], classes: Int, taking count: Int, seed: UInt64) {
    var positions = Array(repeating: [Int](), count: classes)
    for (position, label) in labels.enumerated() { positions[label].append(position) }
    var ties = RandomStream(seed: seed, "validation-classes")
    let shares = Self.shares(
      of: positions.map(\.count), taking: count, ties: ties.permutation(of: classes))
    var isTaken = Array(repeating: false, count: labels.count)
    for (label, own) in positions.enumerated() {
      var stream = RandomStream(seed: seed, "validation-split", label)
      for index in stream.permutation(of: own.count).prefix(shares[label]) {
        isTaken[own[index]] = true
      }
    }
    kept = labels.indices.filter { !isTaken[$0] }
    taken = labels.indices.filter { isTaken[$0] }
  }

  /// How many of each class are held back.
  ///
  /// - Parameter ties: the classes in the order in which they are preferred where all else is equal.
  static func shares(of counts: [Int], taking count: Int, ties: [Int]) -> [Int] {
    let total = counts.reduce(0, +)
    guard total > 0 else { return counts }
    var shares = counts.map { count * $0 / total }
    let remainders = counts.map { count * $0 % total }
    let missing = count - shares.reduce(0, +)
    func isEmptied(_ label: Int) -> Bool { shares[label] + 1 >= counts[label] }
    let candidates = ties.filter { remainders[$0] > 0 }
    let order = candidates.enumerated().sorted { first, second in
      let (one, other) = (first.element, second.element)
      if isEmptied(one) != isEmptied(other) { return isEmptied(other) }
      if remainders[one] != remainders[other] { return remainders[one] > remainders[other] }
      return first.offset < second.offset
    }
    for (_, label) in order.prefix(missing) { shares[label] += 1 }
    return shares
  }
}
