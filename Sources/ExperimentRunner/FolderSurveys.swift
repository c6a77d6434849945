// SPDX-License-Identifier: Apache-2.0

import Datasets
import Settings

/// Looks at each folder of pictures once, however many runs read it.
struct FolderSurveys {
  /// The folder of data sets.
  var directory: String?
  private var known: [DatasetDescription: DatasetDescription] = [:]

  init(directory: String?) {
    self.directory = directory
  }

  /// The data set with what is known of its folder.
  ///
  /// - Throws: where the folder is not laid out as it should be.
  mutating func surveyed(
    _ data: DatasetDescription, source: String
  ) throws(SettingsError) -> DatasetDescription {
    if let before = known[data] { return before }
    var surveyed = data
    do {
      try surveyed.survey(directory: directory)
    } catch {
      throw SettingsError(source: source, field: "data", value: "", rule: "\(error)")
    }
    known[data] = surveyed
    return surveyed
  }
}
