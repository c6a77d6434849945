// SPDX-License-Identifier: Apache-2.0

import Foundation
import Pictures
import Settings
import Testing

@testable import Datasets

/// Folders as people have them: odd names, links, and what lies beside pictures.
@Suite struct FolderListingTests {
  /// The order that torchvision 0.25's `find_classes` gives these folders; names that are no UTF-8 as
  /// `FileName` writes them.
  private static let classes = [
    "01", "10", "2", "9", "A", "A\u{308}pfel2", "B", "Zebra", "_", "a", "a b", "a-b", "a_b", "ab",
    "apple", "b", "b\\x5Cx41", "back\\slash", "caf\\xC3", "caf\\xE9", "e\u{301}clair", "fig",
    "n\u{303}u", "strasse", "stra\u{DF}e", "zander", "zz", "~", "\u{C4}pfel", "\u{C9}", "\u{DF}",
    "\u{E9}", "\u{E9}clair", "\u{F1}and\u{FA}", "\u{130}stanbul", "\u{131}s\u{131}", "\u{3A9}",
    "\u{1112}\u{1161}\u{11AB}", "\u{2126}ohm", "\u{65E5}\u{672C}", "\u{D55C}\u{AD6D}",
    "\u{E000}x", "\u{F900}", "\u{FB01}sh", "\u{1F600}",
  ]

  private func make(_ name: String, in folder: Folder) {
    #expect(mkdir(FileName.bytes(of: "\(folder.path)/\(name)"), 0o777) == 0, "\(name)")
  }

  @Test func namesStandInTorchvisionsOrder() throws {
    let folder = try Folder()
    for name in Self.classes.reversed() { make(name, in: folder) }
    let found = try FolderListing(folder.path).folders
    #expect(found.map { Array($0.utf8) } == Self.classes.map { Array($0.utf8) })
  }

  @Test func everyNameComesBackFromItsText() {
    let names: [[UInt8]] = [
      Array("caf\u{E9}".utf8), [0x63, 0xE9, 0x2E], [0xFF], [0xC3], [0xE2, 0x82],
      [0xED, 0xA0, 0x80],
      Array("\\xE9".utf8), Array("\\x5CxE9".utf8), Array("\\".utf8), Array("\\xe9".utf8),
      [0xF4, 0x90, 0x80, 0x80], [0xC0, 0xAF], Array("\\x".utf8) + [0xE9],
    ]
    for name in names {
      let text = FileName.text(of: name)
      #expect(FileName.bytes(of: text).map { UInt8(bitPattern: $0) } == name + [0], "\(text)")
    }
    #expect(Set(names.map(FileName.text)).count == names.count)
    #expect(FileName.text(of: names[0]) == "caf\u{E9}" && FileName.text(of: names[1]) == "c\\xE9.")
  }

  @Test func formsThatLookAlikeAreTwoFoldersOfOneName() throws {
    let folder = try Folder()
    for name in ["e\u{301}", "\u{E9}"] { try folder.writeClasses("", [name: 1]) }
    var scan = try ClassFolders(folder.path)
    let error = #expect(throws: DatasetError.self) { try scan.classes(in: nil) }
    #expect(error?.value == "looks like another folder there, written with other code points")
    let parts = try Folder()
    try parts.writeClasses("train/", ["e\u{301}": 2, "f": 1])
    try parts.writeClasses("test/", ["\u{E9}": 1])
    scan = try ClassFolders(parts.path)
    let test = try scan.entries(in: "test", classes: scan.classes(in: "train"))
    #expect(
      test.map(\.label) == [0] && test[0].name.utf8.elementsEqual("test/\u{E9}/picture0.png".utf8))
  }

  // MARK: Links

  private func link(_ name: String, to target: String, in folder: Folder) throws {
    try FileManager.default.createSymbolicLink(
      atPath: "\(folder.path)/\(name)", withDestinationPath: target)
  }

  /// `predict` and `evaluate` see the same pictures.
  @Test func linksAreWhatTheyLeadTo() throws {
    let (store, folder) = (try Folder(), try Folder())
    try store.writeClasses("", ["x": 2, "y": 1])
    try link("a", to: "\(store.path)/x", in: folder)
    try link("b", to: "\(store.path)/y", in: folder)
    try link("whole", to: folder.path, in: store)
    for path in [folder.path, "\(store.path)/whole"] {
      let listed = try PictureList.files(at: [path]).pictures
      #expect(
        listed == ["a/picture0.png", "a/picture1.png", "b/picture0.png"].map { "\(path)/\($0)" })
      let labelled = try PictureList.labelled(
        folder: path, .inception(size: 4), classes: 2, names: nil
      ).set
      #expect(labelled.labels == [0, 0, 1])
    }
  }

  @Test(arguments: [
    ("up", "..", "is a link to a folder that it lies in"),
    ("self", "self", "is a link that leads back to itself"),
    ("lost", "nowhere", "is a link to nothing"),
  ])
  func linksThatLeadNowhereAreNamed(_ name: String, _ target: String, _ value: String) throws {
    let folder = try Folder()
    try folder.writeClasses("", ["a": 1, "b": 1])
    try link("a/\(name)", to: target, in: folder)
    let listed = #expect(throws: DatasetError.self) { try PictureList.files(at: [folder.path]) }
    #expect(listed?.value == value && listed?.file == "\(folder.path)/a/\(name)")
    let labelled = #expect(throws: DatasetError.self) {
      try PictureList.labelled(folder: folder.path, .inception(size: 4), classes: 2, names: nil)
    }
    #expect(labelled == listed)
  }

  // MARK: What lies beside pictures

  @Test func bystandersArePassedOverAndNamed() throws {
    let folder = try Folder()
    try folder.writeClasses("", ["a": 2, "license": 1])
    let beside = [
      "LICENSE.txt", "__MACOSX/._a.png", "a/Thumbs.db", "a/desktop.ini", "a/old.jfif",
      "license/readme[1].txt", "Licence",
    ]
    for name in beside { try folder.write(name, [1]) }
    let found = try PictureList.labelled(
      folder: folder.path, .inception(size: 4), classes: 2, names: nil)
    #expect(found.set.labels == [0, 0, 1])
    let names = ["LICENSE.txt", "Licence", "__MACOSX"] + beside.filter { $0.hasPrefix("a/") }
    #expect(found.passedOver == names + ["license/readme[1].txt"])
    for name in ["a/notes.csv", "a/readmes.gif", "labels.txt"] {
      try folder.write(name, [1])
      #expect(throws: DatasetError.self, "\(name)") {
        try PictureList.labelled(folder: folder.path, .inception(size: 4), classes: 2, names: nil)
      }
      try FileManager.default.removeItem(atPath: "\(folder.path)/\(name)")
    }
  }

  @Test(arguments: ["valid", "val", "validation", "dev", "Valid"])
  func theValidationSetHasManyNames(_ name: String) throws {
    let folder = try Folder()
    for part in ["Train/", "test/", "\(name)/"] { try folder.writeClasses(part, ["a": 1, "b": 1]) }
    var fields = try Fields(
      ["kind": "image-folder", "path": .string(folder.path)], source: "test", path: "data")
    var description = try DatasetDescription(&fields)
    try description.survey(directory: nil)
    #expect(description.validatedImageCount == 2 && description.trainedImageCount == 2)
    // Whatever else lies beside them is named.
    try folder.writeClasses("more/", ["a": 1])
    #expect(try description.load(directory: nil).passedOver == [])
    var again = try DatasetDescription(&fields)
    try again.survey(directory: nil)
    #expect(try again.load(directory: nil).passedOver == ["more/"])
  }
}
