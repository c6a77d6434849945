import Settings

/// Which rule moves the weights, and its constants; the learning rate's course is the schedule's.
///
/// In files: `{"kind": "sgd", "learningRate": 0.045, "momentum": 0.9, "nesterov": false}`,
/// `{"kind": "rmsprop", "learningRate": 0.001, "rho": 0.9, "momentum": 0.9, "epsilon": 1,
///   "initialMeanSquare": 1}`,
/// `{"kind": "adamw", "learningRate": 0.01, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-7}`.
public struct OptimizerSettings: Hashable, Sendable {
  /// The rule.
  public enum Rule: Hashable, Sendable {
    /// v = momentum·v − rate·g; w += v (Nesterov: w += momentum·v − rate·g).
    case sgd(momentum: Float, nesterov: Bool)
    /// TensorFlow's form: the epsilon stands inside the root.
    /// m = rho·m + (1−rho)·g²; v = momentum·v + rate·g/√(m + epsilon); w −= v.
    ///
    /// m begins at `initialMeanSquare`: 1, as in TensorFlow's RMSPropOptimizer, which TF-Slim's
    /// recipe and so the paper used, and which holds the first steps back; Keras begins at 0.
    case rmsprop(rho: Float, momentum: Float, epsilon: Float, initialMeanSquare: Float)
    /// Adam with decay apart from the gradient. Source: Loshchilov and Hutter, 2019.
    case adamW(beta1: Float, beta2: Float, epsilon: Float)
  }

  private enum Kind: String, CaseIterable {
    case sgd, rmsprop
    case adamW = "adamw"
  }

  public let rule: Rule
  /// The rate that the schedule scales.
  public let learningRate: Double
  /// All constants, defaults filled in.
  public let settings: JSON

  public init(_ fields: Fields) throws(SettingsError) {
    var fields = fields
    let kind = try fields.choice("kind", default: Kind.sgd, "the rule")
    var settings: [String: JSON] = ["kind": .string(kind.rawValue)]
    func number(
      _ name: String, _ fallback: Double, _ range: ClosedRange<Double>, _ summary: String
    ) throws(SettingsError) -> Float {
      let value = try fields.number(name, default: fallback, in: range, summary)
      settings[name] = .number(value)
      return Float(value)
    }
    func rate(_ fallback: Double) throws(SettingsError) -> Double {
      try fields.number(
        "learningRate", default: fallback, in: 0...1000, "the rate that the schedule scales")
    }
    let momentum = "share of the last step that is made again"
    let epsilon = "what keeps divisors from zero"
    switch kind {
    case .sgd:
      learningRate = try rate(0.1)
      let nesterov = try fields.bool(
        "nesterov", default: false, "whether the momentum looks a step ahead")
      settings["nesterov"] = .bool(nesterov)
      rule = .sgd(
        momentum: try number("momentum", 0.9, 0...0.9999, momentum), nesterov: nesterov)
    case .rmsprop:
      learningRate = try rate(0.001)
      rule = .rmsprop(
        rho: try number("rho", 0.9, 0...0.999999, "decay of the mean square"),
        momentum: try number("momentum", 0.9, 0...0.9999, momentum),
        epsilon: try number("epsilon", 1e-3, 1e-12...10, epsilon),
        initialMeanSquare: try number(
          "initialMeanSquare", 1, 0...1e6, "what the mean square begins at"))
    case .adamW:
      learningRate = try rate(0.001)
      rule = .adamW(
        beta1: try number("beta1", 0.9, 0...0.9999, "decay of the mean gradient"),
        beta2: try number("beta2", 0.999, 0...0.999999, "decay of the mean square"),
        epsilon: try number("epsilon", 1e-7, 1e-12...1, epsilon))
    }
    try fields.finish()
    settings["learningRate"] = .number(learningRate)
    self.settings = .object(settings)
  }

  /// How many numbers beside each weight the rule remembers.
  var slotCount: Int {
    switch rule {
    case .sgd: 1
    case .rmsprop, .adamW: 2
    }
  }
}
