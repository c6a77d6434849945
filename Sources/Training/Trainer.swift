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
  public private(set) var step = 0
  /// One number an epoch.
  public private(set) var curves: [String: [Double]] = [:]

  private let data: DatasetSplits
  private let reader: BatchReader
  private let parameters: ParameterMemory
  private let executor: Executor
  private let optimizer: Optimizer
  private let average: WeightAverage?
  private let testEvaluator: Evaluator
  private let epochEvaluator: Evaluator
  private let pool: ThreadPool
  private let seed: UInt64
  /// Batches from the next step on; made where it is first needed.
  private var stream: BatchStream?
  private var labels: [Int] = []
  private var epochLoss = 0.0
  private var epochCorrect = 0

  /// - Throws: where the set is smaller than a batch, or memory is not to be had.
  public init(
    _ graph: Graph, data: DatasetSplits, standardization: Standardization?,
    augmentation: Augmentation?, settings: TrainingSettings, seed: UInt64, threads: Int
  ) throws(TrainingError) {
    let batch = settings.batch
    guard data.train.count >= batch else {
      throw .tooFewImages(count: data.train.count, batch: batch)
    }
    self.settings = settings
    self.data = data
    self.seed = seed
    pool = ThreadPool(threads: threads)
    stepsPerEpoch = data.train.count / batch
    reader = BatchReader(
      set: data.train, standardization: standardization, augmentation: augmentation, seed: seed)
    do {
      parameters = try ParameterMemory(graph)
      parameters.initialize(seed: seed, kernels: settings.initializer)
      let loss = Loss.softmaxCrossEntropy(labelSmoothing: Float(settings.labelSmoothing))
      executor = try Executor(
        graph, mode: .training(loss), batch: batch, parameters: parameters, pool: pool, seed: seed)
      optimizer = try Optimizer(settings, parameters: parameters, pool: pool)
      average =
        if let decay = settings.averaging {
          try WeightAverage(of: parameters, decay: decay)
        } else { nil }
      testEvaluator = try Evaluator(
        graph, on: data.test, standardization: standardization, pool: pool)
      epochEvaluator =
        if let validation = data.validation {
          try Evaluator(
            graph, on: validation, standardization: standardization, pool: pool)
        } else { testEvaluator }
    } catch {
      throw .outOfMemory(bytes: error.bytes)
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
  /// Epochs done.
  public var epoch: Int { step / stepsPerEpoch }
  /// The mean loss over the steps of the epoch in progress, or of the last one.
  public var recentLoss: Double {
    let steps = step % stepsPerEpoch
    if steps == 0 { return curves["train/loss"]?.last ?? 0 }
    return epochLoss / Double(steps)
  }

  /// One update; after the last of an epoch, its curves and, as often as the settings say, an
  /// evaluation on the validation set, or the test set where there is none.
  ///
  /// - Throws: where the loss is not finite, the weights then being of no use; or where a picture
  ///   cannot be decoded, nothing then being changed.
  public func trainStep() throws(TrainingError) {
    try load()
    executor.run(step: step)
    let loss = executor.losses.reduce(0) { $0 + Double($1) } / Double(settings.batch)
    guard loss.isFinite else {
      throw .notFinite(step: step, op: executor.firstNonFiniteOp(step: step) ?? "loss")
    }
    epochLoss += loss
    epochCorrect += countCorrect()
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

  private func countCorrect() -> Int {
    let logits = executor.logits
    let classes = executor.classes
    return labels.enumerated().count { image, label in
      Evaluator.rank(of: label, in: logits[image * classes..<(image + 1) * classes]) == 0
    }
  }

  private func endEpoch(_ lastRate: Double) throws(TrainingError) {
    curves["train/loss", default: []].append(epochLoss / Double(stepsPerEpoch))
    curves["train/top1", default: []].append(
      Double(epochCorrect) / Double(stepsPerEpoch * settings.batch))
    curves["learningRate", default: []].append(lastRate)
    epochLoss = 0
    epochCorrect = 0
    guard epoch % settings.evaluateEveryEpochs == 0 || isFinished else { return }
    let evaluation = try evaluate(epochEvaluator)
    let name = data.validation == nil ? "test" : "validation"
    curves["\(name)/epoch", default: []].append(Double(epoch))
    curves["\(name)/loss", default: []].append(evaluation.loss)
    curves["\(name)/top1", default: []].append(evaluation.top1)
  }

  /// What evaluation uses: the average where there is one.
  private var weights: FloatBuffer { average?.memory.buffer ?? parameters.all }

  /// The test set under the weights so far.
  ///
  /// - Throws: where a picture cannot be decoded.
  public func evaluateOnTest() throws(TrainingError) -> Evaluation { try evaluate(testEvaluator) }

  private func evaluate(_ evaluator: Evaluator) throws(TrainingError) -> Evaluation {
    do {
      return try evaluator.evaluate(weights)
    } catch {
      throw .unreadableImage(error)
    }
  }

  /// The weights that evaluation uses, by path.
  public func evaluatedWeights() -> [(parameter: Parameter, values: [Float])] {
    parameters.parameters.indices.map {
      (parameters.parameters[$0], parameters.value($0, in: weights).array)
    }
  }
}

// MARK: Stopping and going on

extension Trainer {
  /// The state after the last step.
  public func snapshot() -> TrainingSnapshot {
    var tensors = ["weights": parameters.all.array]
    for (index, slot) in optimizer.slots.enumerated() {
      tensors["optimizer/\(index)"] = slot.buffer.array
    }
    if let average { tensors["average"] = average.memory.buffer.array }
    return TrainingSnapshot(
      tensors: tensors, step: step, epochLoss: epochLoss, epochCorrect: epochCorrect,
      curves: curves)
  }

  /// Goes on from a snapshot.
  ///
  /// - Throws: where the snapshot is of another network or optimiser; nothing is then changed.
  public func restore(_ snapshot: TrainingSnapshot) throws(TrainingError) {
    var memories = ["weights": parameters.all]
    for (index, slot) in optimizer.slots.enumerated() {
      memories["optimizer/\(index)"] = slot.buffer
    }
    if let average { memories["average"] = average.memory.buffer }
    guard Set(memories.keys) == Set(snapshot.tensors.keys) else {
      throw .foreignSnapshot("it holds \(snapshot.tensors.keys.sorted().joined(separator: ", "))")
    }
    for (name, memory) in memories where snapshot.tensors[name]?.count != memory.count {
      throw .foreignSnapshot("\(name) has another length than \(memory.count)")
    }
    guard (0...totalSteps).contains(snapshot.step) else {
      throw .foreignSnapshot("step \(snapshot.step) of \(totalSteps)")
    }
    for (name, memory) in memories { memory.copy(from: snapshot.tensors[name] ?? []) }
    step = snapshot.step
    epochLoss = snapshot.epochLoss
    epochCorrect = snapshot.epochCorrect
    curves = snapshot.curves
    stream = nil
  }
}
