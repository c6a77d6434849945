// SPDX-License-Identifier: Apache-2.0

import Settings
import Testing

@testable import ExperimentRunner

/// Whatever differs between two points, their names differ.
@Suite struct PointNamesTests {
  private static let form = ExperimentForm()

  /// Some values that a field allows.
  private static func values(_ field: ObjectForm.Field) -> [JSON] {
    switch field.declaration.form {
    case .integer(let range): [1, 2, 3, 4, 8].filter(range.contains).map(JSON.integer)
    case .number(let range):
      [range.lowerBound, 0.05, 0.5, 2].filter(range.contains).map(JSON.number)
    case .flag: [false, true]
    case .choice(let names): names.map(JSON.string)
    case .integers, .distinctIntegers: [[4, 4], [2, 6], [8], [8, 12, 20], [8, 20, 40]]
    // Blocks of stages.
    case .list:
      [[["kind": "regular-conv"], .null, .null], [.null, ["kind": "regular-conv"], .null]]
    case .numbers, .text, .object, .either, .part: []
    }
  }

  /// Every value of every option of an object, one at a time, over what is small.
  private static func variants(_ base: JSON, _ fields: [ObjectForm.Field], at path: String)
    -> [JSON]
  {
    fields.flatMap { field in
      let name = field.declaration.name
      return values(field).map { base.setting(path.isEmpty ? name : "\(path).\(name)", to: $0) }
    }
  }

  /// Every option of every network and of every block, one at a time.
  private static func networks() throws -> [JSON] {
    let network = try #require(form.sections.first { $0.name == "network" }).form
    var networks: [JSON] = []
    for one in try #require(network.choices.first).cases {
      var base: JSON = ["network": .string(one.value)]
      for (name, value) in [("width", JSON.integer(8)), ("widthMultiplier", 0.02), ("small", true)]
      where one.fields.contains(where: { $0.declaration.name == name }) {
        base = base.setting(name, to: value)
      }
      networks += [base] + variants(base, network.fields + one.fields, at: "")
      guard one.value == "probe" || one.value == "stack",
        let block = one.fields.first(where: { $0.declaration.name == "block" })?.object
      else { continue }
      for kind in try #require(block.choices.first).cases {
        let own = base.setting("block.kind", to: .string(kind.value))
        networks += [own] + variants(own, block.fields + kind.fields, at: "block")
      }
    }
    return Array(Set(networks))
  }

  private static func canBeRun(_ network: JSON) throws -> Bool {
    let experiment = try experiment([network])
    return (try? experiment.runs()) != nil
  }

  private static func experiment(_ networks: [JSON]) throws -> Experiment {
    try Experiment(
      [
        "data": ["kind": "coupling", "size": 32, "channels": 4, "classes": 4, "train": 64],
        "network": "probe", "training": ["batch": 16],
        "vary": ["network": .array(networks)],
      ], name: "all", source: "test")
  }

  @Test func everyOptionOfEveryNetworkTellsPointsApart() throws {
    let networks = try Self.networks().filter(Self.canBeRun)
    #expect(networks.count > 250)
    let plan = try Self.experiment(networks).plan()
    #expect(plan.runs.count > 200)
    #expect(Set(plan.runs.map(\.id)).count == plan.runs.count)
    #expect(Set(plan.runs.map(\.point)).count == plan.runs.count)
    // None is left out because its values could not be run.
    let declared = try Self.declaredOptions()
    #expect(declared.count > 90)
    for (kind, option) in declared {
      #expect(
        networks.contains { network in
          network[option] != nil && kind.allSatisfy { network[$0.key] == .string($0.value) }
        }, "\(option) of \(kind.values.sorted())")
    }
  }

  /// Every option that a file can say of a network or block, with the network or block.
  private static func declaredOptions() throws -> [(kind: [String: String], option: String)] {
    let network = try #require(form.sections.first { $0.name == "network" }).form
    var declared: [(kind: [String: String], option: String)] = []
    for one in try #require(network.choices.first).cases {
      for field in network.fields + one.fields where !values(field).isEmpty {
        declared.append((["network": one.value], field.declaration.name))
      }
      guard one.value == "probe",
        let block = one.fields.first(where: { $0.declaration.name == "block" })?.object
      else { continue }
      for kind in try #require(block.choices.first).cases {
        for field in block.fields + kind.fields {
          declared.append((["block.kind": kind.value], "block.\(field.declaration.name)"))
        }
      }
    }
    return declared
  }

  @Test func everyOptionOfTrainingTellsPointsApart() throws {
    let training = try #require(Self.form.sections.first { $0.name == "training" }).form
    var points = Self.variants([:], training.fields, at: "")
    for part in training.fields {
      guard let object = part.object else { continue }
      for kind in try #require(object.choices.first).cases {
        let base = JSON.null.setting("\(part.declaration.name).kind", to: .string(kind.value))
        points += [base]
        points += Self.variants(base, object.fields + kind.fields, at: part.declaration.name)
      }
    }
    let experiment = try ExperimentText.experiment(overrides: [
      "vary.training=[\(points.map(\.canonicalText).joined(separator: ","))]",
      #"data={"kind": "cifar-10"}"#,
    ])
    let plan = try experiment.plan()
    #expect(plan.runs.count > 40)
    #expect(Set(plan.runs.map(\.point)).count == plan.runs.count)
  }

  /// What the file, the command line, `vary` and a budget said, and what nobody did.
  @Test func everySettingTellsWhereItComesFrom() throws {
    let experiment = try ExperimentText.experiment(overrides: [
      "training.epochs=2", "vary.data.lambda=[0.5]", "network.width=null",
      #"budget={"target": 400}"#,
    ])
    let run = try #require(experiment.runs().first)
    let settings = experiment.settings(of: run)
    func origin(_ path: String) -> ResolvedSetting.Origin? {
      settings.first { $0.path == path }?.origin
    }
    #expect(origin("training.batch") == .file)
    #expect(origin("training.epochs") == .set)
    #expect(origin("data.lambda") == .setVary)
    #expect(origin("network.width") == .budget)
    #expect(origin("training.weightDecay") == .default)
    #expect(settings.first { $0.path == "network.width" }?.value == run.network.settings["width"])
    // Whatever the configuration has is listed.
    let configuration = try JSON(text: run.configuration, source: "")
    let listed = Set(settings.map(\.path))
    for path in configuration.leaves.keys where path != "seed" {
      #expect(listed.contains(path), "\(path)")
    }
  }

  /// What stands under `vary` is the file's or the command line's, factor by factor and arm by arm.
  @Test func whatVariesIsToldFromWhatIsSetToVary() throws {
    func origin(_ path: String, _ vary: JSON, _ overrides: String...) throws
      -> ResolvedSetting.Origin?
    {
      let json = try JSON(text: ExperimentText.base, source: "").setting("vary", to: vary)
      let experiment = try ExperimentText.experiment(json.canonicalText, overrides: overrides)
      let run = try #require(experiment.runs().first)
      return experiment.settings(of: run).first { $0.path == path }?.origin
    }
    let factor: JSON = ["network.width": [4, 8]]
    #expect(try origin("network.width", factor) == .vary)
    #expect(try origin("network.width", factor, "vary.data.lambda=[0]") == .vary)
    #expect(try origin("data.lambda", factor, "vary.data.lambda=[0]") == .setVary)
    #expect(try origin("network.width", factor, "vary.network.width=[2]") == .setVary)
    #expect(try origin("network.width", factor, #"vary={"network.width": [2]}"#) == .setVary)
    let arms: JSON = [["network.block": ["kind": "regular-conv"]]]
    let kernel = "vary.network.block.kernel=[5]"
    #expect(try origin("network.block.kind", arms) == .vary)
    #expect(try origin("network.block.kind", arms, kernel) == .vary)
    #expect(try origin("network.block.kernel", arms, kernel) == .setVary)
    #expect(
      try origin("network.width", arms, #"vary.arms=[{"network.width": 2}]"#) == .setVary)
  }
}
