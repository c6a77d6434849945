// SPDX-License-Identifier: Apache-2.0

import Settings
import Weights

extension TrainedImages {
  /// What the pictures went through that a network was trained on; nil where the file does not say.
  ///
  /// - Throws: where what it says is none that there is.
  func pictures(
    of path: String, default usual: PicturePreprocessing
  ) throws(SettingsError) -> PicturePreprocessing? {
    guard let preprocessing else { return nil }
    var fields = try Fields(
      try JSON(text: preprocessing, source: path), source: path, path: "preprocessing")
    let pictures = try PicturePreprocessing(&fields, default: usual)
    try fields.finish()
    return pictures
  }

  /// The kind of the data set; nil where the file does not say.
  func kind(of path: String) throws(SettingsError) -> String? {
    guard let data, case .string(let kind)? = try JSON(text: data, source: path)["kind"] else {
      return nil
    }
    return kind
  }
}
