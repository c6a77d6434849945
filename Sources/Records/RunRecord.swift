// SPDX-License-Identifier: Apache-2.0

/// Everything that is known about one run: what was asked for, what it cost, what came out.
///
/// Plain values in, plain values out: a table or a plot needs this file and nothing else.
public struct RunRecord: Equatable, Sendable {
  /// The hash of the configuration; the file is named after it.
  public var id: String
  /// The experiment's name, e.g. `residual-ablation`.
  public var experiment: String
  /// The whole run as canonical JSON.
  public var configuration: String
  /// What names this point in tables, in order: block, segments, between, …, width.
  public var labels: [Label]
  public var seed: Int
  public var status: Status
  public var cost: Cost
  /// What the run's width was matched to, or nil where nothing was matched.
  public var budget: Budget?
  public var provenance: Provenance
  /// Values by epoch or step: `train/loss`, `test/top1`, `learningRate`.
  public var curves: [String: [Double]]
  /// Final values: `test/top1`, `test/loss`. Accuracies are fractions.
  public var metrics: [String: Double]
  /// The names of the classes, in their order; empty in files of before 2026-12.
  public var classNames: [String]
  /// What the run was trained and tested on; nil in files of before 2026-12.
  public var data: DataIdentity?
  /// What its images are; nil in files of before that was written down.
  public var images: Images?
  /// What is known of the data set: `bestPossibleAccuracy`, `bestPossibleAccuracyError`, `sigma`.
  public var facts: [String: Double]
  /// What the network said of every test image; nil where it was not kept or not read.
  public var predictions: Predictions?
  /// The trained weights, in the graph's order; empty where they were not kept or not read.
  public var weights: [NamedTensor]

  public init(
    id: String, experiment: String, configuration: String, labels: [Label], seed: Int,
    status: Status, cost: Cost, budget: Budget? = nil, provenance: Provenance,
    curves: [String: [Double]] = [:], metrics: [String: Double] = [:],
    classNames: [String] = [], data: DataIdentity? = nil, images: Images? = nil,
    facts: [String: Double] = [:], predictions: Predictions? = nil, weights: [NamedTensor] = []
  ) {
    self.id = id
    self.experiment = experiment
    self.configuration = configuration
    self.labels = labels
    self.seed = seed
    self.status = status
    self.cost = cost
    self.budget = budget
    self.provenance = provenance
    self.curves = curves
    self.metrics = metrics
    self.classNames = classNames
    self.data = data
    self.images = images
    self.facts = facts
    self.predictions = predictions
    self.weights = weights
  }

  /// The value of the label of that name, or nil.
  public func label(_ name: String) -> String? {
    labels.first { $0.name == name }?.value
  }
}

// MARK: Its parts

extension RunRecord {
  /// One name and value of a run's point: `segments` = `4`. Numbers are written as text.
  public struct Label: Hashable, Sendable {
    public var name: String
    public var value: String

    public init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }

  /// How the run ended.
  public enum Status: Hashable, Sendable {
    case finished
    case failed(reason: String)
  }

  /// What the network costs: parameters, and multiply-adds per image.
  public struct Cost: Hashable, Sendable {
    public var trainableParameters: Int
    public var nonTrainableParameters: Int
    /// Of convolutions and dense layers, for one image forward; nothing else counts.
    public var multiplyAdds: Int

    public init(trainableParameters: Int, nonTrainableParameters: Int, multiplyAdds: Int) {
      self.trainableParameters = trainableParameters
      self.nonTrainableParameters = nonTrainableParameters
      self.multiplyAdds = multiplyAdds
    }
  }

  /// The cost that the run's width was solved for.
  public struct Budget: Hashable, Codable, Sendable {
    /// `parameters` or `multiply-adds`.
    public var quantity: String
    public var target: Int
    public var actual: Int

    public init(quantity: String, target: Int, actual: Int) {
      self.quantity = quantity
      self.target = target
      self.actual = actual
    }

    /// How far the run is from its target, as a fraction of it: +0.01 is one per cent too dear.
    public var mismatch: Double { Double(actual - target) / Double(target) }
  }

  /// Images by their contents, not by where they lay.
  public struct DataIdentity: Hashable, Sendable {
    /// The SHA-256 of all images and labels, in hexadecimal digits.
    public var digest: String
    /// Images of each part.
    public var train: Int
    public var validation: Int
    public var test: Int

    public init(digest: String, train: Int, validation: Int, test: Int) {
      self.digest = digest
      self.train = train
      self.validation = validation
      self.test = test
    }
  }

  /// A stretch of a run in one process: a run that was stopped and went on has several.
  public struct Session: Hashable, Sendable {
    /// The commit that the program was built from, `+` behind it where files were changed.
    public var commit: String
    public var processor: String
    /// The instructions that the kernels use, e.g. `AVX-512`.
    public var level: String
    /// The matrix kernels in use, e.g. `SkylakeX`.
    public var blasKernels: String
    public var threads: Int
    /// Runs side by side on the machine, this one among them.
    public var jobs: Int
    /// ISO 8601, by the wall clock.
    public var started: String
    /// Of training and evaluation, by a clock that nobody sets and that stands still in sleep.
    public var seconds: Double
    /// Epochs done when it began, and when it ended.
    public var firstEpoch: Double
    public var lastEpoch: Double
    /// Versions by library.
    public var libraries: [String: String]

    public init(
      commit: String, processor: String, level: String, blasKernels: String, threads: Int,
      jobs: Int, started: String, seconds: Double, firstEpoch: Double, lastEpoch: Double,
      libraries: [String: String] = [:]
    ) {
      self.commit = commit
      self.processor = processor
      self.level = level
      self.blasKernels = blasKernels
      self.threads = threads
      self.jobs = jobs
      self.started = started
      self.seconds = seconds
      self.firstEpoch = firstEpoch
      self.lastEpoch = lastEpoch
      self.libraries = libraries
    }
  }

  /// By what, where and when the run was made.
  public struct Provenance: Hashable, Sendable {
    public var commit: String
    public var version: String
    public var processor: String
    /// The matrix kernels in use, e.g. `SkylakeX`.
    public var blasKernels: String
    public var threads: Int
    /// Versions by library.
    public var libraries: [String: String]
    /// ISO 8601.
    public var started: String
    /// Spent on the run, over all the times it was begun.
    public var seconds: Double
    /// The mean time of a training step, without evaluations; NaN where it was not measured.
    public var millisecondsPerStep: Double
    /// Every stretch of the run, in order; empty in files of before 2026-12.
    public var sessions: [Session]

    public init(
      commit: String, version: String, processor: String, blasKernels: String, threads: Int,
      libraries: [String: String] = [:], started: String, seconds: Double,
      millisecondsPerStep: Double = .nan, sessions: [Session] = []
    ) {
      self.commit = commit
      self.version = version
      self.processor = processor
      self.blasKernels = blasKernels
      self.threads = threads
      self.libraries = libraries
      self.started = started
      self.seconds = seconds
      self.millisecondsPerStep = millisecondsPerStep
      self.sessions = sessions
    }
  }

  /// True and predicted classes of the test images, in the data set's order: what a comparison of
  /// networks on the same images rests on. Probabilities are had from kept weights.
  public struct Predictions: Equatable, Sendable {
    /// The true class of every image.
    public var labels: [Int32]
    /// The likeliest class of every image; of equally likely ones the first.
    public var predicted: [Int32]
    public var classes: Int

    public init(labels: [Int32], predicted: [Int32], classes: Int) {
      self.labels = labels
      self.predicted = predicted
      self.classes = classes
    }
  }
}

extension RunRecord {
  /// Why the run is no result; nil where it is one. A run with a metric that is not finite failed,
  /// whatever its file says.
  public var failure: String? {
    if case .failed(let reason) = status { return reason }
    let wrong = metrics.filter { !$0.value.isFinite }.keys.sorted()
    return wrong.isEmpty ? nil : "\(wrong.joined(separator: ", ")) is not finite"
  }
}
