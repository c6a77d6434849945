// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Datasets

@Suite struct CouplingTemplatesTests {
  @Test(arguments: [3, 5, 7])
  func filtersAreOrthonormalWithZeroMean(kernel: Int) {
    let filters = CouplingTemplates.zeroMeanFilters(kernel)
    #expect(filters.count == kernel * kernel - 1)
    for (row, first) in filters.enumerated() {
      #expect(first.count == kernel * kernel)
      #expect(abs(first.reduce(0, +)) < 1e-12)
      for (column, second) in filters.enumerated() {
        #expect(abs(dot(first, second) - (row == column ? 1 : 0)) < 1e-12)
      }
    }
  }

  @Test(arguments: [0, 0.1, 0.5, 0.9, 1], [nil, 1, 2, 4, 8])
  func templatesStayOrthonormalAfterMixing(lambda: Double, groupWidth: Int?) throws {
    var options = Coupling()
    (options.lambda, options.groupWidth) = (lambda, groupWidth)
    let templates = try CouplingTemplates(options).templates
    #expect(templates.count == 8)
    for (row, first) in templates.enumerated() {
      #expect(first.count == 9 * 8)
      for (column, second) in templates.enumerated() {
        #expect(abs(dot(first, second) - (row == column ? 1 : 0)) < 1e-10)
      }
    }
  }

  @Test func decoupledTemplatesHaveRankOneAndCoupledOnesRankEight() throws {
    for (lambda, rank) in [(0.0, 1), (1.0, 8)] {
      var options = Coupling()
      options.lambda = lambda
      for template in try CouplingTemplates(options).templates {
        // Eigenvalues of the channels' Gram matrix are the squared singular values.
        let channels = (0..<8).map { channel in (0..<9).map { template[$0 * 8 + channel] } }
        let gram = channels.map { first in channels.map { dot(first, $0) } }
        let values = SymmetricOrthonormalization.eigen(gram).values
        #expect(values.count { $0 > 1e-9 } == rank)
        #expect(values.allSatisfy { abs($0) < 1e-9 || abs($0 - 1 / Double(rank)) < 1e-9 })
      }
    }
  }

  @Test func groupsPermuteTheirOwnFiltersOnly() throws {
    var options = Coupling()
    (options.lambda, options.groupWidth) = (1, 4)
    let filters = CouplingTemplates.zeroMeanFilters(3)
    for (index, template) in try CouplingTemplates(options).templates.enumerated() {
      for channel in 0..<8 {
        let carried = (0..<9).map { template[$0 * 8 + channel] * 8.0.squareRoot() }
        let expected = filters[channel / 4 * 4 + (channel + index) % 4]
        #expect(abs(abs(dot(carried, expected)) - 1) < 1e-10)
      }
    }
  }

  @Test func eigenvectorsRebuildTheirMatrix() {
    let matrix = [[4.0, 1, -2], [1, 2, 0.5], [-2, 0.5, 3]]
    let (values, vectors) = SymmetricOrthonormalization.eigen(matrix)
    for row in 0..<3 {
      for column in 0..<3 {
        let rebuilt = (0..<3).reduce(0) {
          $0 + vectors[row][$1] * values[$1] * vectors[column][$1]
        }
        #expect(abs(rebuilt - matrix[row][column]) < 1e-12)
      }
    }
  }

  @Test func dependentVectorsAreRefused() {
    #expect(SymmetricOrthonormalization.apply(to: [[1, 2, 0], [2, 4, 0]]) == nil)
  }

  private func dot(_ first: [Double], _ second: [Double]) -> Double {
    zip(first, second).reduce(0) { $0 + $1.0 * $1.1 }
  }
}
