// SPDX-License-Identifier: Apache-2.0

import Foundation
import Records
import Settings
import Statistics
import Tables

/// Rows along one setting: what else differs is the same in all of them.
struct EffectLine: Sendable {
  /// `between = relu, 1×1 first`; empty where there is one line.
  let name: String
  let points: [ResultPoint]
  /// By point: log2 of what is counted in doublings.
  let positions: [Double]
  /// The one number in which it differs from the other lines; nil where that is no number.
  let level: Double?

  /// What is counted in doublings.
  static func isOfDoublings(_ setting: String) -> Bool {
    ["segmentWidth", "network.block.segmentWidth", SettingNames.segments, SettingNames.width]
      .contains(setting)
  }

  /// Channels of a segment; nil for what is not in segments. Extreme and separable blocks have
  /// segments of one channel. Of several stages it is the first one's.
  static func segmentWidth(of point: ResultPoint) -> Double? {
    switch point.block {
    case "extreme-inception", "separable-conv": return 1
    case "segmented-inception", "segmented-separable":
      if let width = point.settings["network.block.segmentWidth"]?.asNumber { return width }
      guard let width = point.settings[SettingNames.width]?.asNumber,
        let segments = point.settings[SettingNames.segments]?.asNumber, segments > 0
      else { return nil }
      return width / segments
    default: return nil
    }
  }

  /// Which operation comes first: blocks of one order are on one line.
  private static func order(of point: ResultPoint, _ blocks: Set<String>) -> String? {
    switch point.block {
    case "segmented-inception", "extreme-inception": return "1×1 first"
    case "segmented-separable": return "spatial first"
    case "separable-conv": return blocks.contains("segmented-separable") ? "spatial first" : nil
    default: return nil
    }
  }

  /// Lines of two different positions at least, in the rows' order.
  ///
  /// - Parameter setting: `segmentWidth`, or the path of a setting of numbers.
  static func lines(of points: [ResultPoint], over setting: String) -> [EffectLine] {
    let names = SettingNames(points)
    let isOfSegments = setting == "segmentWidth"
    let blocks = Set(points.map(\.block))
    let others = names.varying.filter { path in
      guard !SettingNames.isOfWidth(path) else { return false }
      return isOfSegments
        ? !SettingNames.isOfSpectrum(path) && path != "network.block.segmentWidths"
        : !SettingNames.isPart(path, of: setting)
    }
    var found: [(key: [String], points: [(ResultPoint, Double)])] = []
    for point in points {
      let value =
        isOfSegments ? segmentWidth(of: point) : point.settings[setting]?.asNumber
      let order = isOfSegments ? order(of: point, blocks) : ""
      guard let value, let order, !isOfDoublings(setting) || value > 0 else { continue }
      let values = others.map {
        "\(names.title(of: $0)) = \(point.settings[$0]?.settingText ?? "none")"
      }
      let key =
        [order] + values + (point.budget.map { [ColumnList.text($0)] } ?? [])
      if let index = found.firstIndex(where: { $0.key == key }) {
        found[index].points.append((point, value))
      } else {
        found.append((key, [(point, value)]))
      }
    }
    let kept = found.filter { Set($0.points.map(\.1)).count > 1 }
    let differing = (kept.first?.key.indices ?? [].indices).filter { place in
      Set(kept.map { $0.key.count > place ? $0.key[place] : "" }).count > 1
    }
    return kept.map { line in
      let parts = differing.compactMap { line.key.count > $0 ? line.key[$0] : nil }
      let number = parts.count == 1 ? parts[0].components(separatedBy: " = ").last : nil
      return EffectLine(
        name: parts.joined(separator: ", "), points: line.points.map(\.0),
        positions: line.points.map { isOfDoublings(setting) ? log2($0.1) : $0.1 },
        level: number.flatMap(Double.init))
    }
  }
}
