// SPDX-License-Identifier: Apache-2.0

import Settings
import Testing

@testable import Datasets

@Suite struct ClassNamesTests {
  private func names(_ text: String, classes: Int = 2) throws -> ClassNames {
    try ClassNames(JSON(text: text, source: "names.json"), source: "names.json", classes: classes)
  }

  @Test func kerasIndexAndPlainListsAreRead() throws {
    let keras = try names(#"{"1": ["n01443537", "goldfish"], "0": ["n01440764", "tench"]}"#)
    #expect(keras.names == ["tench", "goldfish"])
    #expect(keras.identifiers == ["n01440764", "n01443537"])
    #expect(try keras.label(ofFolder: "n01443537", in: "set") == 1)
    #expect(try keras.label(ofFolder: "tench", in: "set") == 0)
    #expect(throws: DatasetError.self) { try keras.label(ofFolder: "shark", in: "set") }
    let plain = try names(#"["aster", "rose"]"#)
    #expect(plain.names == ["aster", "rose"] && plain.identifiers == plain.names)
  }

  /// ImageNet has two classes called crane and two called maillot; their identifiers differ.
  @Test func namesMayStandTwiceWhereIdentifiersDiffer() throws {
    let cranes = try names(#"{"0": ["n02012849", "crane"], "1": ["n03126707", "crane"]}"#)
    #expect(cranes.names == ["crane", "crane"])
    #expect(try cranes.label(ofFolder: "n03126707", in: "set") == 1)
    let error = #expect(throws: DatasetError.self) {
      try cranes.label(ofFolder: "crane", in: "set")
    }
    #expect(
      error?.description
        == "set/crane: is the name of 2 classes, n02012849 and n03126707; "
        + "must be called by the identifier of the one that is meant")
  }

  /// Of generators, of other tools' settings, and of people.
  @Test(arguments: [
    #"{"rose": 1, "aster": 0}"#, #"{"0": "aster", "1": "rose"}"#, #" ["aster", "rose"]"#,
    "aster\nrose\n", "aster\r\nrose", "aster\nrose\n\n",
  ])
  func otherListsAreRead(_ text: String) throws {
    let folder = try Folder()
    let file = try folder.write("names", Array(text.utf8))
    let read = try ClassNames(file: file, classes: 2)
    #expect(read.names == ["aster", "rose"] && read.identifiers == read.names)
  }

  @Test func numbersMayBeNames() throws {
    #expect(try names(#"{"0": 1, "1": 0}"#).names == ["1", "0"])
  }

  @Test(arguments: [
    (#"{"0": ["a", "b"]}"#, "", "names 1 classes; the network has 2"),
    (#"{"0": ["a", "b"], "2": ["c", "d"]}"#, "1", "is missing"),
    (#"{"0": ["a", "b"], "1": ["c"]}"#, "1", "[identifier, name]"),
    (#"{"0": ["a", "b"], "1": ["c", 3]}"#, "1", "[identifier, name]"),
    (#"{"0": ["a", "b"], "1": "c"}"#, "1", "[identifier, name]"),
    (#"{"0": ["a", "b"], "1": ["a", "d"]}"#, "", "\"a\" twice"),
    (#"["a", 4]"#, "1", "must be a class's name"), (#"["a", "a"]"#, "", "\"a\" twice"),
    (#"["a"]"#, "", "names 1 classes"), ("7", "", "or a list of names"),
    (#"["a", ""]"#, "1", "must be a class's name"),
    (#"{"a": 0, "b": 2}"#, "b", "from 0 to 1"), (#"{"a": 0, "b": 0}"#, "b", "number of \"a\""),
    (#"{"a": 0, "b": "1"}"#, "b", "from 0 to 1"), (#"{"a": 0.5, "b": 1}"#, "a", "from 0 to 1"),
    (#"{"0": "a", "1": ["b", "c"]}"#, "1", "must be a class's name"),
  ])
  func otherFormsAreRefused(_ text: String, _ field: String, _ rule: String) {
    let error = #expect(throws: SettingsError.self) { try names(text) }
    #expect(error?.source == "names.json")
    #expect(error?.field == field)
    #expect(error?.rule.contains(rule) == true, "\(error?.description ?? "")")
  }
}
