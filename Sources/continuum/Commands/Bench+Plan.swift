// SPDX-License-Identifier: Apache-2.0

import Engine
import Tables

// The plan as data: what runs, and where everything lies.
extension Bench {
  static func planText(_ plan: Plan, _ graph: Graph) -> String {
    let steps = plan.profile(graph, hasLoss: plan.mode == .training)
    var work = TextTable(["step", "pass", "kind", "bytes", "multiply-adds", "absorbs"])
    work.rows = steps.map { step in
      [
        .text(step.name), .text(step.pass.rawValue), .text(step.kind), .integer(step.bytes),
        .integer(step.multiplyAdds), .text(step.absorbs.joined(separator: ", ")),
      ]
    }
    work.totals = [
      .text("\(steps.count) steps"), .empty, .empty, .integer(steps.reduce(0) { $0 + $1.bytes }),
      .integer(steps.reduce(0) { $0 + $1.multiplyAdds }), .empty,
    ]
    var buffers = TextTable(["buffer", "first step", "last step", "offset", "bytes"])
    buffers.rows = plan.buffers.map { buffer in
      [.text(buffer.label)]
        + [buffer.firstStep, buffer.lastStep, 4 * buffer.offset, 4 * buffer.count]
        .map(TextTable.Cell.integer)
    }
    return work.rendered(as: .text) + "\n" + buffers.rendered(as: .text)
      + "\n\(plan.mode.rawValue), batch \(plan.batch), \(plan.threads) threads: "
      + "\(plan.buffers.count) buffers in an arena of "
      + "\(NumberText.grouped(plan.arenaBytes)) bytes\n"
  }

  static func planJSON(_ plan: Plan, _ graph: Graph) -> JSONDocument {
    let buffers = plan.buffers.map { buffer in
      JSONDocument.object([
        ("label", .text(buffer.label)), ("firstStep", .integer(buffer.firstStep)),
        ("lastStep", .integer(buffer.lastStep)), ("offset", .integer(4 * buffer.offset)),
        ("bytes", .integer(4 * buffer.count)),
      ])
    }
    let steps = plan.profile(graph, hasLoss: plan.mode == .training).map { step in
      JSONDocument.object(fields(of: step))
    }
    return .object([
      ("mode", .text(plan.mode.rawValue)), ("batch", .integer(plan.batch)),
      ("threads", .integer(plan.threads)), ("arenaBytes", .integer(plan.arenaBytes)),
      ("steps", .list(steps)), ("buffers", .list(buffers)),
    ])
  }

  static func fields(of step: Plan.ProfiledStep) -> [(String, JSONDocument)] {
    [
      ("name", .text(step.name)), ("pass", .text(step.pass.rawValue)),
      ("kind", .text(step.kind)), ("absorbs", .texts(step.absorbs)),
      ("bytes", .integer(step.bytes)), ("multiplyAdds", .integer(step.multiplyAdds)),
    ]
  }
}
