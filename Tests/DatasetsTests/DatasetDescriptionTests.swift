// SPDX-License-Identifier: Apache-2.0

import Foundation
import Settings
import Testing

@testable import Datasets

@Suite struct DatasetDescriptionTests {
  private func description(_ text: String) throws -> DatasetDescription {
    var fields = try Fields(
      JSON(text: text, source: "test.json"), source: "test.json", path: "data")
    let description = try DatasetDescription(&fields)
    try fields.finish()
    return description
  }

  @Test(arguments: DatasetZoo.keys.filter { $0 != PictureFolder.key })
  func canonicalFormReadsBackAsItself(kind: String) throws {
    let description = try description("{kind: '\(kind)', validation: 7}")
    let again = try self.description(description.canonical.canonicalText)
    #expect(again == description)
    #expect(again.canonical.canonicalText == description.canonical.canonicalText)
    #expect(description.canonical["validation"] == 7)
  }

  @Test func sizesAreKnownWithoutLoading() throws {
    #expect(try description("{}").imageSize == ImageSize(height: 16, width: 16, channels: 8))
    #expect(try description("{classes: 4, channels: 2, size: 6}").classCount == 4)
    #expect(try description("{kind: 'cifar-100'}").classCount == 100)
    #expect(try description("{kind: 'mnist'}").imageSize.count == 784)
    #expect(DatasetZoo.catalogue.map(\.key) == DatasetZoo.keys)
    #expect(Set(DatasetZoo.keys).count == DatasetZoo.keys.count)
  }

  @Test func theCountsToldBeforeLoadingAreThoseOfTheLoadedSet() throws {
    let coupling = "channels: 4, classes: 4, size: 6, train: 40, test: 24, calibrationImages: 256"
    for text in ["{\(coupling)}", "{\(coupling), validation: 9}"] {
      let description = try description(text)
      let splits = try description.load(directory: nil)
      #expect(description.trainedImageCount == splits.train.count)
      #expect(description.testedImageCount == splits.test.count)
      #expect(description.validatedImageCount == splits.validation?.count ?? 0)
      let sets = [splits.train, splits.test, splits.validation].compactMap { $0 }
      #expect(description.imageBytes == 4 * sets.reduce(0) { $0 + $1.pixels.count })
      #expect(description.loadingBytes == 2 * 64 * 36 * 4 * 4)
    }
    let few = try description("{kind: 'cifar-100', trainLimit: 64, testLimit: 10, validation: 5}")
    #expect(few.imageBytes == (64 + 10 + 5) * 3072)
    #expect(try description("{kind: 'mnist'}").imageBytes == 70_000 * 784)
  }

  @Test func augmentationIsOnForPhotographsAndCanBeSwitchedOff() throws {
    let photographs = try description("{kind: 'cifar-10'}")
    #expect(photographs.augmentation == Augmentation(flip: true, cropPadding: 4))
    let off = try description("{kind: 'cifar-10', augmentation: {flip: false, crop: 0}}")
    #expect(off.augmentation == nil)
    #expect(try description(off.canonical.canonicalText) == off)
    #expect(try description("{kind: 'mnist'}").augmentation == nil)
    #expect(try description("{kind: 'mnist', augmentation: {crop: 2}}").augmentation?.flip == false)
  }

  @Test func pathDoesNotChangeTheIdentityOfARun() throws {
    let here = try description("{kind: 'mnist', path: 'here'}")
    #expect(here.canonical == (try description("{kind: 'mnist'}").canonical))
  }

  @Test(arguments: [
    ("{kind: 'cifar-11'}", "data.kind", "must be one of"),
    ("{channels: 6}", "data.channels", "power of two"),
    ("{kernel: 4}", "data.kernel", "must be odd"),
    ("{kernel: 5, size: 4}", "data.kernel", "at most the size, 4"),
    ("{classes: 9}", "data.classes", "kernel² − 1 = 8"),
    ("{lambda: 1.1}", "data.lambda", "between 0.0 and 1.0"),
    ("{groupWidth: 3}", "data.groupWidth", "must divide the 8 channels"),
    ("{groupWidth: 2, channels: 4}", "data.classes", "at most the channels"),
    ("{bestPossibleAccuracy: 0.1}", "data.bestPossibleAccuracy", "exceed chance"),
    ("{bestPossibleAccuracy: 1}", "data.bestPossibleAccuracy", "between"),
    ("{train: 1000000, size: 64}", "data.train", "under 8 GiB"),
    ("{calibrationImages: 1000000}", "data.calibrationImages", "under"),
    ("{augmentation: {flip: true}}", "data.augmentation", "must be absent"),
    ("{augmentation: {flipp: true}}", "data.augmentation.flipp", "unknown field"),
    ("{validation: 8192}", "data.validation", "8192 training images"),
    ("{trainLimit: 5}", "data.trainLimit", "unknown field"),
    ("{kind: 'mnist', lambda: 0}", "data.lambda", "unknown field"),
    ("{kind: 'mnist', trainLimit: 0}", "data.trainLimit", "between"),
  ])
  func badFieldsNameFieldAndRule(text: String, field: String, rule: String) throws {
    let error = #expect(throws: SettingsError.self) { try description(text) }
    #expect(error?.field == field)
    #expect(error?.rule.contains(rule) == true, "\(error?.rule ?? "")")
  }

  @Test func missingFilesSayWhatToDownloadAndWhere() throws {
    let folder = try Folder()
    let published = DatasetZoo.all.filter { $0.origin == .published }
    #expect(published.count == 4)
    for kind in published {
      let error = #expect(throws: DatasetError.self) {
        try description("{kind: '\(kind.key)'}").load(directory: folder.path)
      }
      #expect(error?.file == folder.path)
      #expect(error?.rule.contains("download http") == true)
    }
    let lost = try description("{kind: 'cifar-10', path: '\(folder.path)/nowhere'}")
    #expect(throws: DatasetError.self) { try lost.load(directory: folder.path) }
  }

  @Test func validationIsHeldBackFromTrainingAndTheSeedDecides() throws {
    let small = "train: 60, test: 20, calibrationImages: 256, validation: 15"
    let splits = try description("{\(small)}").load(directory: nil)
    #expect(splits.name == "coupling")
    #expect(splits.train.count == 45)
    #expect(splits.test.count == 20)
    #expect(splits.validation?.count == 15)
    #expect(splits.facts["lambda"] == 0)
    let best = try #require(splits.facts["bestPossibleAccuracy"])
    #expect(abs(best - 0.99) < 1e-3)
    #expect(try #require(splits.facts["bestPossibleAccuracyError"]) > 0)
    #expect(try #require(splits.facts["sigma"]) > 0)
    let onTest = try #require(splits.facts["bestPossibleAccuracyOnTest"])
    #expect(onTest > 0.7 && onTest <= 1)
    guard case .floats(let held)? = splits.validation?.pixels,
      case .floats(let kept) = splits.train.pixels
    else {
      Issue.record("textures are floats")
      return
    }
    // The first value tells images apart: none is in both parts, and none is lost.
    let firsts = [held, kept].flatMap { values in
      stride(from: 0, to: values.count, by: 2048).map { values[$0] }
    }
    #expect(Set(firsts).count == 60)
    let again = try description("{\(small)}").load(directory: nil)
    #expect(again.validation?.pixels == splits.validation?.pixels)
  }

  @Test func limitsTakeTheFirstImages() {
    var options = DatasetOptions()
    (options.trainLimit, options.testLimit) = (3, 2)
    let set = ImageSet(
      size: ImageSize(height: 1, width: 1, channels: 1), classNames: ["a"],
      labels: Array(repeating: 0, count: 9), pixels: .bytes(Array(1...9)))
    let splits = options.splits(DatasetContents(train: set, test: set), name: "test")
    #expect(splits.train.pixels == .bytes([1, 2, 3]))
    #expect(splits.test.pixels == .bytes([1, 2]))
    #expect(splits.validation == nil)
  }

  /// Only where the environment names the folder with the real files.
  @Test(.enabled(if: ProcessInfo.processInfo.environment["CONTINUUM_DATA"] != nil))
  func realFilesHaveTheirKnownMeansAndCounts() throws {
    let splits = try description("{kind: 'cifar-10'}").load(directory: nil)
    #expect(splits.train.count == 50_000)
    #expect((0..<10).allSatisfy { label in splits.test.labels.count { $0 == label } == 1000 })
    let expected: [Float] = [0.4914, 0.4822, 0.4465]
    let found = Standardization(of: splits.train).mean
    #expect(zip(found, expected).allSatisfy { abs($0 - $1) < 1e-4 })
  }
}
