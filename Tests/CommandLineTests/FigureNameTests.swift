// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// What figures are called, and whose place they take.
@Suite struct FigureNameTests {
  private let scratch: ScratchFolder
  private let results: String

  init() throws {
    scratch = try ScratchFolder()
    try scratch.addResults()
    results = scratch.url.appending(path: "Results/quickstart").path
  }

  private static let hasGnuplot = (try? Tool.shell("type gnuplot > /dev/null 2>&1"))?.exitCode == 0

  private func names() throws -> Set<String> {
    Set(try FileManager.default.contentsOfDirectory(atPath: results))
  }

  @Test(.enabled(if: hasGnuplot)) func curvesHaveOneNameWhoeverDrawsThem() throws {
    #expect(try Tool.output("plot", results) == "\(results)/continuum.svg\n")
    let curves = try Tool.output("plot", results, "--kind", "training-curves")
    #expect(curves == "\(results)/training.svg\n")
    #expect(try names() == ["runs", "continuum.svg", "training.svg"])
  }

  @Test(arguments: [
    ["--where", "block!=regular-conv"], ["--metric", "test/loss"], ["--width", "8.5"],
    ["--height", "9"], ["--font-size", "9"], ["--no-title"],
    ["--kind", "training-curves", "--metric", "test/top1"],
  ])
  func anotherFigureHasAnotherName(options: [String]) throws {
    let before = try names()
    let refused = try Tool.run(["plot", results] + options)
    #expect(refused.exitCode == 2)
    #expect(refused.messages.contains("name another with --output"), "\(refused.messages)")
    #expect(try names() == before)
    guard Self.hasGnuplot else { return }
    let named = try Tool.run(["plot", results] + options + ["--output", "\(results)/mine.svg"])
    #expect(named.exitCode == 0, "\(named.messages)")
    #expect(try names() == before.union(["mine.svg"]))
  }

  @Test func aFigureOfSeveralFoldersIsNoneOfTheirs() throws {
    let refused = try Tool.run(["plot", results, results])
    #expect(refused.exitCode == 2 && refused.messages.contains("several RESULTS"))
  }

  /// A run among those of a sweep draws its own curves beside the sweep's.
  @Test(.enabled(if: hasGnuplot)) func aSingleRunLeavesTheSweepsCurves() throws {
    _ = try Tool.output("plot", results, "--kind", "training-curves")
    let path = "\(results)/training.svg"
    let before = try String(contentsOfFile: path, encoding: .utf8)
    let trained = try Tool.run([
      "train", "probe", "--dataset", "coupling", "--epochs", "1", "--set", "data.train=64",
      "--set", "data.test=64", "--results", results, "--no-weights",
    ])
    #expect(trained.exitCode == 0, "\(trained.messages)")
    #expect(try String(contentsOfFile: path, encoding: .utf8) == before)
    let own = try names().filter { $0.hasPrefix("training-") && $0.hasSuffix(".svg") }
    #expect(own.count == 1)
    #expect(own.allSatisfy { trained.output.contains("\(results)/\($0)") })
  }
}
