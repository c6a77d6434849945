// SPDX-License-Identifier: Apache-2.0

/// What a graph costs, in exact integers.
public struct Cost: Hashable, Sendable {
  /// Numbers that the optimiser changes.
  public var trainableParameters = 0
  /// Batch norm's running means and variances.
  public var nonTrainableParameters = 0
  /// Multiply-adds of one image's forward pass, in convolutions and dense layers.
  public var multiplyAdds = 0
  /// Numbers that convolutions write for one image, a better predictor of time than multiply-adds.
  /// Source: Radosavovic et al., 2020 (their definition of activations).
  public var activations = 0

  public var totalParameters: Int { trainableParameters + nonTrainableParameters }

  static func += (sum: inout Cost, other: Cost) {
    sum.trainableParameters += other.trainableParameters
    sum.nonTrainableParameters += other.nonTrainableParameters
    sum.multiplyAdds += other.multiplyAdds
    sum.activations += other.activations
  }
}

/// One row of a layer table.
public struct LayerCost: Hashable, Sendable {
  public var name: String
  public var kind: String
  public var output: Shape
  public var cost: Cost
}

extension Graph {
  /// The cost of every op, in order.
  public var layers: [LayerCost] {
    nodes.map { node in
      var cost = Cost()
      for parameter in parameters[node.parameters] {
        if parameter.isTrainable {
          cost.trainableParameters += parameter.count
        } else {
          cost.nonTrainableParameters += parameter.count
        }
      }
      cost.multiplyAdds = node.op.multiplyAdds(
        inputs: inputShapes(of: node), output: node.output)
      cost.activations = node.op.isConvolution ? node.output.count : 0
      return LayerCost(name: node.name, kind: node.op.kind, output: node.output, cost: cost)
    }
  }

  /// The sum over all ops.
  public var cost: Cost { layers.reduce(into: Cost()) { $0 += $1.cost } }

  /// The sum over one op, or over all that stand in a scope, by its path: `block5`.
  public func cost(of path: String) -> Cost {
    layers.filter { $0.name == path || $0.name.hasPrefix("\(path)/") }
      .reduce(into: Cost()) { $0 += $1.cost }
  }
}
