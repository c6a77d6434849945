import Engine
import Foundation
import Kernels
import ModelZoo

/// `bench`: how fast a network trains or infers here, and in how much memory.
enum Bench: Command {
  enum Format: String, CaseIterable { case text, json }

  static let name = "bench"
  static let summary = "milliseconds an image, and memory, on this machine"
  static let operands = Operands(usage: "[NETWORK]", count: 0...1)
  static let options = [
    Option(name: "mode", value: "train|infer", summary: "a whole step, or forward only (train)"),
    Option(name: "batch", value: "N", summary: "images in a batch (32)"),
    Option.input, Option.classes,
    Option(name: "rounds", value: "N", summary: "measured batches (10)"),
    Option(name: "plan", summary: "print the planned buffers and measure nothing"),
    Option.format(Format.self),
  ]
  static let discussion = """
    NETWORK is a name that `continuum zoo` lists, a JSON file, or JSON that begins with {; without
    one, stack with separable convolutions. A training step is forward, loss, backward and SGD with
    momentum, on random images; two batches before the measured ones warm up.
    """
  static let examples = [
    "continuum bench stack --mode train --batch 8 --rounds 3",
    "continuum bench probe --mode infer --format json",
    "continuum bench stack --plan",
  ]
  static let computes = true

  static func run(_ arguments: Arguments, _ context: Context) throws {
    let format = try arguments.choice("format", default: Format.text)
    let mode = try arguments.choice("mode", default: Benchmark.Mode.train)
    let batch = try arguments.integer("batch", in: 1...65_536) ?? 32
    let rounds = try arguments.integer("rounds", in: 1...1_000_000) ?? 10
    let network = try NetworkArgument(arguments.operands.first ?? "stack").description
    let input = try arguments.inputShape(of: network)
    try arguments.checkBatch(batch, of: input)
    let graph = try network.graph(input: input, classes: arguments.classCount(of: network))
    if arguments.has("plan") {
      let plan = Plan(graph, mode: mode.plan, batch: batch, threads: context.threads)
      try Output.write(format == .json ? planJSON(plan).rendered : planText(plan))
      return
    }
    let benchmark = try Benchmark(graph, mode: mode, batch: batch, context: context)
    let result = benchmark.measured(rounds: rounds) { round in
      context.console.progress("bench", fraction: Double(round) / Double(rounds))
    }
    context.console.endProgress()
    try Output.write(format == .json ? json(benchmark, result).rendered : text(benchmark, result))
  }
}

// MARK: Output

extension Bench {
  private static func text(_ benchmark: Benchmark, _ result: Benchmark.Result) -> String {
    func milliseconds(_ number: Double) -> String { TextTable.fixed(number, decimals: 3) }
    let graph = benchmark.graph
    let cost = graph.cost
    let lines = [
      (
        "network",
        "\(graph.name), \(graph.inputShape), \(graph.outputShape.channels) classes"
      ),
      ("mode", "\(benchmark.mode.rawValue), batch \(benchmark.batch)"),
      ("processor", Processor.description), ("threads", "\(benchmark.threads)"),
      ("OpenBLAS", "\(Processor.openBLASVersion), \(Processor.coreName) kernels"),
      ("parameters", TextTable.grouped(cost.trainableParameters)),
      ("multiply-adds", TextTable.grouped(cost.multiplyAdds)),
      (
        "milliseconds an image",
        "\(milliseconds(result.median)) (\(milliseconds(result.minimum)) to "
          + "\(milliseconds(result.maximum)) over \(result.rounds) batches)"
      ),
      ("arena", mebibytes(benchmark.arenaBytes)), ("peak memory", mebibytes(result.peakBytes)),
    ]
    return lines.map { name, value in
      name + String(repeating: " ", count: 23 - name.count) + value + "\n"
    }.joined()
  }

  private static func json(_ benchmark: Benchmark, _ result: Benchmark.Result) -> OrderedJSON {
    .object([
      ("network", .text(benchmark.graph.name)), ("mode", .text(benchmark.mode.rawValue)),
      ("batch", .integer(benchmark.batch)), ("threads", .integer(benchmark.threads)),
      ("parameters", .integer(benchmark.graph.cost.trainableParameters)),
      ("multiplyAdds", .integer(benchmark.graph.cost.multiplyAdds)),
      (
        "millisecondsPerImage",
        .object([
          ("median", .number(result.median)), ("min", .number(result.minimum)),
          ("max", .number(result.maximum)),
        ])
      ),
      ("peakMemoryBytes", .integer(result.peakBytes)),
      ("arenaBytes", .integer(benchmark.arenaBytes)), ("rounds", .integer(result.rounds)),
      ("input", .shape(benchmark.graph.inputShape)), ("processor", .text(Processor.description)),
      (
        "openBLAS",
        .object([
          ("version", .text(Processor.openBLASVersion)), ("kernels", .text(Processor.coreName)),
        ])
      ),
    ])
  }

  private static func planText(_ plan: Plan) -> String {
    var table = TextTable(["buffer", "first step", "last step", "offset", "bytes"])
    table.rows = plan.buffers.map { buffer in
      [.text(buffer.label)]
        + [buffer.firstStep, buffer.lastStep, 4 * buffer.offset, 4 * buffer.count]
        .map(TextTable.Cell.integer)
    }
    return table.rendered(as: .text)
      + "\n\(plan.mode.rawValue), batch \(plan.batch), \(plan.threads) threads: "
      + "\(plan.buffers.count) buffers in an arena of \(TextTable.grouped(plan.arenaBytes)) bytes\n"
  }

  private static func planJSON(_ plan: Plan) -> OrderedJSON {
    let buffers = plan.buffers.map { buffer in
      OrderedJSON.object([
        ("label", .text(buffer.label)), ("firstStep", .integer(buffer.firstStep)),
        ("lastStep", .integer(buffer.lastStep)), ("offset", .integer(4 * buffer.offset)),
        ("bytes", .integer(4 * buffer.count)),
      ])
    }
    return .object([
      ("mode", .text(plan.mode.rawValue)), ("batch", .integer(plan.batch)),
      ("threads", .integer(plan.threads)), ("arenaBytes", .integer(plan.arenaBytes)),
      ("buffers", .list(buffers)),
    ])
  }

  private static func mebibytes(_ bytes: Int) -> String {
    TextTable.fixed(Double(bytes) / 1_048_576, decimals: 1) + " MiB"
  }
}
