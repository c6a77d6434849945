// SPDX-License-Identifier: Apache-2.0

import RandomStreams
import Settings
import Testing

@testable import Datasets

/// Validation images are held back out of every class alike.
@Suite struct StratifiedSplitTests {
  private static func counts(_ labels: [Int], _ classes: Int) -> [Int] {
    (0..<classes).map { label in labels.count { $0 == label } }
  }

  /// Class counts of all kinds, some of them none or one, and how many to hold back.
  private static func cases() -> [(counts: [Int], taking: Int)] {
    var stream = RandomStream(seed: 5, "stratified-cases")
    return (0..<400).map { number in
      let classes = 1 + stream.integer(below: 12)
      let most = number % 3 == 0 ? 4 : 90
      var counts = (0..<classes).map { _ in stream.integer(below: most) }
      counts[0] += 1
      return (counts, stream.integer(below: counts.reduce(0, +)))
    }
  }

  @Test func everyClassGivesItsShareAsNearlyAsWholeImagesAllow() {
    var spared = 0
    for (counts, taking) in Self.cases() {
      let shares = StratifiedSplit.shares(
        of: counts, taking: taking, ties: Array(counts.indices))
      #expect(shares.reduce(0, +) == taking, "\(counts), \(taking)")
      let total = counts.reduce(0, +)
      for (count, share) in zip(counts, shares) {
        #expect((0...count).contains(share))
        // |share − taking · count / total| < 1, in whole numbers.
        #expect(abs(share * total - taking * count) < total, "\(counts), \(taking): \(shares)")
      }
      // The largest remainders are rounded up, unless that would take the last image of a class.
      for (one, share) in shares.enumerated() where share * total < taking * counts[one] {
        for (other, more) in shares.enumerated() where more * total > taking * counts[other] {
          let (mine, others) = (taking * counts[one] % total, taking * counts[other] % total)
          let wouldEmpty = share + 1 == counts[one]
          spared += wouldEmpty && mine > others ? 1 : 0
          #expect(mine <= others || wouldEmpty, "\(counts), \(taking): \(shares)")
          #expect(more < counts[other] || wouldEmpty, "\(counts), \(taking): \(shares)")
        }
      }
    }
    #expect(spared > 0)
  }

  @Test func equalClassesGiveEqualShares() {
    for taking in 0..<40 {
      let shares = StratifiedSplit.shares(
        of: [10, 10, 10, 10], taking: taking, ties: [2, 0, 3, 1])
      #expect((shares.max() ?? 0) - (shares.min() ?? 0) <= 1)
      // Whoever comes first among equals gives first.
      #expect(shares[2] >= shares[0] && shares[0] >= shares[3] && shares[3] >= shares[1])
    }
  }

  @Test func bothPartsAreTheWholeInItsOrder() {
    var stream = RandomStream(seed: 1, "labels")
    let labels = (0..<200).map { _ in stream.integer(below: 7) }
    for taking in [0, 1, 13, 70, 199] {
      let split = StratifiedSplit(labels, classes: 7, taking: taking, seed: 3)
      #expect(split.taken.count == taking)
      #expect(split.kept == split.kept.sorted() && split.taken == split.taken.sorted())
      #expect((split.kept + split.taken).sorted() == Array(0..<200))
      let held = Self.counts(split.taken.map { labels[$0] }, 7)
      for (count, share) in zip(Self.counts(labels, 7), held) {
        #expect(abs(share * 200 - taking * count) < 200)
      }
    }
  }

  @Test func theSeedAloneDecides() {
    let labels = (0..<60).map { $0 % 3 }
    func taken(_ labels: [Int], _ taking: Int, _ seed: UInt64) -> [Int] {
      StratifiedSplit(labels, classes: 3, taking: taking, seed: seed).taken
    }
    #expect(taken(labels, 12, 4) == taken(labels, 12, 4))
    #expect(taken(labels, 12, 4) != taken(labels, 12, 5))
    // Of three equal classes one gives an image more; which one is the seed's choice.
    let luckier = (0..<30).map { seed in
      taken(labels, 13, seed).reduce(into: [0, 0, 0]) { $0[labels[$1]] += 1 }.firstIndex(of: 5)
    }
    #expect(Set(luckier) == [0, 1, 2])
  }

  // MARK: In data sets

  private func description(_ json: JSON) throws -> DatasetDescription {
    var fields = try Fields(json, source: "test", path: "data")
    let description = try DatasetDescription(&fields)
    try fields.finish()
    return description
  }

  private static let small: JSON = [
    "channels": 4, "classes": 4, "size": 6, "train": 60, "test": 20, "calibrationImages": 256,
  ]

  @Test func texturesAreHeldBackByClass() throws {
    let whole = try description(Self.small).load(directory: nil)
    let splits = try description(Self.small.setting("validation", to: 16)).load(directory: nil)
    let all = Self.counts(whole.train.labels, 4)
    let held = Self.counts(try #require(splits.validation).labels, 4)
    #expect(held.reduce(0, +) == 16)
    for (count, share) in zip(all, held) { #expect(abs(share * 60 - 16 * count) < 60) }
    #expect(zip(Self.counts(splits.train.labels, 4), held).map(+) == all)
  }

  @Test func picturesAreHeldBackByClass() throws {
    let folder = try Folder()
    try folder.writeClasses("train/", ["a": 12, "b": 6, "c": 3])
    try folder.writeClasses("test/", ["a": 1])
    var description = try description([
      "kind": "image-folder", "path": .string(folder.path), "validation": 7,
    ])
    try description.survey(directory: nil)
    let splits = try description.load(directory: nil)
    #expect(Self.counts(try #require(splits.validation).labels, 3) == [4, 2, 1])
    #expect(Self.counts(splits.train.labels, 3) == [8, 4, 2])
    #expect(description.canonical["split"] == "stratified")
  }

  /// Runs without such a set keep the identifiers that they had before there was a rule.
  @Test func theRuleIsPartOfTheIdentityWhereThereIsASplit() throws {
    for kind in DatasetZoo.keys where kind != PictureFolder.key {
      let none = try description(["kind": .string(kind)])
      #expect(none.canonical["split"] == nil)
      let some = try description(["kind": .string(kind), "validation": 5])
      #expect(some.canonical["split"] == "stratified")
    }
    let said = try description(Self.small.setting("split", to: "stratified"))
    #expect(try said.canonical == description(Self.small).canonical)
    let error = #expect(throws: SettingsError.self) {
      try description(Self.small.setting("split", to: "stratifed"))
    }
    #expect(error?.field == "data.split")
    #expect(error?.suggestion == "stratified")
  }
}
