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
    #expect(keras.label(of: "n01443537") == 1)
    #expect(keras.label(of: "tench") == 0)
    #expect(keras.label(of: "shark") == nil)
    let plain = try names(#"["aster", "rose"]"#)
    #expect(plain.names == ["aster", "rose"] && plain.identifiers == plain.names)
  }

  /// ImageNet has two classes called crane and two called maillot; their identifiers differ.
  @Test func namesMayStandTwiceWhereIdentifiersDiffer() throws {
    let cranes = try names(#"{"0": ["n02012849", "crane"], "1": ["n03126707", "crane"]}"#)
    #expect(cranes.names == ["crane", "crane"])
    #expect(cranes.label(of: "n03126707") == 1)
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
  ])
  func otherFormsAreRefused(_ text: String, _ field: String, _ rule: String) {
    let error = #expect(throws: SettingsError.self) { try names(text) }
    #expect(error?.source == "names.json")
    #expect(error?.field == field)
    #expect(error?.rule.contains(rule) == true, "\(error?.description ?? "")")
  }
}
