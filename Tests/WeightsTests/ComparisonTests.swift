// SPDX-License-Identifier: Apache-2.0

import Engine
import Foundation
import ModelZoo
import Settings
import Testing

@testable import Weights

@Suite struct ComparisonTests {
  private func compare(
    _ first: String, _ second: String, tolerance: Float = 0
  ) throws -> WeightComparison {
    try WeightComparison(try WeightFile(first), try WeightFile(second), tolerance: tolerance)
  }

  @Test func everyFormEqualsEveryOther() throws {
    for first in Fixtures.tiny {
      for second in Fixtures.tiny {
        let comparison = try compare(Fixtures.path(first), Fixtures.path(second))
        #expect(comparison.areEqual && comparison.arrays.count == 9, "\(first) \(second)")
      }
    }
  }

  /// A probe in each form that we write.
  private func files(_ folder: ScratchFolder, change: (ParameterMemory) -> Void = { _ in }) throws
    -> [String]
  {
    let network = try NetworkDescription("probe", source: "test")
    let graph = try network.graph(input: Shape(height: 8, width: 8, channels: 3), classes: 4)
    let memory = try Fixtures.filled(graph)
    change(memory)
    return try WeightWriter.Format.allCases.map { format in
      let path = folder.file("\(format.rawValue)-\(UUID()).h5")
      try WeightWriter.write(memory, of: graph, network: network, as: format, to: path)
      return path
    }
  }

  @Test func differencesAreCountedAndMeasured() throws {
    let folder = try ScratchFolder()
    let known = try files(folder)
    let changed = try files(folder) { memory in
      memory.value(0)[1] += 0.25
      memory.value(0)[2] -= 0.5
      memory.value(4)[0] = 2
    }
    for first in known {
      for second in known { #expect(try compare(first, second).areEqual) }
      for second in changed {
        let comparison = try compare(first, second)
        #expect(!comparison.areEqual && comparison.structure.isEmpty)
        let differing = comparison.arrays.filter { $0.differing > 0 }
        #expect(differing.map(\.differing).sorted() == [1, 2])
        let kernel = try #require(differing.first { $0.differing == 2 })
        #expect(kernel.count == 96 && abs(kernel.absolute - 0.5) < 1e-6)
        #expect(kernel.relative >= 0.5 && kernel.relative < 1.1)
        let near = try compare(first, second, tolerance: 0.3)
        #expect(near.arrays.map(\.differing).filter { $0 > 0 }.sorted() == [1, 1])
      }
    }
  }

  @Test func nanIsNeverEqual() throws {
    let folder = try ScratchFolder()
    let files = try files(folder) { $0.value(0)[0] = .nan }
    let comparison = try compare(files[0], files[0], tolerance: 100)
    #expect(!comparison.areEqual)
    #expect(comparison.arrays[0].differing == 1 && comparison.arrays[0].absolute.isNaN)
  }

  @Test func structureThatDiffersIsShown() throws {
    let folder = try ScratchFolder()
    let graph = try Fixtures.tinyGraph(filters: 7)
    try LegacyFile(try Fixtures.filled(graph), of: graph).write(to: folder.file("wide.h5"))
    for name in Fixtures.tiny {
      let comparison = try compare(Fixtures.path(name), folder.file("wide.h5"))
      #expect(!comparison.areEqual && comparison.arrays.isEmpty)
      #expect(comparison.structure.contains("→"))
      #expect(comparison.structure.contains("1×1×4×6"))
      #expect(comparison.structure.contains("1×1×4×7"))
    }
  }
}
