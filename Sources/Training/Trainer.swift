// SPDX-License-Identifier: Apache-2.0

import Datasets
import Engine
import Kernels

/// Trains one network on one data set, step by step.
///
/// A step depends on the seed, the step's number and the weights alone, so a run that goes on from a
/// snapshot ends in the same bits as one that was never stopped, on any number of threads.
public final class Trainer {
  public let settings: TrainingSettings
  public let stepsPerEpoch: Int
  /// Updates done.
  public internal(set) var step = 0
  /// `train/loss`, `train/top1`, `train/top5` and `learningRate` have one number an epoch; `<set>/epoch`,
  /// `<set>/loss`, `<set>/top1` and `<set>/top5` one an evaluation, of the sets validation (where
  /// there is one) and test.
  public internal(set) var curves: [String: [Double]] = [:]
  /// The last evaluation of this trainer, of an epoch that it has trained; nil before the first.
  public internal(set) var lastEvaluation: EpochEvaluation?

  private let data: DatasetSplits
  private let reader: BatchReader
  let parameters: ParameterMemory
  private let executor: Executor
  let optimizer: Optimizer
  let average: WeightAverage?
  let testEvaluator: Evaluator
  /// Nil where there is no such set.
  let validationEvaluator: Evaluator?
  /// The test set under the last weights, once all steps are done.
  var finalEvaluation: Evaluation?
  private let pool: ThreadPool
  private let seed: UInt64
  /// Batches from the next step on; made where it is first needed.
  var stream: BatchStream?
  private var labels: [Int] = []
  var epochLoss = 0.0
  var epochCorrect = 0
  var epochAmongFive = 0

  /// - Throws: where the set is smaller than a batch, a batch norm would get a single value per
  ///   channel, whitening has no convolution to begin, or memory is not to be had.
  public init(
    _ graph: Graph, data: DatasetSplits, standardization: Standardization?,
    augmentation: Augmentation?, settings: TrainingSettings, seed: UInt64, threads: Int
  ) throws(TrainingError) {
    let batch = settings.batch
    try Self.check(graph, data, batch: batch)
    self.settings = settings
    self.data = data
    self.seed = seed
    let pool = ThreadPool(threads: threads)
    self.pool = pool
    func evaluator(on set: ImageSet) throws(OutOfMemory) -> Evaluator {
      try Evaluator(
        graph, on: set, standardization: standardization, flips: settings.testTimeFlip, pool: pool)
    }
    stepsPerEpoch = data.train.count / batch
    reader = BatchReader(
      set: data.train, standardization: standardization, augmentation: augmentation, seed: seed)
    do {
      parameters = try Self.drawn(graph, settings, seed: seed)
      let loss = Loss.softmaxCrossEntropy(labelSmoothing: Float(settings.labelSmoothing))
      executor = try Executor(
        graph, mode: .training(loss), batch: batch, parameters: parameters, pool: pool, seed: seed)
      optimizer = try Optimizer(settings, parameters: parameters, pool: pool)
      average =
        if let decay = settings.averaging {
          try WeightAverage(of: parameters, decay: decay)
        } else { nil }
      testEvaluator = try evaluator(on: data.test)
      validationEvaluator =
        if let validation = data.validation { try evaluator(on: validation) } else { nil }
    } catch {
      throw .outOfMemory(bytes: error.bytes)
    }
    if settings.firstKernels.whitenStem { try whitenStem(graph, standardization) }
  }

  private static func check(
    _ graph: Graph, _ data: DatasetSplits, batch: Int
  ) throws(TrainingError) {
    guard data.train.count >= batch else {
      throw .tooFewImages(count: data.train.count, batch: batch)
    }
    do throws(GraphError) {
      try graph.checkBatchStatistics(batch: batch)
    } catch {
      throw .singleValue(error)
    }
  }

  /// The weights that training begins with, but for what looks at images.
  private static func drawn(
    _ graph: Graph, _ settings: TrainingSettings, seed: UInt64
  ) throws(OutOfMemory) -> ParameterMemory {
    let parameters = try ParameterMemory(graph)
    parameters.initialize(seed: seed, kernels: settings.initializer)
    if settings.firstKernels.areIdentities {
      IdentityInitialization.apply(to: parameters, of: graph)
    }
    return parameters
  }

  private func whitenStem(
    _ graph: Graph, _ standardization: Standardization?
  ) throws(TrainingError) {
    let plain = BatchReader(
      set: data.train, standardization: standardization, augmentation: nil, seed: seed)
    try begin { (parameters) throws(TrainingError) in
      try WhiteningInitialization.apply(to: parameters, of: graph, reader: plain, pool: pool)
    }
  }

  /// Lets `body` set the weights that training begins with, instead of random ones.
  ///
  /// - Precondition: no step is done.
  public func begin<Failure>(
    with body: (ParameterMemory) throws(Failure) -> Void
  ) throws(Failure) {
    precondition(step == 0, "weights are set before the first step")
    try body(parameters)
    average?.memory.buffer.copy(from: parameters.all)
  }

  public var totalSteps: Int { settings.epochs * stepsPerEpoch }
  public var isFinished: Bool { step >= totalSteps }
  /// Images left out of every epoch, others each time: they fill no batch.
  public var droppedImagesPerEpoch: Int { settings.droppedImages(of: data.train.count) }
  /// Epochs done.
  public var epoch: Int { step / stepsPerEpoch }
  /// The mean loss over the steps of the epoch in progress, or of the last one.
  public var recentLoss: Double {
    let steps = step % stepsPerEpoch
    if steps == 0 { return curves["train/loss"]?.last ?? 0 }
    return epochLoss / Double(steps)
  }

  /// One update; after the last of an epoch, its curves and, as often as the settings say, an
  /// evaluation on the validation set, where there is one, and on the test set.
  ///
  /// - Throws: where the loss or an evaluation is not finite, the weights then being of no use; or
  ///   where a picture cannot be decoded, nothing then being changed.
  public func trainStep() throws(TrainingError) {
    try load()
    executor.run(step: step)
    let loss = executor.losses.reduce(0) { $0 + Double($1) } / Double(settings.batch)
    guard loss.isFinite else {
      throw .notFinite(step: step, op: executor.firstNonFiniteOp(step: step) ?? "loss")
    }
    epochLoss += loss
    countCorrect()
    optimizer.update(learningRate: Float(learningRate), step: step)
    average?.add(parameters, step: step, pool: pool)
    let rate = learningRate
    step += 1
    if step % stepsPerEpoch == 0 { try endEpoch(rate) }
  }

  /// Puts the next batch into the executor.
  private func load() throws(TrainingError) {
    let stream = stream ?? batches(from: step)
    self.stream = stream
    do {
      let loaded = try stream.next { batch in
        executor.load(images: batch.images)
        executor.load(labels: batch.labels)
        return batch.labels
      }
      labels = loaded ?? []
    } catch {
      self.stream = nil
      throw .unreadableImage(error)
    }
  }

  /// The batches of all steps from `first` on, which the seed decides.
  private func batches(from first: Int) -> BatchStream {
    let (batch, stepsPerEpoch, total) = (settings.batch, stepsPerEpoch, totalSteps)
    let reader = reader
    var order = (epoch: -1, images: [Int]())
    return BatchStream(reader, size: batch, threads: pool.threads) { number in
      let step = first + number
      guard step < total else { return nil }
      let (epoch, position) = step.quotientAndRemainder(dividingBy: stepsPerEpoch)
      if order.epoch != epoch { order = (epoch, reader.order(epoch: epoch)) }
      return BatchStream.Request(
        order.images[position * batch..<(position + 1) * batch], epoch: epoch)
    }
  }

  /// The rate of the next step.
  public var learningRate: Double {
    let factor = settings.schedule.factor(
      epoch: Double(step) / Double(stepsPerEpoch), epochs: Double(settings.epochs),
      stepsPerEpoch: stepsPerEpoch)
    return settings.optimizer.learningRate * factor
  }

  private func countCorrect() {
    let logits = executor.logits
    let classes = executor.classes
    for (image, label) in labels.enumerated() {
      let rank = Evaluator.rank(of: label, in: logits[image * classes..<(image + 1) * classes])
      epochCorrect += rank < 1 ? 1 : 0
      epochAmongFive += rank < 5 ? 1 : 0
    }
  }
}
