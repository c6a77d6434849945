// SPDX-License-Identifier: Apache-2.0

import Engine
import Testing

/// Graphs that cannot be are refused with the op and the rule.
@Suite struct GraphBuilderTests {
  private static func message(
    input: Shape = Shape(height: 6, width: 5, channels: 4),
    _ body: (inout GraphBuilder) -> Value
  ) -> String {
    var graph = GraphBuilder("test", input: input)
    let output = body(&graph)
    do {
      _ = try graph.finish(output)
      return "no error"
    } catch {
      return error.description
    }
  }

  @Test func aLostValueIsAnError() {
    let message = Self.message { graph in
      let mapped = graph.conv2D(graph.input, "conv", filters: 3, kernel: 1)
      _ = graph.relu(mapped, "relu")
      return graph.conv2D(mapped, "next", filters: 3, kernel: 1)
    }
    #expect(message == "relu: its output is never used")
  }

  @Test func aNameThatStandsTwiceIsAnError() {
    let message = Self.message { graph in
      graph.scope("unit") { graph in
        let first = graph.relu(graph.input, "relu")
        return graph.relu(first, "relu")
      }
    }
    #expect(message == "unit/relu: the name stands twice in the graph")
  }

  @Test func theSameNameInAnotherScopeIsFine() throws {
    var graph = GraphBuilder("test", input: Shape(height: 6, width: 5, channels: 4))
    let first = graph.scope("unit1") { $0.relu($0.input, "relu") }
    let second = graph.scope("unit2") { $0.relu(first, "relu") }
    let names = try graph.finish(second).nodes.map(\.name)
    #expect(names == ["input", "unit1/relu", "unit2/relu"])
  }

  @Test func theFirstBrokenRuleIsTold() {
    let message = Self.message { graph in
      let mapped = graph.conv2D(graph.input, "conv", filters: 0, kernel: 1)
      return graph.slice(mapped, "slice", channels: 7..<9)
    }
    #expect(message == "conv: a segment is 4 → 0; no width may be below 1")
  }

  @Test func anEmptyInputIsAnError() {
    let message = Self.message(input: Shape(height: 6, width: 0, channels: 4)) { graph in
      graph.relu(graph.input, "relu")
    }
    #expect(message == "input: 6×0×4 must have no side below 1")
  }

  private typealias Body = (inout GraphBuilder) -> Value

  @Test func badWindowsNameOpAndRule() {
    let cases: [(Body, String)] = [
      (
        { $0.conv2D($0.input, "op", filters: 2, kernel: 7, padding: .valid) },
        "op: a valid 7×7 window is larger than its input 6×5×4"
      ),
      (
        { $0.conv2D($0.input, "op", filters: 2, kernel: 3, stride: 0) },
        "op: stride is 0; it must be at least 1"
      ),
      (
        { $0.depthwiseConv2D($0.input, "op", kernel: 0) },
        "op: the window is 0×0; no side may be below 1"
      ),
      (
        { $0.depthwiseConv2D($0.input, "op", kernel: 3, multiplier: 0) },
        "op: the depth multiplier is 0; it must be at least 1"
      ),
      (
        { $0.maxPool($0.input, "op", window: 2, stride: -1) },
        "op: stride is -1; it must be at least 1"
      ),
    ]
    for (body, message) in cases {
      #expect(Self.message(body) == message)
    }
  }

  @Test func badChannelsNameOpAndRule() {
    let cases: [(Body, String)] = [
      (
        {
          $0.segmentedConv2D(
            $0.input, "op", segments: [.init(input: 1, output: 1), .init(input: 2, output: 2)],
            kernel: 3)
        },
        "op: the segments cover 3 channels; the input has 4"
      ),
      (
        { $0.segmentedConv2D($0.input, "op", segments: [], kernel: 3) },
        "op: the segments cover 0 channels; the input has 4"
      ),
      (
        { $0.slice($0.input, "op", channels: 2..<5) },
        "op: channels 2..<5 are not within 0..<4"
      ),
      (
        { $0.slice($0.input, "op", channels: 2..<2) },
        "op: channels 2..<2 are not within 0..<4"
      ),
      ({ $0.concatenate([], "op") }, "op: nothing to concatenate"),
      ({ $0.dense($0.input, "op", units: 0) }, "op: units is 0; it must be at least 1"),
      (
        { $0.dropout($0.input, "op", rate: 1) },
        "op: the dropout rate is 1.0; it must be at least 0 and below 1"
      ),
    ]
    for (body, message) in cases {
      #expect(Self.message(body) == message)
    }
  }

  @Test func valuesOfDifferentShapesDoNotJoin() {
    let sum = Self.message { graph in
      let narrow = graph.slice(graph.input, "slice", channels: 0..<3)
      return graph.add(graph.input, narrow, "sum")
    }
    #expect(sum == "sum: cannot add 6×5×4 and 6×5×3")
    let joined = Self.message { graph in
      let small = graph.maxPool(graph.input, "pool", window: 2, stride: 2)
      return graph.concatenate([graph.input, small], "joined")
    }
    #expect(joined == "joined: cannot concatenate planes of 6×5×4 and 3×3×4")
  }
}
