// SPDX-License-Identifier: Apache-2.0

import Settings

/// The options of `image-folder`: how pictures become images of one size.
///
/// ```json
/// {"kind": "image-folder", "path": "flowers", "testFraction": 0.2,
///  "preprocessing": {"size": 299, "scaling": "signed"},
///  "augmentation": {"flip": true, "crop": true, "area": [0.08, 1], "aspect": [0.75, 1.3333]}}
/// ```
public struct ImageFolderOptions: Hashable, Sendable {
  /// How validation and test pictures are looked at; training pictures share its size, filter and
  /// scaling. What the file does not say is as the network's published evaluation has it.
  public var preprocessing: PicturePreprocessing
  /// The share of every class that becomes the test set, where the folder has no `train` and `test`.
  public var testFraction: Double?
  /// Whether damaged pictures are left out; else they are errors.
  public var skipsDamaged: Bool
  /// Whether a picture that is decoded with a warning counts as damaged.
  public var isStrict: Bool

  init(
    _ fields: inout Fields, default fallback: PicturePreprocessing
  ) throws(SettingsError) {
    testFraction = try fields.number(
      "testFraction", in: 0.001...0.9,
      "share of every class that is the test set, where the folder has no train and test")
    skipsDamaged = try fields.bool(
      "skipDamaged", default: false, "whether damaged pictures are left out; else they are errors",
      recorded: .unlessDefault)
    isStrict = try fields.bool(
      "strict", default: false,
      "whether a picture that is decoded with a warning counts as damaged",
      recorded: .unlessDefault)
    preprocessing = try fields.object(
      "preprocessing",
      "what pictures go through; where it says nothing, what the network is published with"
    ) { fields throws(SettingsError) in try PicturePreprocessing(&fields, default: fallback) }
  }

  /// Reads `augmentation`; on unless the file says otherwise.
  static func augmentation(_ fields: inout Fields) throws(SettingsError) -> Augmentation? {
    try fields.object("augmentation", "random changes of training pictures") {
      fields throws(SettingsError) in
      let (flip, alternates) = try Augmentation.flips(&fields, default: true)
      let crops = try fields.bool("crop", default: true, "whether a random part is looked at")
      let usual = ResizedCrop()
      let crop = ResizedCrop(
        area: try range(
          "area", &fields, default: usual.area, in: 0.01...1,
          "least and largest share of the picture's area"),
        aspect: try range(
          "aspect", &fields, default: usual.aspect, in: 0.1...10,
          "least and largest width divided by height"))
      if !crops { for name in ["area", "aspect"] { fields.leaveOut(name) } }
      guard flip || crops else { return nil }
      return Augmentation(
        flip: flip, alternates: alternates, cropPadding: 0, resizedCrop: crops ? crop : nil)
    }
  }

  private static func range(
    _ name: String, _ fields: inout Fields, default fallback: ClosedRange<Double>,
    in bounds: ClosedRange<Double>, _ summary: String
  ) throws(SettingsError) -> ClosedRange<Double> {
    let standard: JSON = [.number(fallback.lowerBound), .number(fallback.upperBound)]
    guard
      let list = try fields.list(
        name, .numbers(count: 2, in: bounds), default: standard, summary)
    else { return fallback }
    let numbers = list.compactMap(\.numberValue)
    guard numbers.count == 2, list.count == 2, numbers[0] <= numbers[1],
      numbers.allSatisfy(bounds.contains)
    else {
      throw fields.error(
        name,
        "must be the least and the largest, each from \(bounds.lowerBound) to "
          + "\(bounds.upperBound)")
    }
    return numbers[0]...numbers[1]
  }
}
