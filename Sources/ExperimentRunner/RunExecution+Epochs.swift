// SPDX-License-Identifier: Apache-2.0

import Engine
import Foundation
import Training
import Weights

extension RunExecution {
  /// Writes the weights that evaluation uses, where an epoch has just ended whose weights are to be
  /// kept. They go before the checkpoint: a run that is killed in between writes the same again.
  func keepEpoch(_ trainer: Trainer, of run: PlannedRun, on data: LoadedData) throws {
    guard trainer.step % trainer.stepsPerEpoch == 0, keptEpochs.contains(trainer.epoch) else {
      return
    }
    let path = results.weights(of: run.id, epoch: trainer.epoch)
    try FileManager.default.createDirectory(
      atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    let memory = try ParameterMemory(run.graph)
    for (position, weights) in trainer.evaluatedWeights().enumerated() {
      memory.value(position).copy(from: weights.values)
    }
    try WeightWriter.write(
      memory, of: run.graph, network: run.network, classNames: run.data.classNames,
      trained: run.trainedOn(data), as: .continuum, to: path)
  }
}

extension ResultsFolder {
  /// The file of the weights after an epoch, where they were kept: `weights/<id>/epoch-0004.h5`.
  public func weights(of id: String, epoch: Int) -> String {
    let digits = String(epoch)
    let zeros = String(repeating: "0", count: max(0, 4 - digits.count))
    return "\(path)/weights/\(id)/epoch-\(zeros)\(digits).h5"
  }

  /// The epoch that such a file is of, by its name; nil of any other.
  public static func epoch(ofWeights path: String) -> Int? {
    let name = (path as NSString).lastPathComponent
    guard let match = name.wholeMatch(of: #/epoch-(\d{4,9})\.h5/#) else { return nil }
    return Int(match.1)
  }
}
