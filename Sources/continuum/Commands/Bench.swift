// SPDX-License-Identifier: Apache-2.0

import Engine
import Foundation
import Kernels
import ModelZoo
import Tables

/// `bench`: how fast a network trains or infers here, and in how much memory.
enum Bench: Command {
  enum Format: String, CaseIterable { case text, json }

  static let name = "bench"
  static let summary = "milliseconds an image, and memory, on this machine"
  static let operands = Operands(usage: "[NETWORK]", count: 0...1)
  enum Flags {
    static let mode = Flag("mode", default: Benchmark.Mode.train, "a whole step, or forward only")
    static let batch = Flag("batch", default: 32, in: 1 ... .max, "images in a batch")
    static let rounds = Flag("rounds", default: 10, in: 1...1_000_000, "measured batches")
    static let plan = Flag("plan", "print the planned steps and buffers and measure nothing")
    static let profile = Flag("profile", "measure every step of the plan by itself")
    static let plain = Flag("plain", "run every op by itself, without fusion or folding")
    static let format = CommonFlags.format(default: Format.text)
  }
  static let flags: [any AnyFlag] = [
    Flags.mode, Flags.batch, CommonFlags.input, CommonFlags.classes, Flags.rounds, Flags.plan,
    Flags.profile, Flags.plain, Flags.format,
  ]
  static let discussion = """
    NETWORK is a name that `continuum zoo` lists, a JSON file, or JSON that begins with {; without
    one, stack with separable convolutions. A training step is forward, loss, backward and SGD with
    momentum, on random images; two batches before the measured ones warm up. Behind every third a
    matrix product of OpenBLAS is measured, so that the share of what the machine can do is known;
    multiply-adds that Winograd's algorithm saves count as done, and the share may exceed 100 %.
    With --profile every step of the plan is measured by itself: its time, the bytes that it must
    at least read and write, and twice its multiply-adds a second, where those of what a step makes
    again for others do not count.
    """
  static let examples = [
    "continuum bench stack --mode train --batch 8 --rounds 3",
    "continuum bench probe --mode infer --format json",
    "continuum bench stack --profile --batch 8 --rounds 3",
    "continuum bench stack --plan",
  ]
  static let computes = true

  static func run(_ arguments: Arguments, _ context: Context) throws {
    let format = try arguments[Flags.format]
    let mode = try arguments[Flags.mode]
    let batch = try arguments[Flags.batch]
    let rounds = try arguments[Flags.rounds]
    let network = try NetworkArgument(arguments.operands.first ?? "stack")
    let input = try arguments.inputShape(of: network.description)
    let graph = try network.graph(
      input: input, classes: arguments.classCount(of: network.description))
    if mode == .train { try graph.checkBatchStatistics(batch: batch) }
    let fuses = !arguments.has(Flags.plain)
    guard !(arguments.has(Flags.plan) && arguments.has(Flags.profile)) else {
      throw CommandError.refused("--profile measures and --plan does not; give one of them")
    }
    if arguments.has(Flags.plan) {
      try arguments.checkBatch(batch, Flags.batch, of: input)
      let running = mode.graph(graph, fuses: fuses, batch: batch)
      let plan = Plan(
        running, mode: mode.plan, batch: batch, threads: context.threads, fuses: fuses)
      try Output.write(
        format == .json ? planJSON(plan, running).rendered : planText(plan, running))
      return
    }
    try Benchmark.checkMemory(graph, mode: mode, batch: batch, fuses: fuses, context)
    try arguments.checkBatch(batch, Flags.batch, of: input)
    let benchmark = try Benchmark(graph, mode: mode, batch: batch, fuses: fuses, context: context)
    func report(_ round: Int) {
      context.console.progress("bench", fraction: Double(round) / Double(rounds))
    }
    if arguments.has(Flags.profile) {
      let profile = Profile(benchmark, seconds: benchmark.profiled(rounds: rounds, report: report))
      context.console.endProgress()
      try Output.write(format == .json ? profile.json.rendered : profile.text)
      return
    }
    let result = try benchmark.measured(rounds: rounds, report: report)
    context.console.endProgress()
    try Output.write(format == .json ? json(benchmark, result).rendered : text(benchmark, result))
  }
}

// MARK: Output

extension Bench {
  private static func text(_ benchmark: Benchmark, _ result: Benchmark.Result) -> String {
    func milliseconds(_ number: Double) -> String { NumberText.fixed(number, decimals: 3) }
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
      ("parameters", NumberText.grouped(cost.trainableParameters)),
      ("multiply-adds", NumberText.grouped(cost.multiplyAdds)),
      (
        "milliseconds an image",
        "\(milliseconds(result.median)) (\(milliseconds(result.minimum)) to "
          + "\(milliseconds(result.maximum)) over \(result.rounds) batches)"
      ),
      (
        "images a second", NumberText.fixed(1000 / result.median, decimals: 1)
      ),
      (
        "share of products",
        NumberText.fixed(
          100 * result.shareOfProducts(multiplyAdds: benchmark.multiplyAdds), decimals: 1)
          + " % of \(NumberText.fixed(2 * result.productRate / 1e9, decimals: 0)) GFLOP/s"
      ),
      ("arena", mebibytes(benchmark.arenaBytes)), ("peak memory", mebibytes(result.peakBytes)),
    ]
    return lines.map { name, value in
      name + String(repeating: " ", count: 23 - name.count) + value + "\n"
    }.joined()
  }

  private static func json(_ benchmark: Benchmark, _ result: Benchmark.Result) -> JSONDocument {
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
      ("imagesPerSecond", .number(1000 / result.median)),
      ("productGigaflops", .number(2 * result.productRate / 1e9)),
      (
        "shareOfProducts",
        .number(result.shareOfProducts(multiplyAdds: benchmark.multiplyAdds))
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

  static func mebibytes(_ bytes: Int) -> String {
    NumberText.fixed(Double(bytes) / 1_048_576, decimals: 1) + " MiB"
  }
}
