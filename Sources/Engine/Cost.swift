/// What a graph costs, in exact integers.
public struct Cost: Hashable, Sendable {
  /// Numbers that the optimiser changes.
  public var trainableParameters = 0
  /// Batch norm's running means and variances.
  public var nonTrainableParameters = 0
  /// Multiply-adds of one image's forward pass, in convolutions and dense layers.
  public var multiplyAdds = 0

  public var totalParameters: Int { trainableParameters + nonTrainableParameters }
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
      return LayerCost(name: node.name, kind: node.op.kind, output: node.output, cost: cost)
    }
  }

  /// The sum over all ops.
  public var cost: Cost {
    layers.reduce(into: Cost()) { sum, layer in
      sum.trainableParameters += layer.cost.trainableParameters
      sum.nonTrainableParameters += layer.cost.nonTrainableParameters
      sum.multiplyAdds += layer.cost.multiplyAdds
    }
  }
}
