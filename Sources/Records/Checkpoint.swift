/// A run in mid-flight: what is needed to go on as if nothing had happened.
public struct Checkpoint: Equatable, Sendable {
  /// The run's identifier; a checkpoint of another run is never used.
  public var runID: String
  /// Step, epoch, position in the data: whatever is counted.
  public var numbers: [String: Int]
  public var reals: [String: Double]
  /// The curves so far.
  public var curves: [String: [Double]]
  /// Weights, batch-norm statistics, optimiser and averaging state, in order.
  public var tensors: [NamedTensor]

  public init(
    runID: String, numbers: [String: Int] = [:], reals: [String: Double] = [:],
    curves: [String: [Double]] = [:], tensors: [NamedTensor] = []
  ) {
    self.runID = runID
    self.numbers = numbers
    self.reals = reals
    self.curves = curves
    self.tensors = tensors
  }
}
