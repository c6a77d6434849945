// SPDX-License-Identifier: Apache-2.0

import Settings

/// The block of every stage: one for all, or others in some of them.
///
/// ```json
/// "block": {"kind": "separable-conv"}, "blocks": [{"kind": "regular-conv"}, null, null]
/// ```
/// Later work found regular convolutions better in early stages, where channels are few.
/// Source: Tan and Le, "EfficientNetV2", ICML 2021, section 3.2.
struct StageBlocks: Sendable {
  /// One a stage.
  let all: [BlockDescription]

  init(_ fields: inout Fields, stages: Int) throws(SettingsError) {
    let isSaid = fields.contains("block")
    let common = try fields.block("what is compared")
    let said = try fields.list(
      "blocks", .list(.part("at.network.block")),
      "a block for every stage, or null where it is the network's block")
    guard let said else {
      all = Array(repeating: common, count: stages)
      return
    }
    guard said.count == stages else {
      throw fields.error("blocks", "must have a block or null for each of the \(stages) stages")
    }
    guard !isSaid || said.contains(.null) else {
      throw fields.error(
        "block", "is that of no stage, as blocks has one for each; leave it out, or say null there")
    }
    var all: [BlockDescription] = []
    for (stage, json) in said.enumerated() {
      guard json != .null else {
        all.append(common)
        continue
      }
      var own = try Fields(
        json, source: fields.source, path: fields.pathOf("blocks[\(stage)]"))
      all.append(try BlockDescription(&own))
      try own.finish()
    }
    self.all = all
    record(in: &fields)
  }

  /// `block` is the last stage's; `blocks` says which stages have others, if any.
  private func record(in fields: inout Fields) {
    let last = all[all.count - 1]
    fields.record("block", last.settings)
    guard all.contains(where: { $0 != last }) else { return fields.leaveOut("blocks") }
    fields.record("blocks", .array(all.map { $0 == last ? .null : $0.settings }))
  }
}
