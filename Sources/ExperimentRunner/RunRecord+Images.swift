// SPDX-License-Identifier: Apache-2.0

import Datasets
import Records
import Settings
import Weights

extension RunRecord.Images {
  /// What the images of a data set are, and what makes such of pictures in files.
  init(of splits: DatasetSplits, standardization: Standardization?) {
    let size = splits.train.size
    self.init(
      height: size.height, width: size.width, channels: size.channels,
      preprocessing: Self.preprocessing(splits.train, standardization)?.json.canonicalText)
  }

  /// Nil of images that are no pictures, or have other than the three channels of pictures.
  private static func preprocessing(
    _ set: ImageSet, _ standardization: Standardization?
  ) -> PicturePreprocessing? {
    let size = set.size
    switch set.pixels {
    case .files(let files): return files.preprocessing
    case .bytes where size.channels == 3 && size.height == size.width:
      let none = Standardization(mean: [0, 0, 0], deviation: [1, 1, 1])
      let used = standardization ?? none
      return PicturePreprocessing(
        size: size.height, resize: .shorterSide(size.height), filter: .bilinear,
        scaling: .standardized(
          mean: used.mean.map(Double.init), deviation: used.deviation.map(Double.init)))
    case .bytes, .floats: return nil
    }
  }
}

extension LoadedData {
  /// What its images are, for the run's record.
  var images: RunRecord.Images {
    RunRecord.Images(of: splits, standardization: standardization)
  }
}

extension PlannedRun {
  /// What a file of the run's weights says of what they were trained on.
  func trainedOn(_ data: LoadedData) -> TrainedImages {
    TrainedImages(
      data: self.data.canonical.canonicalText, preprocessing: data.images.preprocessing,
      flips: training.testTimeFlip)
  }
}
