// SPDX-License-Identifier: Apache-2.0

import Kernels
import RandomStreams
import TestSupport
import Testing

@Suite struct ConvolutionTests {
  private let memory = TestMemory()
  private static let cases =
    ConvolutionCase.windows + ConvolutionCase.channels + ConvolutionCase.sizes
    + ConvolutionCase.blocks

  @Test(arguments: Self.cases)
  func forwardEqualsItsTwinExactly(_ test: ConvolutionCase) throws {
    let kernel = test.kernel
    let x: [Float] = IntegerData.values(test.inputCount, salt: 1)
    let weights: [Float] = IntegerData.values(kernel.kernelCount, salt: 2)
    let bias: [Float] = IntegerData.values(test.outputs, salt: 3)
    for bias in [nil, bias] {
      let y = try memory.poisoned(test.outputCount)
      let scratch = try memory.poisoned(kernel.scratchCount(threads: 2))
      let biasMemory = try bias.map { try memory.holding($0) }
      kernel.forward(
        x: try memory.holding(x), kernel: try memory.holding(weights), bias: biasMemory,
        y: y, scratch: scratch, pool: ThreadPool(threads: 2))
      let expected = Reference.convolution(
        x, kernel: weights, bias: bias, geometry: test.geometry, outputChannels: test.outputs,
        segments: test.channelSegments)
      #expect(expected.count == test.outputCount)
      #expect(y.array == expected)
    }
  }

  /// A kernel packed once, its outputs scaled, biased and rectified, for several batches.
  @Test(arguments: Self.cases)
  func packedForwardEqualsItsTwinExactly(_ test: ConvolutionCase) throws {
    let kernel = test.kernel
    let x: [Float] = IntegerData.values(test.inputCount, salt: 1)
    let weights: [Float] = IntegerData.values(kernel.kernelCount, salt: 2)
    let scale: [Float] = IntegerData.values(test.outputs, salt: 3, bound: 3)
    let bias: [Float] = IntegerData.values(test.outputs, salt: 4)
    let pool = ThreadPool(threads: 2)
    let input = try memory.holding(x)
    let packed = try memory.poisoned(kernel.packedCount)
    let y = try memory.poisoned(test.outputCount)
    let sums = Reference.convolution(
      x, kernel: weights, bias: nil, geometry: test.geometry, outputChannels: test.outputs,
      segments: test.channelSegments)
    for (scale, bias) in [(nil, bias), (scale, bias), (scale, nil)] {
      packed.fill(.nan)
      kernel.pack(
        try memory.holding(weights), scale: try scale.map { try memory.holding($0) },
        bias: try bias.map { try memory.holding($0) }, into: packed, pool: pool)
      let expected = sums.enumerated().map { index, sum in
        sum * (scale?[index % test.outputs] ?? 1) + (bias?[index % test.outputs] ?? 0)
      }
      for isRectified in [false, true] {
        y.fill(.nan)
        let scratch = try memory.poisoned(kernel.packedScratchCount(threads: 2))
        kernel.forward(
          x: InputView(input), packed: packed, activation: isRectified ? .relu : nil, y: y,
          scratch: scratch,
          pool: pool)
        #expect(y.array == (isRectified ? Reference.relu(expected) : expected))
      }
    }
  }

  /// What lies in memory is added before the rectifier.
  @Test(arguments: Self.cases)
  func packedForwardAddsExactly(_ test: ConvolutionCase) throws {
    let kernel = test.kernel
    guard kernel.adds else { return }
    let x: [Float] = IntegerData.values(test.inputCount, salt: 1)
    let weights: [Float] = IntegerData.values(kernel.kernelCount, salt: 2)
    let bias: [Float] = IntegerData.values(test.outputs, salt: 4)
    let addend: [Float] = IntegerData.values(test.outputCount, salt: 5)
    let pool = ThreadPool(threads: 2)
    let packed = try memory.poisoned(kernel.packedCount)
    kernel.pack(
      try memory.holding(weights), bias: try memory.holding(bias), into: packed, pool: pool)
    let sums = Reference.convolution(
      x, kernel: weights, bias: bias, geometry: test.geometry, outputChannels: test.outputs,
      segments: test.channelSegments)
    let expected = zip(sums, addend).map { $0 + $1 }
    for isRectified in [false, true] {
      let y = try memory.poisoned(test.outputCount)
      kernel.forward(
        x: InputView(try memory.holding(x)), packed: packed, addend: try memory.holding(addend),
        activation: isRectified ? .relu : nil, y: y,
        scratch: try memory.poisoned(kernel.packedScratchCount(threads: 2)), pool: pool)
      #expect(y.array == (isRectified ? Reference.relu(expected) : expected))
    }
  }

  @Test func directConvolutionsAdd() {
    #expect(ConvolutionCase(kernelHeight: 1, kernelWidth: 1, segments: [(70, 20)]).kernel.adds)
    #expect(ConvolutionCase(stride: 2, segments: [(40, 40)]).kernel.adds)
    #expect(!ConvolutionCase(height: 20, width: 20, segments: [(64, 64)]).kernel.adds)
    #expect(!ConvolutionCase(segments: ConvolutionCase.equal(5, 4)).kernel.adds)
  }

  /// A rectifier must not hide that a run has failed.
  @Test(arguments: [
    [(3, 5)], ConvolutionCase.equal(20, 1), ConvolutionCase.equal(5, 4),
    ConvolutionCase.equal(7, 3),
  ])
  func aNaNStaysWhereNumbersAreRectified(_ segments: [(inputs: Int, outputs: Int)]) throws {
    let test = ConvolutionCase(segments: segments)
    let kernel = test.kernel
    var x: [Float] = IntegerData.values(test.inputCount, salt: 8)
    x[17] = .nan
    let packed = try memory.poisoned(kernel.packedCount)
    let pool = ThreadPool(threads: 1)
    kernel.pack(
      try memory.holding([Float](repeating: -1, count: kernel.kernelCount)), bias: nil,
      into: packed, pool: pool)
    let y = try memory.poisoned(test.outputCount)
    kernel.forward(
      x: InputView(try memory.holding(x)), packed: packed, activation: .relu, y: y,
      scratch: try memory.poisoned(kernel.packedScratchCount(threads: 1)), pool: pool)
    #expect(!y.isFinite)
    #expect(y.array.allSatisfy { $0.isNaN || $0 >= 0 })
    #expect(y.array.contains { !$0.isNaN })
  }

  @Test(arguments: Self.cases)
  func gradientsEqualTheirTwinsExactly(_ test: ConvolutionCase) throws {
    let kernel = test.kernel
    let x: [Float] = IntegerData.values(test.inputCount, salt: 4)
    let weights: [Float] = IntegerData.values(kernel.kernelCount, salt: 5)
    let dy: [Float] = IntegerData.values(test.outputCount, salt: 6)
    let expected = Reference.convolutionGradients(
      x: x, kernel: weights, dy: dy, geometry: test.geometry, outputChannels: test.outputs,
      segments: test.channelSegments)
    let pool = ThreadPool(threads: 2)
    let scratch = try memory.poisoned(kernel.scratchCount(threads: 2))
    let gradient = try memory.holding(dy)
    let weightMemory = try memory.holding(weights)
    let dx = try memory.poisoned(x.count)
    kernel.inputGradient(
      dy: gradient, kernel: weightMemory, dx: dx, accumulate: false,
      scratch: scratch, pool: pool)
    #expect(dx.array == expected.dx)
    dx.copy(from: x)
    kernel.inputGradient(
      dy: gradient, kernel: weightMemory, dx: dx, accumulate: true,
      scratch: scratch, pool: pool)
    #expect(dx.array == zip(x, expected.dx).map(+))
    let dKernel = try memory.poisoned(weights.count)
    kernel.kernelGradient(
      x: try memory.holding(x), dy: gradient, dKernel: dKernel, scratch: scratch,
      pool: pool)
    #expect(dKernel.array == expected.dKernel)
    for accumulate in [false, true] {
      dKernel.fill(.nan)
      dx.copy(from: x)
      kernel.gradients(
        x: InputView(try memory.holding(x)), dy: GradientView(gradient), kernel: weightMemory,
        dKernel: dKernel, dx: GradientTarget(dx, accumulate: accumulate), scratch: scratch,
        pool: pool)
      #expect(dKernel.array == expected.dKernel)
      #expect(dx.array == (accumulate ? zip(x, expected.dx).map(+) : expected.dx))
    }
  }

  @Test(arguments: ConvolutionCase.sizes + ConvolutionCase.blocks)
  func anyNumberOfThreadsGivesTheSameBits(_ test: ConvolutionCase) throws {
    var random = RandomStream(seed: 7, "convolution")
    let kernel = test.kernel
    let x = try memory.holding((0..<test.inputCount).map { _ in random.normal() })
    let weights = try memory.holding((0..<kernel.kernelCount).map { _ in random.normal() })
    let dy = try memory.holding((0..<test.outputCount).map { _ in random.normal() })
    let results = try [1, 2, 3].map { threads in
      let pool = ThreadPool(threads: threads)
      let scratch = try memory.poisoned(kernel.scratchCount(threads: threads))
      let y = try memory.poisoned(test.outputCount)
      let dx = try memory.poisoned(test.inputCount)
      let dKernel = try memory.poisoned(kernel.kernelCount)
      kernel.forward(
        x: x, kernel: weights, bias: nil, y: y, scratch: scratch,
        pool: pool)
      kernel.inputGradient(
        dy: dy, kernel: weights, dx: dx, accumulate: false,
        scratch: scratch, pool: pool)
      kernel.kernelGradient(
        x: x, dy: dy, dKernel: dKernel, scratch: scratch, pool: pool)
      return [y, dx, dKernel].map { bits($0.array) }
    }
    #expect(results[0] == results[1])
    #expect(results[0] == results[2])
  }

  /// Tiles, blocks and chunks hang on the batch; what threads need for them never shrinks with it.
  @Test(arguments: [1, 3], [1, 16])
  func largerBatchesTakeNoLessScratch(kernel: Int, threads: Int) {
    let counts = (1...60).map { batch in
      ConvolutionCase(
        batch: batch, height: 12, width: 12, kernelHeight: kernel, kernelWidth: kernel,
        segments: [(512, 512)]
      ).kernel.scratchCount(threads: threads)
    }
    #expect(counts == counts.sorted())
  }

  @Test func aNaNInTheInputIsSeenInTheOutput() throws {
    let test = ConvolutionCase(segments: [(3, 5)])
    var x: [Float] = IntegerData.values(test.inputCount, salt: 8)
    x[17] = .nan
    let kernel = test.kernel
    let y = try memory.poisoned(test.outputCount)
    let scratch = try memory.poisoned(kernel.scratchCount(threads: 1))
    kernel.forward(
      x: try memory.holding(x),
      kernel: try memory.holding([Float](repeating: 1, count: kernel.kernelCount)), bias: nil,
      y: y, scratch: scratch, pool: ThreadPool(threads: 1))
    #expect(!y.isFinite)
    #expect(y.array.contains { !$0.isNaN })
    #expect(y.array != y.array)
    #expect(largestError(y.array, y.array.map(Double.init)) == .infinity)
  }
}
