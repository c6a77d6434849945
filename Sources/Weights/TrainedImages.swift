// SPDX-License-Identifier: Apache-2.0

import Records
import Settings

/// What a file of ours says of the images that its network was trained on, so that nobody need say it
/// again.
public struct TrainedImages: Codable, Hashable, Sendable {
  /// The data set, as the run's configuration has it.
  public var data: String?
  /// What pictures in files go through, as JSON; nil where nothing is known, or the data set holds no
  /// pictures.
  public var preprocessing: String?
  /// Whether answers are the mean of those to an image and to its mirror image.
  public var flips: Bool

  public init(data: String? = nil, preprocessing: String? = nil, flips: Bool = false) {
    self.data = data
    self.preprocessing = preprocessing
    self.flips = flips
  }
}

// MARK: Our own files

extension TrainedImages {
  private static let (data, preprocessing, flips) = ("data", "preprocessing", "testTimeFlip")

  /// Of a file of `continuum-weights/1`; nothing is known of those of before 2026-12.
  init(in root: HDF5Group) throws(RecordError) {
    let attributes = root.attributes
    self.init(
      data: attributes.contains(Self.data) ? try attributes.text(Self.data) : nil,
      preprocessing: attributes.contains(Self.preprocessing)
        ? try attributes.text(Self.preprocessing) : nil,
      flips: attributes.contains(Self.flips) ? try attributes.number(Self.flips) == 1 : false)
  }

  func write(to root: HDF5Group) throws(RecordError) {
    if let data { try root.attributes.write(data, to: Self.data) }
    if let preprocessing { try root.attributes.write(preprocessing, to: Self.preprocessing) }
    if flips { try root.attributes.write(1, to: Self.flips) }
  }

  /// Of a run file: by its configuration, or by what it says of its images.
  init(configuration: JSON?, images: RunRecord.Images?) {
    self.init(
      data: configuration?["data"]?.canonicalText,
      preprocessing: images?.preprocessing ?? configuration?["data.preprocessing"]?.canonicalText,
      flips: configuration?["training.testTimeFlip"] == true)
  }
}
