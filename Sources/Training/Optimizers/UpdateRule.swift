// SPDX-License-Identifier: Apache-2.0

import Kernels
import Settings

/// A rule that moves weights along their gradients.
///
/// Conforming takes one file and one line in `UpdateRules.all`. Its arithmetic may be a plain loop over the
/// buffers; what is worth a loop in C is a function of `UpdateKernel`.
public protocol UpdateRule: Sendable {
  /// The name in files: `sgd`.
  static var key: String { get }
  /// The learning rate where the file names none.
  static var usualLearningRate: Double { get }

  /// Reads the rule's own constants; the caller reads the rate, and refuses what is left.
  init(_ fields: inout Fields) throws(SettingsError)

  /// What the numbers begin at that the rule remembers beside each weight: one value for each of them.
  var initialMemory: [Float] { get }

  /// One step of one parameter.
  ///
  /// - Parameters:
  ///   - weights: what is moved.
  ///   - gradients: of the loss, as long.
  ///   - memory: as long as the weights each, as many as `initialMemory` has values.
  ///   - step: rate and number of the step.
  func update(
    _ weights: FloatBuffer, gradients: FloatBuffer, memory: [FloatBuffer], _ step: UpdateStep)
}

/// What all rules need to know of a step.
public struct UpdateStep {
  /// The schedule's, times the parameter's own factor.
  public let learningRate: Float
  /// The factor of weight decay.
  public let decay: Float
  /// Counted from 1.
  public let number: Int
  public let pool: ThreadPool
}

/// The rules.
public enum UpdateRules {
  public static let all: [any UpdateRule.Type] = [SGD.self, RMSProp.self, AdamW.self]
}

extension Fields {
  /// A constant of a rule.
  mutating func constant(
    _ name: String, default fallback: Double, in range: ClosedRange<Double>, _ summary: String
  ) throws(SettingsError) -> Float {
    Float(try number(name, default: fallback, in: range, summary))
  }
}
