// SPDX-License-Identifier: Apache-2.0

import Settings
import Testing

@testable import Pictures

@Suite struct PreprocessingTests {
  /// 40×60 pixels whose red says the row and whose green says the column.
  private let picture = Picture(
    height: 40, width: 60,
    pixels: (0..<40).flatMap { row in (0..<60).flatMap { [UInt8(row), UInt8($0), 200] } })

  @Test func centralFractionCutsTheSameFromBothSides() {
    // ⌊(40 − 35) / 2⌋ = 2 rows and ⌊(60 − 52.5) / 2⌋ = 3 columns.
    let part = picture.cropped(to: PictureRegion(top: 2, left: 3, height: 36, width: 54))
    let view = PicturePreprocessing.inception(size: 18).view(of: picture)
    #expect(view == part.resized(height: 18, width: 18, .bilinear))
    let whole = PicturePreprocessing(
      size: 18, resize: .centralFraction(1), filter: .bicubic, scaling: .signed)
    #expect(whole.view(of: picture) == picture.resized(height: 18, width: 18, .bicubic))
  }

  @Test func shorterSideThenMiddle() {
    let preprocessing = PicturePreprocessing(
      size: 17, resize: .shorterSide(20), filter: .bilinear, scaling: .caffe)
    let small = picture.resized(height: 20, width: 30, .bilinear)
    let middle = PictureRegion(top: 1, left: 6, height: 17, width: 17)
    #expect(preprocessing.view(of: picture) == small.cropped(to: middle))
    // Already that size: nothing is resampled.
    let same = PicturePreprocessing(
      size: 40, resize: .shorterSide(40), filter: .bicubic, scaling: .caffe)
    #expect(
      same.view(of: picture)
        == picture.cropped(to: PictureRegion(top: 0, left: 10, height: 40, width: 40)))
  }

  @Test func scalingsAreKerass() {
    let one = Picture(height: 1, width: 2, pixels: [0, 128, 255, 10, 20, 30])
    func input(_ scaling: PicturePreprocessing.Scaling) -> [Float] {
      var input = [Float](repeating: .nan, count: 7)
      let preprocessing = PicturePreprocessing(
        size: 1, resize: .centralFraction(1), filter: .bilinear, scaling: scaling)
      preprocessing.write(one, into: &input, at: 1)
      #expect(input[0].isNaN)
      return Array(input[1...])
    }
    let bytes: [Float] = [0, 128, 255, 10, 20, 30]
    #expect(input(.signed) == bytes.map { $0 / 127.5 - 1 })
    let turned: [Float] = [255, 128, 0, 30, 20, 10]
    let means: [Float] = [103.939, 116.779, 123.68, 103.939, 116.779, 123.68]
    #expect(input(.caffe) == zip(turned, means).map { $0 - $1 })
    let standardized = input(
      .standardized(mean: [0.5, 0.25, 0.125], deviation: [0.5, 0.25, 2]))
    let expected: [Float] = [-1, 1.007_843, 0.4375, -0.921_569, -0.686_275, -0.003_676_5]
    #expect(zip(standardized, expected).allSatisfy { abs($0 - $1) < 1e-6 })
  }
}
