// SPDX-License-Identifier: Apache-2.0

import ModelZoo
import Settings

/// The option that decides all widths of a network, in the steps in which it is searched.
public enum WidthAxis: Sendable {
  /// The channels of the first stage.
  case width
  /// The factor of all published widths, in steps of 0.0001.
  case widthMultiplier

  /// What a budget may solve for, in experiment files: the axes, and widths of single parts.
  static let paths = [
    "network.width", "network.widthMultiplier", "network.stageWidths", "network.stemWidth",
  ]

  /// Nil for a network that has neither.
  public init?(of network: NetworkDescription) {
    if network.settings["width"] != nil {
      self = .width
    } else if network.settings["widthMultiplier"] != nil {
      self = .widthMultiplier
    } else {
      return nil
    }
  }

  /// The option's name.
  public var name: String {
    switch self {
    case .width: "width"
    case .widthMultiplier: "widthMultiplier"
    }
  }

  /// The steps that are searched.
  public var steps: ClosedRange<Int> {
    switch self {
    case .width: 1...8192
    case .widthMultiplier: 10...640_000
    }
  }

  /// The option's value at a step.
  public func value(at step: Int) -> JSON {
    switch self {
    case .width: .integer(step)
    case .widthMultiplier: .number(Double(step) / 10_000)
    }
  }

  /// The values that are searched: `1 to 8192`.
  var range: String {
    "\(value(at: steps.lowerBound).plainText) to \(value(at: steps.upperBound).plainText)"
  }
}
