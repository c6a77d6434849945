// SPDX-License-Identifier: Apache-2.0

/// A run in mid-flight: what is needed to go on as if nothing had happened.
public struct Checkpoint: Equatable, Sendable {
  /// The run's identifier; a checkpoint of another run is never used.
  public var runID: String
  /// Step, epoch, position in the data: whatever is counted.
  public var numbers: [String: Int]
  public var reals: [String: Double]
  /// The curves so far.
  public var curves: [String: [Double]]
  /// The stretches of the run so far; empty in files of before 2026-12.
  public var sessions: [RunRecord.Session]
  /// The digest of the data so far trained on; nil in files of before 2026-12.
  public var data: String?
  /// Weights, batch-norm statistics, optimiser and averaging state, in order.
  public var tensors: [NamedTensor]

  public init(
    runID: String, numbers: [String: Int] = [:], reals: [String: Double] = [:],
    curves: [String: [Double]] = [:], sessions: [RunRecord.Session] = [], data: String? = nil,
    tensors: [NamedTensor] = []
  ) {
    self.runID = runID
    self.numbers = numbers
    self.reals = reals
    self.curves = curves
    self.sessions = sessions
    self.data = data
    self.tensors = tensors
  }
}
