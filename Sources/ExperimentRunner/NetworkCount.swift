// SPDX-License-Identifier: Apache-2.0

import Engine
import ModelZoo

/// What networks cost for one size of images and number of classes, by building their graphs.
struct NetworkCount {
  let quantity: BudgetMatching.Quantity
  let input: Shape
  let classes: Int

  /// What a network costs, or nil where its block cannot honour its widths.
  func callAsFunction(_ network: NetworkDescription) throws(BudgetMatching.Failure) -> Int? {
    do {
      return quantity.count(try network.graph(input: input, classes: classes).cost)
    } catch {
      switch error {
      case .block: return nil
      case .graph(let error): throw .graph(error)
      }
    }
  }

  /// What a network that can be built costs.
  func required(_ network: NetworkDescription) throws(BudgetMatching.Failure) -> Int {
    guard let count = try self(network) else {
      throw .graph(GraphError(rule: "a network that was built cannot be built"))
    }
    return count
  }

  /// Why a network cannot be built.
  func reason(_ network: NetworkDescription) throws(BudgetMatching.Failure) -> NetworkError {
    do {
      _ = try network.graph(input: input, classes: classes)
      return .graph(GraphError(rule: "this width can be built"))
    } catch {
      return error
    }
  }
}
