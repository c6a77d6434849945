// SPDX-License-Identifier: Apache-2.0

import Records
import Settings

extension PointNames {
  /// What differs between several points, and how each is named by it.
  struct Differences {
    let points: [Point]
    private let leaves: [[String: JSON]]
    private let differing: Set<String>
    /// The names of labels that two points have different values of.
    private let labels: Set<String>
    /// The paths of the kinds that differ, but for the block's, which is a label.
    private let kinds: [String]
    /// The paths that names tell beside labels and kinds.
    var shown: [String]

    init(_ points: [Point]) {
      self.points = points
      let leaves = points.map { $0.settings.leaves }
      let differing = Set(leaves.flatMap(\.keys)).filter { path in
        Set(leaves.map { $0[path]?.canonicalText ?? "" }).count > 1
      }
      let others = differing.subtracting(labelled).sorted()
      let kinds = others.filter { $0.hasSuffix(".kind") }
      let varied = Set(points.flatMap(\.varied))
      (self.leaves, self.differing, self.kinds) = (leaves, differing, kinds)
      labels = Set(points.flatMap { $0.labels.map(\.name) }).filter { name in
        Set(points.map { point in point.labels.first { $0.name == name }?.value }).count > 1
      }
      shown = others.filter {
        !kinds.contains($0) && (varied.contains($0) || $0 == "network.network")
      }
    }

    /// What may be told beside, where it is needed to tell points apart.
    var candidates: [String] {
      let others = differing.subtracting(labelled).sorted()
      return (others + differing.intersection(labelled).sorted()).filter { path in
        !shown.contains(path) && !kinds.contains(path)
          && points.indices.contains { differsWithinKind(path, at: $0) }
      }
    }

    /// The points' names; empty where nothing is told.
    var names: [String] { points.indices.map(name) }

    /// Whether a field differs among the points whose object is of the same kind as this point's.
    private func differsWithinKind(_ path: String, at index: Int) -> Bool {
      let owners = kinds.filter { path.hasPrefix($0.dropLast("kind".count)) }
      guard !owners.isEmpty else { return true }
      let same = points.indices.filter { other in
        owners.allSatisfy { leaves[other][$0] == leaves[index][$0] }
      }
      return Set(same.map { leaves[$0][path]?.canonicalText ?? "" }).count > 1
    }

    private func name(_ index: Int) -> String {
      let (point, leaves) = (points[index], leaves[index])
      func text(_ label: RunRecord.Label) -> String { PointNames.text([label]) }
      let own = point.labels.filter { labels.contains($0.name) }
      let network = shown.contains("network.network") ? leaves["network.network"] : nil
      var parts = [network?.plainText].compactMap(\.self)
      parts += own.filter { $0.name == "block" }.map(text)
      parts += kinds.compactMap { kind in leaves[kind].map { words(kind, $0) } }
      parts += own.filter { $0.name != "block" && $0.name != "width" }.map(text)
      let told = shown.sorted().filter {
        $0 != "network.network" && (isVaried($0) || differsWithinKind($0, at: index))
      }
      parts += told.compactMap { path in leaves[path].map { words(path, $0) } }
      parts += own.filter { $0.name == "width" }.map(text)
      guard parts.isEmpty else { return parts.joined(separator: ", ") }
      // Points that lack what the others have are named by that.
      let lacking =
        labels.filter { label in !own.contains { $0.name == label } }.sorted()
        + (kinds + told).filter { leaves[$0] == nil }.map(words)
      return lacking.map { "no \($0)" }.joined(separator: ", ")
    }

    private func isVaried(_ path: String) -> Bool { points.contains { $0.varied.contains(path) } }

    private func words(_ path: String, _ value: JSON) -> String {
      "\(words(path)) \(value.plainText)"
    }

    /// The last part of the path, or all of it where another field that differs has the same. A
    /// kind's field is named by its object: `optimizer`.
    private func words(_ path: String) -> String {
      let last = Self.lastPart(path)
      let isShared =
        labels.contains(last)
        || differing.contains {
          $0 != path && "\($0).kind" != path && Self.lastPart($0) == last
        }
      return isShared ? path : last
    }

    private static func lastPart(_ path: String) -> String {
      let parts = path.split(separator: ".")
      let isKind = parts.count > 1 && parts.last == "kind"
      return (isKind ? parts.dropLast() : parts[...]).last.map(String.init) ?? path
    }
  }
}
