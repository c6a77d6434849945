// SPDX-License-Identifier: Apache-2.0

import Datasets
import Engine

/// Why a run cannot go on; the sweep can.
public enum TrainingError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The loss of a step is not finite; the first op, in the order of the graph, whose output is not.
  case notFinite(step: Int, op: String)
  /// Some of a set's images got answers, after an epoch, that are not finite.
  case evaluationNotFinite(set: String, epoch: Int, images: Int, of: Int)
  /// A number of the network is not finite after an epoch, which a batch norm may hide: of an infinite
  /// variance it makes nothing but its offset.
  case weightsNotFinite(epoch: Int, parameter: String)
  /// A batch norm would take its mean over one value, and train nothing.
  case singleValue(GraphError)
  /// The first op is none that whitening could begin.
  case cannotWhiten(GraphError)
  /// The training set has fewer images than a batch.
  case tooFewImages(count: Int, batch: Int)
  /// Images and network do not fit.
  case outOfMemory(bytes: Int)
  /// A picture of the data set that cannot be decoded.
  case unreadableImage(DatasetError)
  /// A checkpoint of another network or optimiser.
  case foreignSnapshot(String)

  public var description: String {
    switch self {
    case .notFinite(let step, let op):
      "the loss is not finite at step \(step); the first output that is not: \(op)"
    case .evaluationNotFinite(let set, let epoch, let images, let count):
      "the evaluation of the \(set) set after epoch \(epoch) is not finite: \(images) of \(count) "
        + "images got NaN or infinity"
    case .weightsNotFinite(let epoch, let parameter):
      "the weights after epoch \(epoch) are not finite: \(parameter) holds NaN or infinity"
    case .singleValue(let error): error.description
    case .cannotWhiten(let reason): "training.whiteningStem cannot be: \(reason.rule)"
    case .tooFewImages(let count, let batch):
      "training.batch is \(batch); it must be at most the \(count) training images"
    case .outOfMemory(let bytes):
      "the system refused \(bytes) bytes of memory; a smaller training.batch, network.width or "
        + "image takes less"
    case .unreadableImage(let error): error.description
    case .foreignSnapshot(let reason):
      "the checkpoint does not fit: \(reason)"
    }
  }
}
