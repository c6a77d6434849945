import Foundation
import Settings
import Testing

@Suite("match")
struct MatchTests {
  @Test("no neighbouring width is closer to the target")
  func neighboursAreFarther() throws {
    let json = try Tool.json(
      "match", "probe", "--quantity", "parameters", "--target", "2500", "--segments", "all",
      "--input", "16x16x8", "--classes", "8")
    let points = try points(json)
    #expect(points.count >= 6)
    #expect(points.first?["block"] == "regular-conv")
    #expect(points.last?["block"] == "separable-conv")
    for point in points {
      let width = try #require(point["width"]?.integerValue)
      let count = try #require(point["count"]?.integerValue)
      let network = try #require(point["network"])
      #expect(try parameters(network, width) == count)
      let step = point["segments"]?.integerValue ?? 1
      #expect(width.isMultiple(of: step))
      for other in [width - step, width + step] where other >= 1 {
        #expect(abs(try parameters(network, other) - 2500) >= abs(count - 2500))
      }
      let mismatch = try #require(point["mismatch"]?.numberValue)
      #expect(abs(mismatch - (Double(count) / 2500 - 1)) < 1e-12)
    }
  }

  @Test("a network matched to itself keeps its width")
  func itself() throws {
    for quantity in ["parameters", "multiply-adds"] {
      let json = try Tool.json(
        "match", #"{"network": "stack", "width": 37}"#, "--quantity", quantity, "--target",
        #"{"network": "stack", "width": 37}"#)
      let point = try #require(try points(json).first)
      #expect(point["width"] == 37)
      #expect(point["mismatch"]?.numberValue == 0)
    }
  }

  @Test("a held segment width stays, while the number of segments grows")
  func heldSegmentWidth() throws {
    let network = #"{"network": "probe", "block": {"kind": "segmented-inception", "segments": 4}}"#
    let json = try Tool.json(
      "match", network, "--quantity", "parameters", "--target", "20000", "--hold", "segment-width")
    let point = try #require(try points(json).first)
    #expect(point["network.block.segmentWidth"] == 8)
    #expect(point["network.block.segments"] == nil)
    let width = try #require(point["width"]?.integerValue)
    #expect(width > 32 && width.isMultiple(of: 8))
  }

  @Test("the rows of every format are the segments asked for")
  func formats() throws {
    let words = ["match", "stack", "--quantity", "parameters", "--target", "200000"]
    let outcome = try Tool.run(words + ["--segments", "1,2,8", "--format", "csv"])
    #expect(outcome.exitCode == 0)
    let rows = outcome.output.split(separator: "\n")
    #expect(rows.first == "block,segments,width,parameters,mismatch %")
    #expect(rows.dropFirst().map { $0.split(separator: ",")[1] } == ["1", "2", "8"])
    for format in ["text", "markdown", "latex"] {
      let other = try Tool.run(words + ["--segments", "1,2,8", "--format", format])
      #expect(other.exitCode == 0)
      #expect(other.output.components(separatedBy: "segmented-inception").count == 4)
    }
  }

  private func points(_ json: JSON) throws -> [JSON] {
    guard case .array(let points)? = json["points"] else { return [] }
    return points
  }

  private func parameters(_ network: JSON, _ width: Int) throws -> Int {
    let json = try Tool.json(
      "describe", network.setting("width", to: .integer(width)).canonicalText, "--input", "16x16x8",
      "--classes", "8")
    return try #require(json["parameters.trainable"]?.integerValue)
  }
}
