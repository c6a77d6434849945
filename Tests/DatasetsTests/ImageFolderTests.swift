// SPDX-License-Identifier: Apache-2.0

import Foundation
import Pictures
import Settings
import Testing

@testable import Datasets

@Suite struct ImageFolderTests {
  private func description(_ path: String, _ more: JSON = [:]) throws -> DatasetDescription {
    var json = more.setting("kind", to: "image-folder").setting("path", to: .string(path))
    if more["preprocessing"] == nil { json = json.setting("preprocessing.size", to: 6) }
    var fields = try Fields(json, source: "test", path: "data")
    var description = try DatasetDescription(&fields)
    try fields.finish()
    try description.survey(directory: nil)
    return description
  }

  private func names(_ set: ImageSet?) -> [String] {
    guard case .files(let files)? = set?.pixels else { return [] }
    return files.names
  }

  @Test func partsAreFoldersAndClassesAreSortedNames() throws {
    let folder = try Folder()
    try folder.writeClasses("train/", ["tulip": 3, "aster": 4, "rose": 2])
    try folder.writeClasses("val/", ["rose": 1, "aster": 2])
    try folder.write("train/rose/.hidden", [1])
    try folder.write(".notes", [1])
    let description = try description(folder.path)
    #expect(description.classCount == 3)
    #expect(description.trainedImageCount == 9)
    #expect(description.imageSize == ImageSize(height: 6, width: 6, channels: 3))
    let splits = try description.load(directory: nil)
    #expect(splits.train.classNames == ["aster", "rose", "tulip"])
    #expect(splits.train.labels == [0, 0, 0, 0, 1, 1, 2, 2, 2])
    #expect(names(splits.train)[4] == "train/rose/picture0.png")
    #expect(splits.validation == nil)
    #expect(splits.test.labels == [0, 0, 1])
    #expect(names(splits.test).last == "val/rose/picture0.png")
  }

  @Test func validationIsAFolderOrHeldBack() throws {
    let folder = try Folder()
    try folder.writeClasses("train/", ["a": 5, "b": 5])
    try folder.writeClasses("test/", ["a": 1, "b": 2])
    let held = try description(folder.path, ["validation": 3]).load(directory: nil)
    #expect(held.validation?.count == 3)
    #expect(held.train.count == 7)
    #expect(Set(names(held.train)).isDisjoint(with: names(held.validation)))
    try folder.writeClasses("val/", ["b": 4])
    let splits = try description(folder.path).load(directory: nil)
    #expect(splits.validation?.labels == [1, 1, 1, 1])
    #expect(splits.test.labels == [0, 1, 1])
    let error = #expect(throws: DatasetError.self) {
      try description(folder.path, ["validation": 3])
    }
    #expect(error?.rule.contains("must not be given validation = 3") == true)
  }

  @Test func oneLevelIsSplitByTheSeedClassByClass() throws {
    let folder = try Folder()
    try folder.writeClasses("", ["a": 10, "b": 5, "c": 2])
    let splits = try description(folder.path, ["testFraction": 0.3]).load(directory: nil)
    #expect((0..<3).map { label in splits.test.labels.count { $0 == label } } == [3, 2, 1])
    #expect(splits.train.count == 11)
    #expect(Set(names(splits.train) + names(splits.test)).count == 17)
    let again = try description(folder.path, ["testFraction": 0.3]).load(directory: nil)
    #expect(names(again.test) == names(splits.test))
    let other = try description(folder.path, ["testFraction": 0.3, "seed": 1])
      .load(directory: nil)
    #expect(names(other.test) != names(splits.test))
    #expect(try description(folder.path).load(directory: nil).test.count == 2 + 1 + 1)
  }

  /// The first so many would all be of one class.
  @Test func limitsChooseAmongAllClasses() throws {
    let folder = try Folder()
    try folder.writeClasses("train/", ["a": 10, "b": 10])
    try folder.writeClasses("test/", ["a": 6, "b": 6])
    let splits = try description(folder.path, ["trainLimit": 8, "testLimit": 5])
      .load(directory: nil)
    #expect(splits.train.count == 8 && Set(splits.train.labels).count == 2)
    #expect(splits.train.labels == splits.train.labels.sorted())
    #expect(splits.test.count == 5)
  }

  @Test func identityFollowsNamesAndSizesAndNotThePlace() throws {
    let (first, second) = (try Folder(), try Folder())
    for folder in [first, second] { try folder.writeClasses("", ["a": 3, "b": 3]) }
    let identity = try description(first.path).canonical
    #expect(try description(second.path).canonical == identity)
    #expect(identity["contents"] != nil && identity["path"] == nil)
    try second.writePicture("b/more.png", 9)
    #expect(try description(second.path).canonical != identity)
    let size = try description(first.path, ["preprocessing": ["size": 7]])
    #expect(size.canonical != identity)
    let plain = try description(
      first.path, ["augmentation": ["flip": false, "crop": false]])
    #expect(plain.augmentation == nil && plain.canonical != identity)
  }

  @Test func relativePathsAreLookedForInTheDataFolder() throws {
    let folder = try Folder()
    try folder.writeClasses("flowers/", ["a": 3, "b": 3])
    var fields = try Fields(
      ["kind": "image-folder", "path": "flowers"], source: "test", path: "data")
    var description = try DatasetDescription(&fields)
    try description.survey(directory: folder.path)
    #expect(description.classCount == 2)
  }

  @Test(arguments: [
    (["a/1.png"], "has 1 folder"), (["a/1.png", "b/1.gif"], "must be a picture that ends in"),
    (["a/1.png", "b/1.png", "labels.txt"], "is a file among the classes"),
    (["test/a/1.png", "valid/b/1.png"], "has the folders test, valid; must have train"),
    (["a/1.png", "b/2.png", "b/deeper/1.png"], "must be a picture that ends in"),
    (["train/a/1.png", "train/b/1.png"], "must have test or val beside it"),
    (
      ["train/a/1.png", "train/b/1.png", "test/c/1.png"],
      "must be one of the classes that train has"
    ),
    (["a/1.png", "b/.hidden"], "class b: must have a training picture"), ([], "has 0 folders"),
    (["a/1.png", "b/1.png"], "must have a test picture"),
    (
      ["train/a/1.png", "train/b/1.png", "val/a/2.png", "validation/a/1.png"],
      "must have either val or validation beside it"
    ),
  ])
  func otherLayoutsAreRefused(_ files: [String], _ rule: String) throws {
    let folder = try Folder()
    for file in files { try folder.write(file, [1, 2, 3]) }
    let error = #expect(throws: DatasetError.self) { try description(folder.path) }
    let text = (error?.description ?? "").replacing("; ", with: ": ")
    #expect(text.contains(rule.replacing("; ", with: ": ")), "\(text)")
    #expect(error?.file.hasPrefix(folder.path) == true)
  }

  @Test(
    arguments: [
      (["path": nil], "data.path", "is missing"),
      (["standardize": true], "data.standardize", "unknown field"),
      (["testFraction": 1], "data.testFraction", "between"),
      (["preprocessing": ["size": 0]], "data.preprocessing.size", "between 1 and 2048"),
      (["preprocessing": ["sise": 1]], "data.preprocessing.sise", "unknown field"),
      (["augmentation": ["area": [0.5]]], "data.augmentation.area", "least and the largest"),
      (["augmentation": ["aspect": [2, 1]]], "data.augmentation.aspect", "least and the largest"),
    ] as [(JSON, String, String)])
  func wrongFieldsAreNamed(_ json: JSON, _ field: String, _ rule: String) throws {
    var whole: [String: JSON] = ["kind": "image-folder", "path": "somewhere"]
    guard case .object(let own) = json else { return }
    whole.merge(own) { $1 }
    var fields = try Fields(.object(whole), source: "test", path: "data")
    let error = #expect(throws: SettingsError.self) {
      _ = try DatasetDescription(&fields)
      try fields.finish()
    }
    #expect(error?.field == field)
    #expect(error?.rule.contains(rule) == true, "\(error?.description ?? "")")
  }

  @Test func damagedPicturesAreAllNamed() throws {
    let folder = try Folder()
    try folder.writeClasses("train/", ["a": 3, "b": 3])
    try folder.writeClasses("test/", ["a": 2, "b": 2])
    try folder.write("train/b/bad.png", [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0])
    try folder.write("test/a/empty.jpg", [])
    let splits = try description(folder.path).load(directory: nil)
    let damaged = [splits.train, splits.test].flatMap { set -> [String] in
      guard case .files(let files) = set.pixels else { return [] }
      let findings = files.findings(isStrict: false) { #expect((1...7).contains($0)) }
      return findings.damaged.map(\.error.file)
    }
    #expect(
      damaged == ["train/b/bad.png", "test/a/empty.jpg"].map { "\(folder.path)/\($0)" })
    let usable = try description(folder.path, ["skipDamaged": true])
    #expect(usable.trainedImageCount == 6 && usable.testedImageCount == 4)
    #expect(usable.canonical["contents"] != nil && usable.canonical["skipDamaged"] == true)
    #expect(try usable.load(directory: nil).facts == ["skippedPictures": 2])
  }

  @Test func sheetsShowPicturesInFiles() throws {
    let folder = try Folder()
    try folder.writeClasses("", ["a": 4, "b": 4])
    let splits = try description(folder.path).load(directory: nil)
    try ContactSheet.write(splits.train, columns: 3, scale: 1, to: "\(folder.path)/sheet.png")
    let sheet = try Picture(contentsOf: "\(folder.path)/sheet.png")
    let layout = ContactSheet.Layout(size: splits.train.size, columns: 3, rows: 2, scale: 1)
    let start = (layout.top(1) * sheet.width + layout.left(0)) * 3
    let first = try splits.train.loaded([3])
    guard case .bytes(let bytes) = first.pixels else { return }
    #expect(Array(sheet.pixels[start..<start + 3]) == Array(bytes[..<3]))
  }
}
