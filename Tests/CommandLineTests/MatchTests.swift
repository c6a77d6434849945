// SPDX-License-Identifier: Apache-2.0

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

  /// Widths and counts as published for Xception's middle flow at the paper's scale.
  @Test(
    "the continuum at the paper's scale has the published widths and counts",
    arguments: [
      (1, 251, 22_904_651), (2, 334, 22_826_282), (4, 428, 22_780_940), (7, 504, 22_769_712),
      (8, 520, 22_700_576), (13, 585, 23_125_221), (14, 588, 22_872_780), (26, 650, 23_207_966),
      (28, 644, 22_679_636), (52, 676, 22_561_268), (56, 672, 22_254_120), (91, 728, 23_956_688),
      (104, 728, 23_799_440), (182, 728, 23_327_696), (364, 728, 23_013_200),
      (728, 728, 22_855_952),
    ])
  func paperScale(segments: Int, width: Int, parameters: Int) throws {
    let json = try Tool.json(
      "match", "xception-continuum", "--quantity", "parameters", "--target", "xception",
      "--segments", "\(segments)")
    let point = try #require(try points(json).first)
    #expect(point["width"] == .integer(width))
    #expect(point["count"] == .integer(parameters))
  }

  @Test("every divisor of the paper's width and the ends are the whole spectrum")
  func paperSpectrum() throws {
    let json = try Tool.json(
      "match", "xception-continuum", "--quantity", "parameters", "--target", "xception",
      "--segments", "all")
    let points = try points(json)
    #expect(
      points.compactMap { $0["segments"]?.integerValue }
        == [1, 2, 4, 7, 8, 13, 14, 26, 28, 52, 56, 91, 104, 182, 364])
    #expect(points.first?["block"] == "regular-conv")
    #expect(points.first?["width"] == 264)
    #expect(points.first?["count"] == 22_886_496)
    #expect(points.suffix(2).map { $0["count"] } == [22_855_952, 22_855_952])
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

  @Test("the segments that are told are those of the width that was found")
  func heldSegments() throws {
    let json = try Tool.json(
      "match", "probe", "--quantity", "parameters", "--target", "2500", "--segments", "all",
      "--hold", "segment-width")
    let points = try points(json)
    #expect(points.count == 5 + 3)
    for point in points {
      guard let held = point["network.block.segmentWidth"]?.integerValue else {
        #expect(point["segments"] == .null)
        continue
      }
      let segments = try #require(point["segments"]?.integerValue)
      #expect(segments * held == point["width"]?.integerValue)
    }
    // Of probe's 32 channels 1, 2, 4, 8 and 16 segments; the ends have no segments to hold.
    #expect(points.compactMap { $0["network.block.segmentWidth"] } == [32, 16, 8, 4, 2])
    #expect(try Tool.output("match", "--help").contains("the ends of the spectrum"))
  }

  @Test("the rows of every format are the segments asked for")
  func formats() throws {
    let words = ["match", "stack", "--quantity", "parameters", "--target", "200000"]
    let outcome = try Tool.run(words + ["--segments", "1,2,8", "--format", "csv"])
    #expect(outcome.exitCode == 0)
    let rows = outcome.output.split(separator: "\n")
    #expect(rows.first == "block,segments,width,parameters,mismatchPercent")
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
