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
}

/// Runs a network, folded for inference unless it is to run plainly, over a set, batch by batch.
public final class Evaluator {
  private let folded: FoldedNetwork?
  private let executor: Executor
  private let reader: BatchReader
  private let set: ImageSet
  private let threads: Int

  /// - Parameters:
  ///   - batch: images at a time, at most; nil chooses by their size.
  ///   - parameters: the weights as they are now, later changes not being seen; nil makes room for
  ///     those that `evaluate` is given.
  ///   - fuses: whether it is folded; else every op runs by itself, with the parameters, which must
  ///     then be there.
  /// - Throws: where the memory is not to be had.
  public init(
    _ graph: Graph, on set: ImageSet, standardization: Standardization?, batch: Int? = nil,
    parameters: ParameterMemory? = nil, fuses: Bool = true, pool: ThreadPool
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
  }

  /// The memory that evaluating takes, without the weights that it is given, known before any is
  /// taken.
  ///
  /// - Parameters:
  ///   - count: images of the set.
  ///   - isInFiles: whether they are pictures in files.
  public static func bytes(
    _ graph: Graph, _ size: ImageSize, count: Int, batch: Int, isInFiles: Bool,
    fuses: Bool = true, threads: Int
  ) -> Int {
    let batch = min(batch, max(count, 1))
    let demand =
      fuses
      ? FoldedNetwork.bytes(graph, batch: batch, threads: threads)
      : MemoryDemand(graph, mode: .inference, batch: batch, threads: threads, fuses: false)
        .arenaBytes
    guard demand < .max else { return .max }
    let answers = MemoryLayout<Float>.stride * count * graph.outputShape.channels
    return MemoryDemand.sum([
      demand, answers,
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
  /// - Parameter progress: told how many images are done.
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
    while let (labels, count) = try stream.next({ batch in
      executor.load(images: batch.images)
      executor.load(labels: batch.labels)
      return (batch.labels, batch.count)
    }) {
      executor.run()
      let losses = executor.losses
      let logits = executor.logits
      result.probabilities += executor.probabilities.prefix(count * classes)
      result.losses += losses.prefix(count)
      if keepsLogits { result.logits += logits.prefix(count * classes) }
      let first = result.losses.count - count
      for image in 0..<count {
        let row = logits[image * classes..<(image + 1) * classes]
        if !losses[image].isFinite || !row.allSatisfy(\.isFinite) {
          result.nonFinite.append(first + image)
        }
        result.loss += Double(losses[image])
        let rank = Self.rank(of: labels[image], in: row)
        result.top1 += rank < 1 ? 1 : 0
        result.top5 += rank < 5 ? 1 : 0
        let best = row.indices.reduce(row.startIndex) { row[$1] > row[$0] ? $1 : $0 }
        result.predicted.append(best - row.startIndex)
      }
      progress(result.losses.count)
    }
    let count = Double(max(set.count, 1))
    result.loss /= count
    result.top1 /= count
    result.top5 /= count
    return result
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
