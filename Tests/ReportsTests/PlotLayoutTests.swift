// SPDX-License-Identifier: Apache-2.0

import Foundation
import Records
import Testing

@testable import Reports

/// Nothing is cut and nothing overlaps, whatever is drawn, at any size, in any format.
@Suite struct PlotLayoutTests {
  private let scratch: ScratchFolder

  init() throws {
    scratch = try ScratchFolder()
  }

  /// What is drawn: so many series of so many places, their names long or short.
  struct Case: CustomStringConvertible {
    var series: Int
    var segments: [Int]
    var hasLongNames = false
    var seeds = 2
    var epochs = 12

    var description: String {
      "\(series) series, \(segments.count) places, \(hasLongNames ? "long" : "short") names, "
        + "\(epochs) epochs"
    }

    var runs: [RunRecord] {
      var blocks: [(String, String?)] = [("regular-conv", nil)]
      blocks += segments.map { ("segmented-inception", "\($0)") }
      blocks += [("extreme-inception", nil), ("separable-conv", nil)]
      if hasLongNames { blocks.append(("a-block-of-my-own-with-a-long-name", nil)) }
      if segments.isEmpty { blocks = [("extreme-inception", nil)] }
      return (0..<series).flatMap { series in
        blocks.flatMap { block, segments in
          (1...seeds).map { run(block, segments, series: series, seed: $0) }
        }
      }
    }

    private func run(_ block: String, _ segments: String?, series: Int, seed: Int) -> RunRecord {
      let condition =
        hasLongNames
        ? "a condition that somebody described at length, number \(series)" : "\(series)"
      let height = 0.4 + 0.1 * Double(series) + 0.02 * Double(seed)
      var run = SyntheticRuns.run(
        block: block, segments: segments, lambda: condition, seed: seed, top1: min(0.99, height))
      run.id = "\(block)-\(segments ?? "")-\(series)-\(seed)"
      run.configuration = """
        {"data":{"lambda":"\(condition)"},"network":{"block":{"kind":"\(block)",\
        "segments":\(segments ?? "null")}},"seed":\(seed)}
        """
      if hasLongNames { run.experiment = "an experiment whose name says everything about it" }
      let shape = (1...epochs).map { 1 - exp(-Double($0) / 4) }
      run.curves = [
        "train/loss": shape.map { 2.1 - $0 }, "test/loss": shape.map { 2.3 - height * $0 },
        "train/top1": shape.map { $0 * height }, "test/top1": shape.map { $0 * height * 0.9 },
        "test/epoch": shape.indices.map { Double($0 + 1) },
      ]
      return run
    }
  }

  static let cases = [
    Case(series: 1, segments: [1, 2, 4, 8]),
    Case(series: 2, segments: [1, 2, 4, 8], seeds: 3, epochs: 1),
    Case(series: 6, segments: [1, 4], epochs: 300),
    Case(series: 2, segments: [1, 2, 4], hasLongNames: true),
    Case(series: 1, segments: Array(1...24), seeds: 1),
    Case(series: 1, segments: [], seeds: 1),
  ]
  /// In centimetres; 0 is what the plot takes unless told.
  static let widths = [0, 8.5, 17.5]

  private func picture(
    _ kind: String, _ runs: [RunRecord], _ size: PlotSize, _ format: PlotFormat
  ) throws -> PlotPicture {
    let title = "Which point is best when channels are decoupled (λ = 0), and when not (λ = 1)?"
    if kind == "continuum" {
      return try ContinuumPlot(ResultTable(records: runs), title: title, size: size)
        .picture(format)
    }
    return try TrainingCurvesPlot(ResultTable(records: runs), curves: nil, title: title, size: size)
      .picture(format)
  }

  private func size(_ centimetres: Double) -> PlotSize {
    PlotSize(width: centimetres == 0 ? nil : PlotSize.points("\(centimetres)"))
  }

  @Test(arguments: cases, widths) func textOfAnSVGIsInsideAndApart(
    sweep: Case, width: Double
  ) throws {
    for kind in ["continuum", "training-curves"] {
      let picture = try picture(kind, sweep.runs, size(width), .svg)
      let path = "\(scratch.path)/a.svg"
      try Gnuplot.draw(picture, to: path)
      let boxes = try TextBoxes(svg: String(contentsOfFile: path, encoding: .utf8))
      #expect(boxes.boxes.count > 6)
      #expect(abs(boxes.width - picture.page.width * 96 / 72) <= 0.5)
      #expect(boxes.faults(of: picture).prefix(3) == [], "\(kind), \(sweep), \(width) cm")
    }
  }

  @Test(.enabled(if: TextBoxes.hasPoppler), arguments: cases, widths)
  func textOfAPDFIsInsideAndApart(sweep: Case, width: Double) throws {
    for kind in ["continuum", "training-curves"] {
      let picture = try picture(kind, sweep.runs, size(width), .pdf)
      let path = "\(scratch.path)/a.pdf"
      try Gnuplot.draw(picture, to: path)
      let boxes = try TextBoxes(pdf: path)
      #expect(boxes.boxes.count > 6)
      // cairo's pages are whole points.
      #expect(abs(boxes.width - picture.page.width) < 1)
      #expect(boxes.faults(of: picture).prefix(3) == [], "\(kind), \(sweep), \(width) cm")
    }
  }

  /// What no font here has is a box: pango would draw its number over the whole page. The code is
  /// one that stands for no character and never will.
  @Test(.enabled(if: TextBoxes.hasPoppler)) func charactersWithoutAFontAreBoxes() throws {
    var runs = Self.cases[0].runs
    for index in runs.indices { runs[index].experiment = "λ → \u{E123} é" }
    let table = try ResultTable(records: runs)
    let path = "\(scratch.path)/a.pdf"
    let notes = try Plot.continuum(table, title: "Which \u{E123} is best?", to: path)
    #expect(notes.contains { $0.contains("no font here has U+E123") }, "\(notes)")
    let picture = try ContinuumPlot(table, title: "Which \u{E123} is best?").picture(.pdf)
    let boxes = try TextBoxes(pdf: path)
    #expect(boxes.boxes.contains { $0.text == "\u{25A1}" })
    #expect(boxes.faults(of: picture) == [])
    let svg = "\(scratch.path)/a.svg"
    try Plot.continuum(table, title: "Which \u{E123} is best?", to: svg)
    #expect(try String(contentsOfFile: svg, encoding: .utf8).contains("Which \u{E123} is best?"))
  }

  /// A larger font, a given height, no title; and the speed figure.
  @Test(.enabled(if: TextBoxes.hasPoppler)) func sizesAreKept() throws {
    let path = "\(scratch.path)/a.pdf"
    let speed = try SpeedPlot(
      measurements: try String(contentsOfFile: "Results/speed/measurements.json", encoding: .utf8),
      source: "measurements.json", size: size(8.5)
    ).picture(.pdf)
    let size = PlotSize(width: 400, height: 330, fontSize: 11, hasTitle: false)
    for picture in [
      try picture("continuum", Self.cases[1].runs, size, .pdf),
      try picture("training-curves", Self.cases[0].runs, size, .pdf), speed,
    ] {
      try Gnuplot.draw(picture, to: path)
      let boxes = try TextBoxes(pdf: path)
      #expect(boxes.faults(of: picture) == [])
      #expect(!boxes.boxes.contains { $0.text == "Which" })
      #expect(abs(boxes.height - picture.page.height) < 1)
      let fonts = try TextBoxes.output("pdffonts", [path])
      #expect(fonts.contains("DejaVuSans"))
      #expect(!fonts.contains(" no  yes"), "every font is embedded")
    }
    #expect(speed.page.width == 8.5 / 2.54 * 72)
  }

  /// The measure is that of the font which is drawn with.
  @Test(.enabled(if: TextBoxes.hasPoppler)) func textIsAsWideAsItIsMeasured() throws {
    let title = "Abcdefghijklmnopqrstuvwxyz0123456789,WMQ-(%)"
    let picture = try ContinuumPlot(
      ResultTable(records: Self.cases[0].runs, metric: "test/top1"), title: title
    )
    .picture(.pdf)
    try Gnuplot.draw(picture, to: "\(scratch.path)/a.pdf")
    let boxes = try TextBoxes(pdf: "\(scratch.path)/a.pdf").boxes
    let box = try #require(boxes.first { $0.text == title })
    let width = PlotText.width(title, size: 1.23 * picture.page.font)
    #expect(abs(box.right - box.left - width) < 0.02 * width)
  }

  /// Nine are five and four beside each other, never eight and one; a page holds what is drawn, or
  /// the words on stderr say what to do.
  @Test func panelsAreBalancedAndPagesKept() throws {
    for count in 1...24 {
      let grid = PanelGrid(
        curves: ["a", "b", "c", "d"], ranges: Array(repeating: (low: 0, high: 1), count: 4),
        series: (0..<count).map { "λ = \($0)" })
      for width in [240.0, 500, 1200] {
        let page = try PlotPage(
          size: PlotSize(width: width), width: width, title: "t", subtitle: "s", legend: [],
          bodyHeight: grid.heights)
        let panels = grid.panels(page).filter { $0.curve == 0 }
        let rows = Dictionary(grouping: panels) { $0.area.top }.values.map(\.count)
        if count > 1 { #expect((rows.max() ?? 0) - (rows.min() ?? 0) < rows.count, "\(rows)") }
        let isHigh = page.height > 1.4 * max(width, 595) + 1
        #expect(page.notes.contains { $0.contains("--where or --metric") } == isHigh)
        if width == 1200 { #expect(!isHigh, "\(count) series") }
      }
    }
  }

  @Test func aTitleThatIsCutIsSaid() throws {
    let long = Array(repeating: "Which one of them?", count: 60).joined(separator: " ")
    let plot = try ContinuumPlot(
      ResultTable(records: Self.cases[0].runs), title: long, size: size(8.5))
    #expect(try plot.picture().page.notes.contains { $0.contains("title was cut after 4 lines") })
    let short = try picture("continuum", Self.cases[0].runs, size(0), .svg)
    #expect(short.page.notes == [])
  }

  @Test func aFilterIsSaidUnderTheTitle() throws {
    var query = ResultQuery()
    query.conditions = ["lambda=0"]
    let table = try ResultTable(
      RunCollection(records: SyntheticRuns.sweep(seeds: 2), experiments: []), query: query)
    let script = try ContinuumPlot(table, title: nil).picture().script
    #expect(script.contains("only lambda = 0"))
    let curves = try TrainingCurvesPlot(table, curves: nil, title: nil).picture().script
    #expect(curves.contains("only lambda = 0"))
  }

  @Test func tooLittleRoomIsSaid() throws {
    let runs = Self.cases[0].runs
    let error = #expect(throws: ReportError.self) {
      try picture("training-curves", runs, PlotSize(width: 240, height: 60), .svg)
    }
    #expect(error?.description.contains("a plot of 8.5 cm × 2.1 cm with text of 7 pt") == true)
    #expect(error?.description.contains("it must be at least 8.5 cm wide and") == true)
  }

  @Test func lengthsHaveUnits() {
    #expect(PlotSize.points("8.5cm") == PlotSize.points("8.5"))
    #expect(PlotSize.points("85mm").map { abs($0 - 8.5 / 2.54 * 72) < 1e-9 } == true)
    #expect(PlotSize.points("3.25in") == 234)
    #expect(PlotSize.points("cvpr-column") == 234)
    #expect(PlotSize.points("252 pt") == 252)
    for text in ["", "cm", "8,5cm", "8.5 ell", "-3cm", "wide"] {
      #expect(PlotSize.points(text) == nil, "\(text)")
    }
  }

  @Test func textIsWrappedAndShortened() {
    let text = "a title that is too long for its line"
    let lines = PlotText.wrapped(text, width: 80, size: 10)
    #expect(lines.count == 3)
    #expect(lines.joined(separator: " ") == text)
    #expect(lines.allSatisfy { PlotText.width($0, size: 10) <= 80 })
    #expect(PlotText.wrapped(text, width: 80, size: 10, lines: 2).last?.hasSuffix("…") == true)
    let word = PlotText.wrapped(String(repeating: "w", count: 40), width: 80, size: 10, lines: 99)
    #expect(word.joined().count == 40)
    #expect(word.allSatisfy { PlotText.width($0, size: 10) <= 80 })
    #expect(PlotText.shortened("block-of-mine", width: 50, size: 10).contains("…"))
    #expect(PlotText.cleaned("a\u{1B}[31m\nb\u{0}") == "a [31m b ")
  }

  @Test func ticksAreRound() {
    #expect(PlotTicks.round(from: 41.9, to: 100.4, most: 7).texts.last == "100")
    #expect(PlotTicks.round(from: 0.31, to: 0.69, most: 4).texts == ["0.4", "0.5", "0.6"])
    #expect(PlotTicks.round(from: -0.25, to: 0.25, most: 3).texts == ["−0.2", "0.0", "0.2"])
    #expect(PlotTicks.round(from: 5, to: 5, most: 4).values == [5])
    #expect(PlotTicks.round(from: 2.04, to: 2.16, most: 2).texts == ["2.05", "2.10", "2.15"])
    for (low, high) in [(2.04, 2.16), (2.08, 2.12), (-3.001, 7.4), (99.99, 100.01), (0, 1e-4)] {
      for most in 2...10 {
        let texts = PlotTicks.round(from: low, to: high, most: most).texts
        #expect(Set(texts).count == texts.count, "\(texts)")
      }
    }
    #expect(PlotTicks.whole(from: 0.5, to: 1.5, most: 9).values == [1])
    #expect(PlotTicks.whole(from: 0.5, to: 12.5, most: 6).values == [2, 4, 6, 8, 10, 12])
    #expect(PlotTicks.whole(from: 0, to: 310, most: 4).values == [0, 100, 200, 300])
    #expect(PlotTicks.logarithmic(from: 1.6, to: 1600, most: 4).texts == ["10", "100", "1000"])
  }
}
