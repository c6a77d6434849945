// SPDX-License-Identifier: Apache-2.0

import Settings
import Testing

@Suite struct FieldsTests {
  @Test func readsTypedFieldsWithDefaults() throws {
    let json = try JSON(text: "{ width: 32, /* note */ rate: 1e-3, name: 'a', }", source: "x.json")
    var fields = try Fields(json, source: "x.json")
    #expect(try fields.integer("width", default: 1, "its width") == 32)
    #expect(try fields.number("rate", default: 1, "its rate") == 1e-3)
    #expect(try fields.string("name", "its name") == "a")
    #expect(try fields.bool("residual", default: true, "whether it is"))
    try fields.finish()
  }

  @Test func unknownFieldNamesTheNearestSpelling() throws {
    var fields = try Fields(["widht": 3], source: "x.json", path: "network")
    _ = try fields.integer("width", default: 1, "its width")
    #expect {
      try fields.finish()
    } throws: { error in
      let text = "\(error)"
      return text.contains("x.json: network.widht") && text.contains("did you mean \"width\"")
    }
  }

  private static let wrongValues: [(JSON, String)] = [
    (["n": "three"], "must be a whole number"), (["n": 0], "must lie between 1 and 9"),
    (["n": 2.5], "must be a whole number"), (["n": 10], "x.json: n is 10"),
  ]

  @Test(arguments: wrongValues)
  func wrongValuesNameTheRule(_ json: JSON, _ rule: String) throws {
    var fields = try Fields(json, source: "x.json")
    #expect {
      _ = try fields.integer("n", default: 1, in: 1...9, "a number")
    } throws: { "\($0)".contains(rule) }
  }

  private static let brokenTexts = [
    ("{ width: }", "line 1, column 10; a value"),
    ("{\n  \"a\": 1\n  \"b\": 2\n}", "line 3, column 3; a comma or }"),
    ("", "line 1, column 1; a value"), ("{", "line 1, column 2; a field name or }"),
    ("[1, 2", "line 1, column 6; a comma or ]"), ("{a 1}", "line 1, column 4; a colon"),
    ("{a: 'x}", "line 1, column 5; the end of the text"),
    ("{} x", "line 1, column 4; the end of the file"),
    ("{ /* }", "line 1, column 3; the end */ of the comment"),
  ]

  @Test(arguments: brokenTexts)
  func brokenTextIsRefusedWithItsPlace(_ text: String, _ place: String) {
    let error = #expect(throws: SettingsError.self) { try JSON(text: text, source: "b.json") }
    #expect(
      error?.description.contains("b.json: is not valid JSON at \(place)") == true,
      "\(error?.description ?? "")")
  }

  private static let repeatedFields = [
    ("{a: 1, a: 2}", "a: stands a second time at line 1, column 8"),
    ("{\"a\": 1, 'a': 1}", "a: stands a second time at line 1, column 10"),
    ("{\"a\": 1, \"\\u0061\": 1}", "a: stands a second time at line 1, column 10"),
    ("{b: {},\n b: [],}", "b: stands a second time at line 2, column 2"),
    ("{t: [1, {o: {x: 1, // note\n x: 2}}]}", "t.o.x: stands a second time at line 2, column 2"),
  ]

  @Test(arguments: repeatedFields)
  func aFieldThatStandsTwiceIsRefused(_ text: String, _ message: String) {
    let error = #expect(throws: SettingsError.self) { try JSON(text: text, source: "b.json") }
    #expect(error?.description == "b.json: \(message); give it once")
  }

  @Test func theSameFieldInTwoObjectsIsNoRepetition() throws {
    let json = try JSON(text: "{a: {b: 1, c: {b: 2}}, b: [{b: 1}, {b: 2}]}", source: "b.json")
    #expect(json["a.c.b"] == 2)
  }

  @Test func knownFieldsAreListedOnce() throws {
    var fields = try Fields(["other": 3, "n": 1], source: "x.json")
    _ = try fields.integer("n", "a number")
    _ = fields.json("n", .flag, "a number")
    let error = #expect(throws: SettingsError.self) { try fields.finish() }
    #expect(error?.rule == "unknown field; known here: n")
  }

  @Test func canonicalTextSortsKeysAndJoinsEqualNumbers() throws {
    let first = try JSON(text: "{b: 1.0, a: [true, null, 'x\\n']}", source: "")
    let second = try JSON(text: "{a: [true, null, 'x\\n'], b: 1}", source: "")
    #expect(first.canonicalText == #"{"a":[true,null,"x\n"],"b":1}"#)
    #expect(first.canonicalText == second.canonicalText)
  }

  @Test func settingReplacesANestedField() {
    let json: JSON = ["training": ["epochs": 16, "rate": 0.1]]
    let changed = json.setting("training.epochs", to: 2).setting("data.lambda", to: 1)
    #expect(changed == ["training": ["epochs": 2, "rate": 0.1], "data": ["lambda": 1]])
    #expect(changed["training.epochs"] == 2)
    #expect(changed["training.none"] == nil)
  }
}
