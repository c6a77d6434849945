// SPDX-License-Identifier: Apache-2.0

import Settings
import Testing

@testable import Datasets

@Suite struct PictureListTests {
  private func names(_ set: ImageSet) -> [String] {
    guard case .files(let files) = set.pixels else { return [] }
    return files.names
  }

  @Test func foldersGiveAllPicturesBelowThemAndFilesThemselves() throws {
    let folder = try Folder()
    for name in ["b/2.png", "b/1.JPG", "a.jpeg", "notes.txt", ".hidden.png", ".no/3.png"] {
      try folder.write(name, [1])
    }
    let single = try folder.write("odd-name", [1])
    let files = try PictureList.files(at: [single, folder.path])
    #expect(
      files.pictures == [single] + ["a.jpeg", "b/1.JPG", "b/2.png"].map { "\(folder.path)/\($0)" })
    #expect(files.passedOver == ["\(folder.path)/notes.txt", "\(folder.path)/odd-name"])
    let absent = #expect(throws: DatasetError.self) { try PictureList.files(at: ["/no/where"]) }
    #expect(absent?.rule == "does not exist")
    let empty = try Folder()
    let none = #expect(throws: DatasetError.self) { try PictureList.files(at: [empty.path]) }
    #expect(none?.rule.contains("must hold") == true)
  }

  @Test func foldersAreClassesInTheirOrder() throws {
    let folder = try Folder()
    try folder.writeClasses("", ["b": 2, "a": 1])
    let set = try PictureList.labelled(
      folder: folder.path, .inception(size: 4), classes: 2, names: nil
    ).set
    #expect(set.labels == [0, 1, 1])
    #expect(names(set) == ["a/picture0.png", "b/picture0.png", "b/picture1.png"])
    let error = #expect(throws: DatasetError.self) {
      try PictureList.labelled(
        folder: folder.path, .inception(size: 4), classes: 3, names: nil)
    }
    #expect(error?.description.contains("has 2 folders") == true)
  }

  @Test func classNamesFindFoldersInAnyOrder() throws {
    let folder = try Folder()
    try folder.writeClasses("", ["n3": 1, "rose": 2])
    let json: JSON = ["0": ["n1", "rose"], "1": ["n2", "aster"], "2": ["n3", "tulip"]]
    let known = try ClassNames(json, source: "names", classes: 3)
    let set = try PictureList.labelled(
      folder: folder.path, .inception(size: 4), classes: 3, names: known
    ).set
    #expect(set.labels == [2, 0, 0])
    #expect(set.classNames == ["rose", "aster", "tulip"])
    try folder.writeClasses("", ["lily": 1])
    let error = #expect(throws: DatasetError.self) {
      try PictureList.labelled(
        folder: folder.path, .inception(size: 4), classes: 3, names: known)
    }
    #expect(error?.file == "\(folder.path)/lily")
  }
}
