// SPDX-License-Identifier: Apache-2.0

import Settings
import Testing

@Suite struct PicturePreprocessingTests {
  private func read(
    _ json: JSON, default fallback: PicturePreprocessing = .inception()
  ) throws -> PicturePreprocessing {
    var fields = try Fields(json, source: "test")
    let preprocessing = try PicturePreprocessing(&fields, default: fallback)
    try fields.finish()
    return preprocessing
  }

  @Test func fieldsComeBack() throws {
    for json: JSON in [
      [:], ["size": 64, "fraction": 0.5, "filter": "bicubic"],
      ["resize": "shorter-side", "shorterSide": 320, "scaling": "caffe"],
      [
        "scaling": "standardized", "mean": [0.5, 0.25, 0.125],
        "deviation": [0.25, 0.5, 0.75],
      ],
    ] {
      var fields = try Fields(json, source: "test")
      let preprocessing = try PicturePreprocessing(&fields, default: .inception())
      #expect(try read(.object(fields.recorded), default: .caffe()) == preprocessing)
    }
    #expect(try read([:]) == .inception())
    #expect(try read([:], default: .caffe()) == .caffe())
  }

  @Test func publishedEvaluations() {
    #expect(PicturePreprocessing.inception().size == 299)
    #expect(PicturePreprocessing.inception().resize == .centralFraction(0.875))
    #expect(PicturePreprocessing.caffe().size == 224)
    #expect(PicturePreprocessing.caffe().resize == .shorterSide(256))
    #expect(PicturePreprocessing.caffe(size: 7).resize == .shorterSide(8))
  }

  /// Another size keeps the proportion of what is cut away.
  @Test func shorterSideFollowsTheSize() throws {
    #expect(try read(["size": 112], default: .caffe()).resize == .shorterSide(128))
    #expect(try read(["size": 224], default: .caffe()).resize == .shorterSide(256))
  }

  @Test(
    arguments: [
      (["size": 0], "size", "must lie between 1 and 2048"),
      (["resize": "stretch"], "resize", "must be one of"),
      (["fraction": 2], "fraction", "must lie between"),
      (["resize": "shorter-side", "shorterSide": 100], "shorterSide", "at least the size, 299"),
      (["scaling": "standardized"], "mean", "must be three numbers"),
      (["scaling": "standardized", "mean": [0, 0, "a"]], "mean", "must be three numbers"),
      (
        ["scaling": "standardized", "mean": [0, 0, 0], "deviation": [1, 1, 0]], "deviation",
        "must be three numbers"
      ),
      (["mean": [0, 0, 0]], "mean", "unknown field"), (["filter": "lanczos"], "filter", "bicubic"),
    ] as [(JSON, String, String)])
  func wrongFieldsAreNamed(_ json: JSON, _ field: String, _ rule: String) {
    let error = #expect(throws: SettingsError.self) { try read(json) }
    #expect(error?.field == field)
    #expect(error?.rule.contains(rule) == true, "\(error?.description ?? "")")
  }
}
