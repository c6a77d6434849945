// SPDX-License-Identifier: Apache-2.0

import Foundation
import Records
import Testing

@testable import Reports

@Suite struct PlotTests {
  private let scratch: ScratchFolder
  private var folder: String { scratch.path }

  init() throws {
    scratch = try ScratchFolder()
  }

  private func bytes(_ name: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)"))
  }

  @Test func sameRunsGiveTheSamePicture() throws {
    let runs = SyntheticRuns.sweep(seeds: 3)
    try Plot.continuum(ResultTable(records: runs), to: "\(folder)/a.svg")
    try Plot.continuum(ResultTable(records: runs.reversed()), to: "\(folder)/b.svg")
    let picture = try bytes("a.svg")
    #expect(picture.count > 5_000)
    #expect(try bytes("b.svg") == picture)
    let text = String(decoding: picture, as: UTF8.self)
    for word in ["λ = 0", "λ = 1", "extreme", "best possible: 99.0 %", "quick_start · matched"] {
      #expect(text.contains(word), "\(word)")
    }
    #expect(Set(try FileManager.default.contentsOfDirectory(atPath: folder)) == ["a.svg", "b.svg"])
  }

  @Test(arguments: [
    ("png", [0x89, 0x50, 0x4E, 0x47]), ("pdf", [0x25, 0x50, 0x44, 0x46]),
    ("tex", Array("% \\in".utf8)),
  ])
  func everyFormatIsDrawn(format: String, signature: [UInt8]) throws {
    let runs = SyntheticRuns.sweep(seeds: 1)
    try Plot.continuum(ResultTable(records: runs, metric: "test/loss"), to: "\(folder)/c.\(format)")
    try Plot.trainingCurves(ResultTable(records: runs), to: "\(folder)/t.\(format)")
    for name in ["c", "t"] {
      #expect(Array(try bytes("\(name).\(format)").prefix(signature.count)) == signature)
    }
  }

  @Test func continuumDrawsMeansIntervalsAndSeeds() throws {
    let runs = [0.7, 0.72].enumerated().map { index, top1 in
      SyntheticRuns.run(block: "extreme-inception", seed: index, top1: top1)
    }
    let plot = try ContinuumPlot(ResultTable(records: runs), title: nil)
    let script = try plot.picture().script
    #expect(script.contains("$line0 << EOD\n1.0 71.0\nEOD"))
    let seeds = try #require(script.firstMatch(of: #/\$seeds0 << EOD\n(?<x>[0-9.]+) /#))
    let beside = try #require(Double(seeds.x))
    // About the height of a letter from the mean, however wide the only place is.
    #expect(beside > 1.005 && beside < 1.03)
    #expect(script.contains("$seeds0 << EOD\n\(beside) 70.0\n\(beside) 72.0\nEOD"))
    let spread = try #require(SampleStatistics([0.7, 0.72])?.confidence95)
    let ends = "\((0.71 - spread) * 100) \((0.71 + spread) * 100)"
    #expect(script.contains("$intervals0 << EOD\n1.0 71.0 \(ends)\nEOD"))
    #expect(!script.contains("cut at"))
  }

  /// An interval of Student's t may pass 100 %: it ends there, with its cap, and the text says so.
  @Test func intervalsOfAccuraciesEndAtTheirBounds() throws {
    let runs = [0.6, 0.98].enumerated().map { index, top1 in
      SyntheticRuns.run(block: "extreme-inception", seed: index, top1: top1)
    }
    let script = try ContinuumPlot(ResultTable(records: runs), title: nil)
      .picture().script
    #expect(script.contains("$intervals0 << EOD\n1.0 79.0 0.0 100.0\nEOD"))
    #expect(script.contains("cut at 0 and 100 %"))
    let top = script.firstMatch(of: #/set yrange \[[^:]+:(?<top>[0-9.]+)\]/#)
    #expect(Double(top?.top ?? "") ?? 0 > 100)
    let loss = try ContinuumPlot(ResultTable(records: runs, metric: "test/loss"), title: nil)
      .picture().script
    #expect(!loss.contains("cut at"))
  }

  /// Points of one segment width are one series over their numbers of segments.
  @Test func aHeldSegmentWidthIsOneSeries() throws {
    let runs = [(18, 2), (7, 4), (3, 8)].map { segments, width in
      var run = SyntheticRuns.run(
        block: "segmented-inception", segments: "\(segments)", width: segments * width, seed: 0,
        top1: 0.5)
      run.labels.insert(RunRecord.Label(name: "segmentWidth", value: "\(width)"), at: 2)
      return run
    }
    let plot = try ContinuumPlot(ResultTable(records: runs), title: nil)
    let script = try plot.picture().script
    #expect(script.contains("$line0 << EOD\n1.0 50.0\n2.0 50.0\n3.0 50.0\nEOD"))
    let names = script.matches(of: #/set label "(?<name>\d+)" at .* center/#).map(\.output.name)
    #expect(names == ["3", "7", "18"])
    #expect(!script.contains("$line1"))
  }

  @Test func oneSeedDrawsNoInterval() throws {
    let runs = [SyntheticRuns.run(block: "extreme-inception", seed: 1, top1: 0.8)]
    let plot = try ContinuumPlot(ResultTable(records: runs), title: nil)
    #expect(try plot.picture().script.contains("$intervals0 << EOD\nEOD"))
  }

  @Test func namesFromFilesAreNeverRun() throws {
    var runs = SyntheticRuns.sweep(seeds: 1)
    let trap = "\(folder)/trap"
    for index in runs.indices {
      runs[index].experiment = "it's `touch \(trap)` \"$(touch \(trap))\"\n!touch \(trap)"
      runs[index].labels[0].value = "`touch \(trap)`'"
    }
    try Plot.continuum(ResultTable(records: runs), to: "\(folder)/a.svg")
    try Plot.trainingCurves(ResultTable(records: runs), to: "\(folder)/b.svg")
    #expect(!FileManager.default.fileExists(atPath: trap))
  }

  /// gnuplot may write a part and say nothing: what was there stays.
  @Test(arguments: PlotFormat.allCases) func aPartOfAPictureReplacesNothing(
    format: PlotFormat
  ) throws {
    let runs = SyntheticRuns.sweep(seeds: 1)
    let picture = try ContinuumPlot(ResultTable(records: runs), title: nil).picture(format)
    let path = "\(folder)/a.\(format.ending)"
    try Gnuplot.draw(picture, to: path)
    let whole = try Data(contentsOf: URL(fileURLWithPath: path))
    for part in [0, whole.count / 2, whole.count - 40] {
      try whole.prefix(part).write(to: URL(fileURLWithPath: "\(folder)/part"))
      let program = """
        #!/bin/sh
        cat > /dev/null
        cat '\(folder)/part'
        """
      try Data(program.utf8).write(to: URL(fileURLWithPath: "\(folder)/gnuplot"))
      try FileManager.default.setAttributes(
        [.posixPermissions: 0o755], ofItemAtPath: "\(folder)/gnuplot")
      let error = #expect(throws: ReportError.self) {
        try Gnuplot.draw(picture, to: path, searchPath: folder)
      }
      #expect(error?.description.contains("only a part of the picture (\(part) bytes)") == true)
      #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == whole)
    }
    let left = try FileManager.default.contentsOfDirectory(atPath: folder)
    #expect(Set(left) == ["a.\(format.ending)", "part", "gnuplot"])
  }

  @Test func whatCannotBeDrawnIsSaid() throws {
    let runs = SyntheticRuns.sweep(seeds: 1)
    let picture = try ContinuumPlot(ResultTable(records: runs), title: nil).picture()
    let missing = #expect(throws: ReportError.self) {
      try Gnuplot.draw(picture, to: "\(folder)/a.svg", searchPath: "/nowhere:")
    }
    #expect(
      missing?.description == "plots need the program gnuplot, which is not on the PATH; "
        + "on Debian: apt-get install gnuplot-nox")
    let ending = #expect(throws: ReportError.self) {
      try Plot.continuum(ResultTable(records: runs), to: "\(folder)/a.gif")
    }
    let silent = "\(folder)/gnuplot"
    try Data("#!/bin/sh\nexit 3\n".utf8).write(to: URL(fileURLWithPath: silent))
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: silent)
    let failure = #expect(throws: ReportError.self) {
      try Gnuplot.draw(picture, to: "\(folder)/a.svg", searchPath: folder)
    }
    #expect(failure?.description == "\(silent) failed with status 3: it said nothing")
    #expect(ending?.description.hasSuffix("must end in .svg, .png, .pdf or .tex") == true)
    let place = #expect(throws: ReportError.self) {
      try Plot.continuum(ResultTable(records: runs), to: "\(folder)/absent/a.svg")
    }
    #expect(place?.description.contains("\(folder)/absent/a.svg") == true)
    let failed = [SyntheticRuns.run(block: "regular-conv", seed: 1)]
    #expect(throws: ReportError.self) {
      try Plot.continuum(ResultTable(records: failed), to: "\(folder)/a.svg")
    }
    #expect(throws: ReportError.self) {
      try Plot.trainingCurves(ResultTable(records: failed), to: "\(folder)/a.svg")
    }
    let curve = #expect(throws: ReportError.self) {
      try Plot.trainingCurves(ResultTable(records: runs), curves: ["loss"], to: "\(folder)/a.svg")
    }
    #expect(curve?.description.contains("no run has the curve \"loss\"") == true)
  }
}
