// SPDX-License-Identifier: Apache-2.0

import Records
import Settings

/// Names an experiment's points by what differs between them.
///
/// Block and network stand for themselves; everything else is named by the last part of its path,
/// or by the whole path where two share their last part: `segmented-inception, segments 4, lambda 0,
/// width 38`. Where the kind of an object differs, of an optimizer say, it stands before its fields,
/// and these are told only where they differ among points of the same kind. A single point is named
/// by its block and width.
///
/// Points that the experiment names have that name, and behind it what differs among points of the
/// same name. The others are named by what differs among all points, the named ones included.
struct PointNames {
  /// One point, as far as its name goes.
  struct Point {
    /// The label that the experiment gives it.
    var own: String?
    /// Its settings without the seed.
    var settings: JSON
    /// What a run file's labels say.
    var labels: [RunRecord.Label]
    /// The fields that `vary` sets.
    var varied: [String]
  }

  /// The names, in the points' order; different ones for different points.
  static func names(of points: [Point]) -> [String] {
    var names = [String](repeating: "", count: points.count)
    let groups = Dictionary(grouping: points.indices) { points[$0].own ?? "" }
    for (own, members) in groups {
      let isNamed = !own.isEmpty
      let group = isNamed ? members : Array(points.indices)
      let derived = derivedNames(of: group.map { points[$0] }, isNamed: isNamed)
      for (member, name) in zip(group, derived) where isNamed || points[member].own == nil {
        names[member] = [own, name].filter { !$0.isEmpty }.joined(separator: ", ")
      }
    }
    // A label may be what another point is called anyway.
    var known: [String: Int] = [:]
    return names.map { name in
      known[name, default: 0] += 1
      return known[name] == 1 ? name : "\(name) (\(known[name] ?? 0))"
    }
  }

  /// The labels of a run file, in their order: where on the spectrum the network is and how wide, with
  /// the settings that they tell in their own words. Whatever else differs between points, names tell
  /// by itself.
  static let labels: [(name: String, path: String)] = [
    ("block", "network.block.kind"), ("blocks", "network.blocks"),
    ("segments", "network.block.segments"), ("segmentWidth", "network.block.segmentWidth"),
    ("segmentWidths", "network.block.segmentWidths"), ("towers", "network.block.towers"),
    ("between", "network.block.between"), ("width", "network.width"),
    ("stageWidths", "network.stageWidths"), ("stemWidth", "network.stemWidth"),
  ]
  static let labelled = Set(labels.map(\.path))

  /// - Parameter isNamed: whether all points have one name of their own; else the names of those that
  ///   have none are wanted, among all.
  private static func derivedNames(of points: [Point], isNamed: Bool) -> [String] {
    guard points.count > 1 else { return isNamed ? [""] : points.map(single) }
    var group = Differences(points)
    let wanted = points.indices.filter { isNamed || points[$0].own == nil }
    // What differs beside is told only where points would share a name otherwise, and only as much.
    for path in group.candidates {
      let before = namesakes(of: wanted, in: group.names)
      guard before > 0 else { break }
      group.shown.append(path)
      if namesakes(of: wanted, in: group.names) == before { group.shown.removeLast() }
    }
    return group.names
  }

  /// How many other points share a name with a wanted one, over all of these.
  private static func namesakes(of wanted: [Int], in names: [String]) -> Int {
    let uses = names.reduce(into: [:]) { uses, name in uses[name, default: 0] += 1 }
    return wanted.reduce(0) { $0 + (uses[names[$1]] ?? 1) - 1 }
  }

  /// A point that has nothing to differ from.
  private static func single(_ point: Point) -> String {
    let labels = text(point.labels)
    guard point.labels.contains(where: { $0.name == "block" }) else {
      let network = point.settings["network.network"]?.plainText ?? ""
      return [network, labels].filter { !$0.isEmpty }.joined(separator: ", ")
    }
    return labels
  }

  /// Labels as one line: `segmented-inception, segments 4, between none, width 38`.
  static func text(_ labels: [RunRecord.Label]) -> String {
    labels.map { $0.name == "block" ? $0.value : "\($0.name) \($0.value)" }
      .joined(separator: ", ")
  }

}

extension JSON {
  /// Every value that is no object, by its dotted path; lists count as values.
  var leaves: [String: JSON] {
    guard case .object(let fields) = self else { return ["": self] }
    var leaves: [String: JSON] = [:]
    for (name, value) in fields {
      for (path, leaf) in value.leaves { leaves[path.isEmpty ? name : "\(name).\(path)"] = leaf }
    }
    return leaves
  }
}
