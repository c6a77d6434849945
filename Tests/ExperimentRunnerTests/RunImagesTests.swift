// SPDX-License-Identifier: Apache-2.0

import Datasets
import Records
import Settings
import Testing

@testable import ExperimentRunner

/// A run file says what makes of a picture in a file what its network was trained on.
@Suite struct RunImagesTests {
  private func images(
    channels: Int, width: Int = 4, bytes: Bool = true, _ standardization: Standardization?
  ) -> RunRecord.Images {
    let count = 4 * width * channels
    let set = ImageSet(
      size: ImageSize(height: 4, width: width, channels: channels), classNames: ["a"], labels: [0],
      pixels: bytes
        ? .bytes((0..<count).map { UInt8($0 % 251) }) : .floats(Array(repeating: 0.5, count: count))
    )
    return RunRecord.Images(
      of: DatasetSplits(name: "set", train: set, validation: nil, test: set),
      standardization: standardization)
  }

  @Test func standardizedBytesAreStandardizedPictures() throws {
    let known = Standardization(mean: [0.25, 0.5, 0.125], deviation: [0.5, 1, 0.25])
    let images = images(channels: 3, known)
    #expect(images.height == 4 && images.width == 4 && images.channels == 3)
    let text = try #require(images.preprocessing)
    var fields = try Fields(try JSON(text: text, source: "test"), source: "test")
    let read = try PicturePreprocessing(&fields, default: .caffe())
    try fields.finish()
    #expect(
      read
        == PicturePreprocessing(
          size: 4, resize: .shorterSide(4), filter: .bilinear,
          scaling: .standardized(mean: [0.25, 0.5, 0.125], deviation: [0.5, 1, 0.25])))
    let bare = try #require(self.images(channels: 3, nil).preprocessing)
    #expect(bare.contains(#""mean":[0,0,0]"#) && bare.contains(#""deviation":[1,1,1]"#))
  }

  @Test func whatIsNoPictureSaysNothingOfPictures() {
    #expect(images(channels: 1, nil).preprocessing == nil)
    #expect(images(channels: 3, width: 5, nil).preprocessing == nil)
    #expect(images(channels: 3, bytes: false, nil).preprocessing == nil)
    #expect(images(channels: 3, width: 5, nil).width == 5)
  }

  @Test(arguments: [
    PicturePreprocessing.inception(size: 75), .caffe(size: 64),
    PicturePreprocessing(
      size: 9, resize: .centralFraction(0.5), filter: .bicubic,
      scaling: .standardized(mean: [0.1, 0.2, 0.3], deviation: [1, 2, 3])),
  ])
  func preprocessingComesBackFromItsJSON(preprocessing: PicturePreprocessing) throws {
    var fields = try Fields(preprocessing.json, source: "test")
    #expect(try PicturePreprocessing(&fields, default: .caffe(size: 224)) == preprocessing)
    try fields.finish()
  }
}
