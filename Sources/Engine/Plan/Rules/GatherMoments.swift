// SPDX-License-Identifier: Apache-2.0

/// The op before a batch norm gathers the moments of its output while that is in the cache.
struct GatherMoments: Rule {
  func rewrite(_ schedule: inout Schedule) {
    for position in schedule.batchStatistics {
      let producer = schedule.graph.nodes[position].inputs[0].index
      guard schedule.isStored(producer), schedule.readers[producer] == [position],
        schedule.demands[producer].momentTiles > 0
      else { continue }
      schedule.forward[producer]?.targets[0]?.gathersFor = position
      schedule.forward[position]?.gatherer = producer
    }
  }
}

extension Schedule {
  /// The batch norms that use the batch's statistics.
  var batchStatistics: [Int] {
    guard mode == .training else { return [] }
    return graph.nodes.indices.filter { position in
      (graph.nodes[position].op as? BatchNormalization).map { !$0.isFrozen } ?? false
    }
  }
}
