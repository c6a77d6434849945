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
}

/// Runs a network in inference mode over a set, batch by batch.
package final class Evaluator {
  let parameters: ParameterMemory
  private let executor: Executor
  private let reader: BatchReader
  private let set: ImageSet
  private var images: [Float]
  private var labels: [Int]

  init(
    _ graph: Graph, on set: ImageSet, standardization: Standardization?, batch: Int,
    pool: ThreadPool
  ) throws(OutOfMemory) {
    self.set = set
    let batch = min(batch, max(set.count, 1))
    reader = BatchReader(set: set, standardization: standardization, augmentation: nil, seed: 0)
    parameters = try ParameterMemory(graph)
    executor = try Executor(
      graph, mode: .inference(.softmaxCrossEntropy(labelSmoothing: 0)), batch: batch,
      parameters: parameters, pool: pool)
    images = Array(repeating: 0, count: batch * set.size.count)
    labels = Array(repeating: 0, count: batch)
  }

  /// Evaluates with the given weights. The last batch is filled up with images already in it, whose
  /// outputs are left out.
  func evaluate(_ weights: FloatBuffer) -> Evaluation {
    parameters.all.copy(from: weights)
    let classes = executor.classes
    var result = Evaluation(loss: 0, top1: 0, top5: 0, probabilities: [])
    result.probabilities.reserveCapacity(set.count * classes)
    let order = Array(0..<set.count)
    for start in stride(from: 0, to: set.count, by: executor.batch) {
      let indices = order[start..<min(start + executor.batch, set.count)]
      reader.read(indices, epoch: 0, into: &images, labels: &labels)
      executor.load(images: images)
      executor.load(labels: labels)
      executor.run()
      let losses = executor.losses
      let logits = executor.logits
      result.probabilities += executor.probabilities.prefix(indices.count * classes)
      for image in indices.indices.map({ $0 - start }) {
        let row = logits[image * classes..<(image + 1) * classes]
        result.loss += Double(losses[image])
        let rank = Self.rank(of: labels[image], in: row)
        result.top1 += rank < 1 ? 1 : 0
        result.top5 += rank < 5 ? 1 : 0
      }
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
