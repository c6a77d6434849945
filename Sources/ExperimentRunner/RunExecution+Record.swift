// SPDX-License-Identifier: Apache-2.0

import Engine
import Foundation
import Kernels
import Records
import Training

extension RunExecution {
  /// Writes the run's file: what was asked for, what it cost, what came out.
  func record(
    _ run: PlannedRun, _ trainer: Trainer, _ data: LoadedData, _ clock: RunClock,
    _ status: RunRecord.Status
  ) throws {
    let cost = run.graph.cost
    var record = RunRecord(
      id: run.id, experiment: experiment, configuration: run.configuration, labels: run.labels,
      seed: run.seed, status: status,
      cost: RunRecord.Cost(
        trainableParameters: cost.trainableParameters,
        nonTrainableParameters: cost.nonTrainableParameters, multiplyAdds: cost.multiplyAdds),
      budget: run.budget, provenance: provenance(trainer, clock), curves: trainer.curves,
      data: data.identity, images: data.images, facts: data.splits.facts)
    if status == .finished {
      let evaluation = try trainer.evaluateOnTest()
      record.metrics = trainer.metrics
      record.predictions = RunRecord.Predictions(
        labels: data.splits.test.labels.map(Int32.init),
        predicted: evaluation.predicted.map(Int32.init),
        classes: run.graph.outputShape.channels)
      if keepsWeights {
        record.weights = trainer.evaluatedWeights().map {
          NamedTensor(path: $0.parameter.path, shape: $0.parameter.shape, values: $0.values)
        }
      }
    }
    record.classNames = data.splits.train.classNames
    try record.write(to: results.run(run.id))
  }

  /// All sessions of the run, this one to where it is now.
  func sessions(_ trainer: Trainer, _ clock: RunClock) -> [RunRecord.Session] {
    clock.sessions(
      threads: threads, jobs: jobs,
      epoch: Double(trainer.step) / Double(trainer.stepsPerEpoch))
  }

  private func provenance(
    _ trainer: Trainer, _ clock: RunClock
  ) -> RunRecord.Provenance {
    RunRecord.Provenance(
      commit: Provenance.commit, version: Provenance.version,
      processor: Processor.description, blasKernels: Processor.coreName, threads: threads,
      libraries: Provenance.libraries,
      started: clock.started.formatted(.iso8601), seconds: clock.seconds,
      millisecondsPerStep: clock.millisecondsPerStep, sessions: sessions(trainer, clock))
  }
}
