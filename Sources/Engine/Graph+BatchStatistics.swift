// SPDX-License-Identifier: Apache-2.0

extension Graph {
  /// Checks that every batch norm has more than one value per channel to take the mean of.
  ///
  /// Of a single value the mean is itself and the variance 0: the output is the offset whatever the
  /// input, and nothing before it learns. Frozen batch norms take no mean.
  /// - Throws: the first that has a single one, with the rule that PyTorch states.
  public func checkBatchStatistics(batch: Int) throws(GraphError) {
    for node in nodes {
      guard let norm = node.op as? BatchNormalization, !norm.isFrozen else { continue }
      guard batch == 1, node.output.pixels == 1 else { continue }
      throw GraphError(
        op: node.name,
        rule: "expected more than one value per channel in training, got a batch of \(batch) of "
          + "\(node.output); a larger batch or larger images give more")
    }
  }
}
