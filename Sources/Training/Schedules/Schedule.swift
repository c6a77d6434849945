// SPDX-License-Identifier: Apache-2.0

import Settings

/// The course of the learning rate, as a factor of the optimiser's: a straight rise over
/// `warmupEpochs`, then a shape.
///
/// In files: `{"kind": "cosine", "warmupEpochs": 1, …}`, with the constants of the shape.
public struct Schedule: Hashable, Sendable {
  /// Epochs over which the rate first rises in a straight line.
  public let warmupEpochs: Double
  private let shape: any ScheduleShape
  /// All constants, defaults filled in.
  private let settings: JSON

  /// Reads all keys of a schedule; the caller calls `finish`.
  public init(_ fields: inout Fields) throws(SettingsError) {
    let shape = try fields.kind(
      of: ScheduleShapes.all, default: CosineSchedule.self, noun: "shape", key: { $0.key },
      "its shape after the warm-up")
    warmupEpochs = try fields.number(
      "warmupEpochs", default: 0, in: 0...10_000, "epochs over which the rate first rises")
    self.shape = try shape.init(&fields)
    settings = .object(fields.recorded)
  }

  public static func == (first: Schedule, second: Schedule) -> Bool {
    first.settings == second.settings
  }

  public func hash(into hasher: inout Hasher) { hasher.combine(settings) }

  /// The factor for the step that begins `epoch` epochs after the start; the first step of a
  /// warm-up already moves.
  public func factor(epoch: Double, epochs: Double, stepsPerEpoch: Int) -> Double {
    if epoch < warmupEpochs {
      return min(1, (epoch + 1 / Double(stepsPerEpoch)) / warmupEpochs)
    }
    return shape.factor(epoch: epoch, warmup: warmupEpochs, epochs: epochs)
  }
}

/// The learning rate's course after the warm-up.
///
/// Conforming takes one file and one line in `ScheduleShapes.all`.
public protocol ScheduleShape: Sendable {
  /// The name in files: `cosine`.
  static var key: String { get }

  /// Reads the shape's own constants; the caller refuses what is left.
  init(_ fields: inout Fields) throws(SettingsError)

  /// The factor `epoch` epochs after the start of a training of `epochs`, of which the warm-up took
  /// the first `warmup`.
  func factor(epoch: Double, warmup: Double, epochs: Double) -> Double
}

/// The shapes.
public enum ScheduleShapes {
  public static let all: [any ScheduleShape.Type] = [
    ConstantSchedule.self, ExponentialSchedule.self, CosineSchedule.self,
  ]
}
