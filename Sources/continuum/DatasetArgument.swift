// SPDX-License-Identifier: Apache-2.0

import Datasets
import Settings

/// What the command line calls a data set: a listed name, or JSON that begins with `{`, with the
/// fields of `--set`.
enum DatasetArgument {
  /// - Parameter preprocessing: what pictures go through where the words do not say.
  /// - Throws: an unknown name or field, with the nearest right spelling.
  static func description(
    _ word: String, settings: [String], preprocessing: PicturePreprocessing = .inception()
  ) throws(SettingsError) -> DatasetDescription {
    var json: JSON = ["kind": .string(word)]
    if word.drop(while: \.isWhitespace).hasPrefix("{") {
      json = try JSON(text: word, source: "DATASET")
    }
    for setting in settings {
      let parts = setting.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2 else {
        throw SettingsError(
          source: "--set", field: "", value: "\"\(setting)\"", rule: "must be FIELD=VALUE")
      }
      // What is no JSON is a text: --set path=images needs no quotes.
      let value = (try? JSON(text: parts[1], source: "--set")) ?? .string(parts[1])
      json = json.setting(parts[0], to: value)
    }
    var fields = try Fields(json, source: "DATASET")
    let description = try DatasetDescription(&fields, preprocessing: preprocessing)
    try fields.finish()
    return description
  }
}
