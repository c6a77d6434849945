// SPDX-License-Identifier: Apache-2.0

import Engine
import Kernels

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
      epochAmongFive: epochAmongFive, curves: curves)
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
    guard snapshot.curves.mapValues(\.count) == curveCounts(after: snapshot.step) else {
      throw .foreignSnapshot("its curves are not those of \(snapshot.step) steps")
    }
    for (name, memory) in memories { memory.copy(from: snapshot.tensors[name] ?? []) }
    step = snapshot.step
    epochLoss = snapshot.epochLoss
    epochCorrect = snapshot.epochCorrect
    epochAmongFive = snapshot.epochAmongFive
    curves = snapshot.curves
    lastEvaluation = nil
    finalEvaluation = nil
    stream = nil
  }
}
