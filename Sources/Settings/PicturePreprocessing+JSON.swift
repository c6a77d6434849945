// SPDX-License-Identifier: Apache-2.0

extension PicturePreprocessing {
  /// Every field with its value, as `init(_:default:)` reads them.
  public var json: JSON {
    do {
      var fields = try Fields([:], source: "preprocessing")
      _ = try PicturePreprocessing(&fields, default: self)
      return .object(fields.recorded)
    } catch {
      preconditionFailure("what is at its defaults breaks no rule: \(error)")
    }
  }
}
