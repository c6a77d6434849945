// SPDX-License-Identifier: Apache-2.0

import Datasets
import Engine
import Kernels

/// How well a network does on a set of images.
public struct Evaluation: Sendable {
  /// Mean softmax cross-entropy.
  public var loss: Double
  /// Shares of images whose label is the first, and among the first five, of the classes.
  public var top1: Double
  public var top5: Double
  /// `[count, classes]`.
  public var probabilities: [Float]
  /// The class of the largest logit of every image; of equal ones the first.
  public var predicted: [Int] = []
  /// `[count, classes]`; empty unless they were asked for.
  public var logits: [Float] = []
  /// The cross-entropy of every image.
  public var losses: [Float] = []
  /// The images with a logit or a loss that is not finite, by their place in the set; where there
  /// are any, nothing else here means anything.
  public var nonFinite: [Int] = []

  /// Adds the answers to the first images of a batch, as many as there are labels; loss and shares
  /// are sums meanwhile.
  fileprivate mutating func add(
    _ answers: BatchAnswers, labels: ArraySlice<Int>, classes: Int, keepsLogits: Bool
  ) {
    let first = losses.count
    probabilities += answers.probabilities.prefix(labels.count * classes)
    losses += answers.losses.prefix(labels.count)
    if keepsLogits { logits += answers.logits.prefix(labels.count * classes) }
    for (image, label) in labels.enumerated() {
      let row = answers.logits[image * classes..<(image + 1) * classes]
      if !answers.losses[image].isFinite || !row.allSatisfy(\.isFinite) {
        nonFinite.append(first + image)
      }
      loss += Double(answers.losses[image])
      let rank = Evaluator.rank(of: label, in: row)
      top1 += rank < 1 ? 1 : 0
      top5 += rank < 5 ? 1 : 0
      let best = row.indices.reduce(row.startIndex) { row[$1] > row[$0] ? $1 : $0 }
      predicted.append(best - row.startIndex)
    }
  }
}

/// Runs a network, folded for inference unless it is to run plainly, over a set, batch by batch.
public final class Evaluator {
  private let folded: FoldedNetwork?
  private let executor: Executor
  private let reader: BatchReader
  private let set: ImageSet
  private let threads: Int
  /// Nil where mirror images are not asked.
  private let mirror: MirroredAnswers?

  /// - Parameters:
  ///   - graph: the network.
  ///   - set: the images.
  ///   - standardization: of the training set; nil leaves images as they are.
  ///   - batch: images at a time, at most; nil chooses by their size.
  ///   - parameters: the weights as they are now, later changes not being seen; nil makes room for
  ///     those that `evaluate` is given.
  ///   - fuses: whether it is folded; else every op runs by itself, with the parameters, which must
  ///     then be there.
  ///   - flips: whether it answers with the mean of a picture and its mirror image.
  ///   - pool: the threads that it uses.
  /// - Throws: where the memory is not to be had.
  public init(
    _ graph: Graph, on set: ImageSet, standardization: Standardization?, batch: Int? = nil,
    parameters: ParameterMemory? = nil, fuses: Bool = true, flips: Bool = false, pool: ThreadPool
  ) throws(OutOfMemory) {
    self.set = set
    let batch = min(batch ?? Self.usualBatch(set.size), max(set.count, 1))
    reader = BatchReader(set: set, standardization: standardization, augmentation: nil, seed: 0)
    let loss = Loss.softmaxCrossEntropy(labelSmoothing: 0)
    if fuses {
      let network = try FoldedNetwork(graph, batch: batch, pool: pool)
      if let parameters { network.fold(parameters.all) }
      executor = try network.executor(loss: loss)
      folded = network
    } else {
      guard let parameters else { preconditionFailure("a plain evaluation needs parameters") }
      executor = try Executor(
        graph, mode: .inference(loss), batch: batch, parameters: parameters, pool: pool,
        fuses: false)
      folded = nil
    }
    threads = pool.threads
    mirror = flips ? try MirroredAnswers(batch: batch, classes: executor.classes) : nil
  }

  /// The memory that evaluating takes, without the weights that it is given, known before any is
  /// taken.
  ///
  /// - Parameters:
  ///   - graph: the network.
  ///   - size: of an image.
  ///   - count: images of the set.
  ///   - batch: images at a time, at most.
  ///   - isInFiles: whether they are pictures in files.
  ///   - fuses: whether the network is folded.
  ///   - flips: whether pictures are mirrored too.
  ///   - threads: of the pool.
  public static func bytes(
    _ graph: Graph, _ size: ImageSize, count: Int, batch: Int, isInFiles: Bool,
    fuses: Bool = true, flips: Bool = false, threads: Int
  ) -> Int {
    let batch = min(batch, max(count, 1))
    let demand =
      fuses
      ? FoldedNetwork.bytes(graph, batch: batch, threads: threads)
      : MemoryDemand(graph, mode: .inference, batch: batch, threads: threads, fuses: false)
        .arenaBytes
    guard demand < .max else { return .max }
    let classes = graph.outputShape.channels
    let answers = MemoryLayout<Float>.stride * count * classes
    return MemoryDemand.sum([
      demand, answers,
      flips ? MirroredAnswers.bytes(size, batch: batch, classes: classes) : 0,
      BatchStream.bytes(size, batch: batch, isInFiles: isInFiles, threads: threads),
    ])
  }

  /// Images that an evaluation runs at a time: a function of their size alone, since sums of another
  /// batch may round otherwise. Large pictures take much memory each.
  public static func usualBatch(_ size: ImageSize) -> Int {
    max(1, min(128, (1 << 20) / (size.height * size.width)))
  }

  /// Evaluates with the given weights, or those of last time. The last batch is filled up with
  /// images of earlier ones, whose outputs are left out.
  ///
  /// - Parameters:
  ///   - weights: all parameters, one behind another; nil takes those of last time.
  ///   - keepsLogits: whether the logits of all images are kept.
  ///   - progress: told how many images are done.
  /// - Throws: where a picture cannot be decoded, with its name.
  public func evaluate(
    _ weights: FloatBuffer? = nil, keepsLogits: Bool = false, progress: (Int) -> Void = { _ in }
  ) throws(DatasetError) -> Evaluation {
    if let weights {
      guard let folded else { preconditionFailure("a plain evaluation has its parameters") }
      folded.fold(weights)
    }
    let classes = executor.classes
    var result = Evaluation(loss: 0, top1: 0, top5: 0, probabilities: [])
    result.probabilities.reserveCapacity(set.count * classes)
    let (order, batch) = (Array(0..<set.count), executor.batch)
    let stream = BatchStream(reader, size: batch, threads: threads) { number in
      let start = number * batch
      guard start < order.count else { return nil }
      return BatchStream.Request(order[start..<min(start + batch, order.count)], epoch: 0)
    }
    while let (labels, count, mirrored) = try stream.next({ batch in
      executor.load(images: batch.images)
      executor.load(labels: batch.labels)
      let mirrored = mirror == nil ? [] : set.size.mirrored(batch.images)
      return (batch.labels, batch.count, mirrored)
    }) {
      let answers = answers(labels: labels, mirrored: mirrored)
      result.add(answers, labels: labels.prefix(count), classes: classes, keepsLogits: keepsLogits)
      progress(result.losses.count)
    }
    let count = Double(max(set.count, 1))
    result.loss /= count
    result.top1 /= count
    result.top5 /= count
    return result
  }

  /// What the network says of the batch that is loaded.
  private func answers(labels: [Int], mirrored: [Float]) -> BatchAnswers {
    executor.run()
    guard let mirror else { return BatchAnswers(executor) }
    let logits = executor.logits
    executor.load(images: mirrored)
    executor.run()
    return mirror(logits, executor.logits, labels: labels)
  }

  /// How many classes come before the label: those with a larger logit, and equal ones of a lower
  /// number. A NaN anywhere puts the label last.
  package static func rank(of label: Int, in logits: ArraySlice<Float>) -> Int {
    let own = logits[logits.startIndex + label]
    var rank = 0
    for (index, logit) in logits.enumerated() where index != label {
      let comesAfter = logit < own || (logit == own && index > label)
      rank += comesAfter ? 0 : 1
    }
    return rank
  }
}
