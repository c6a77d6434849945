// SPDX-License-Identifier: Apache-2.0

import Synchronization
import Testing

@testable import Kernels

@Suite struct MemoryTests {
  @Test(arguments: [0, 1, 100, 3 << 20])
  func memoryIsZeroedAndAligned(_ count: Int) throws {
    let memory = try AlignedMemory(count: count)
    #expect(memory.buffer.count == count)
    #expect(UInt(bitPattern: memory.buffer.base) % 64 == 0)
    #expect(memory.buffer.array.allSatisfy { $0 == 0 })
    memory.buffer.fill(2)
    #expect(memory.buffer.array.reduce(0, +) == Float(2 * count))
  }

  @Test(arguments: [Int.max, Int.max / 8, 1 << 46])
  func tooMuchMemoryIsAnErrorThatSaysHowMuch(_ count: Int) {
    let error = #expect(throws: OutOfMemory.self) { try AlignedMemory(count: count) }
    #expect(error?.description.contains("out of memory") == true)
    #expect(error?.bytes == (count > Int.max / 4 ? Int.max : count * 4))
  }

  @Test func slicesShareTheirMemory() throws {
    let memory = try AlignedMemory(count: 10)
    let slice = memory.buffer.slice(3, 4)
    slice.copy(from: [1, 2, 3, 4])
    slice[1] = 7
    #expect(memory.buffer.array == [0, 0, 0, 1, 7, 3, 4, 0, 0, 0])
    memory.buffer.slice(0, 4).copy(from: slice)
    #expect(memory.buffer.array == [1, 7, 3, 4, 7, 3, 4, 0, 0, 0])
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity, .signalingNaN])
  func whatIsNotFiniteIsNoticedAnywhere(_ value: Float) throws {
    let memory = try AlignedMemory(count: 67)
    memory.buffer.fill(.greatestFiniteMagnitude)
    #expect(memory.buffer.isFinite)
    for position in [0, 31, 64, 66] {
      memory.buffer[position] = value
      #expect(!memory.buffer.isFinite)
      memory.buffer[position] = -.leastNonzeroMagnitude
    }
    #expect(memory.buffer.isFinite)
  }
}

@Suite struct ThreadPoolTests {
  @Test(arguments: [1, 2, 3, 8], [0, 1, 2, 5, 1_000])
  func everyTileRunsOnceOnAWorkerOfItsOwn(_ threads: Int, tiles: Int) {
    let runs = Mutex([Int](repeating: 0, count: tiles))
    let busy = Mutex([Bool](repeating: false, count: threads))
    let collisions = Mutex(0)
    ThreadPool(threads: threads).forEachTile(tiles) { tile, worker in
      let taken = busy.withLock { busy in
        defer { busy[worker] = true }
        return busy[worker]
      }
      if taken { collisions.withLock { $0 += 1 } }
      runs.withLock { $0[tile] += 1 }
      busy.withLock { $0[worker] = false }
    }
    #expect(runs.withLock { $0 } == [Int](repeating: 1, count: tiles))
    #expect(collisions.withLock { $0 } == 0)
  }

  @Test func rangesCoverEverythingOnce() {
    let seen = Mutex([Int](repeating: 0, count: 103))
    ThreadPool(threads: 2).forEachRange(103, length: 10) { start, count in
      seen.withLock { seen in
        for index in start..<start + count { seen[index] += 1 }
      }
    }
    #expect(seen.withLock { $0 } == [Int](repeating: 1, count: 103))
  }
}

@Suite struct WindowGeometryTests {
  @Test(arguments: [
    (5, 3, 1, 5, 1), (5, 3, 2, 3, 1), (6, 3, 2, 3, 0), (6, 2, 1, 6, 0), (7, 7, 2, 4, 3),
    (299, 3, 2, 150, 1), (2, 5, 1, 2, 2), (1, 3, 2, 1, 1), (4, 1, 2, 2, 0),
  ])
  func samePaddingPutsTheOddPixelAtTheEnd(
    _ input: Int, _ kernel: Int, _ stride: Int, _ output: Int, _ before: Int
  ) {
    let geometry = WindowGeometry(
      batch: 1, inputHeight: input, inputWidth: input + 20, inputChannels: 1,
      kernelHeight: kernel, kernelWidth: 1, stride: stride, padding: .same)
    #expect(geometry.outputHeight == output)
    #expect(geometry.padTop == before)
    #expect(geometry.outputWidth == (input + 20 + stride - 1) / stride)
    #expect(geometry.padLeft == 0)
  }

  @Test func validWindowsLieInside() {
    #expect(WindowGeometry.outputLength(299, kernel: 3, stride: 2, padding: .valid) == 149)
    #expect(WindowGeometry.outputLength(5, kernel: 5, stride: 2, padding: .valid) == 1)
    #expect(WindowGeometry.outputLength(4, kernel: 5, stride: 1, padding: .valid) == 0)
    #expect(WindowGeometry.outputLength(6, kernel: 5, stride: 1, padding: .valid) == 2)
  }
}

@Suite struct ProcessorTests {
  @Test func libraryAndProcessorHaveNames() {
    #expect(!Processor.coreName.isEmpty)
    #expect(Processor.openBLASVersion.split(separator: ".").count >= 2)
    #expect(!Processor.description.isEmpty)
  }

  @Test(arguments: [
    ("Haswell", "AVX-512", "SkylakeX"), ("Zen", "AVX-512", "SkylakeX"),
    ("Prescott", "AVX-512", "SkylakeX"), ("SkylakeX", "AVX-512", nil),
    ("Cooperlake", "AVX-512", nil), ("Haswell", "AVX2", nil), ("Zen", "AVX2", nil),
    ("Prescott", "AVX2", "Haswell"), ("SkylakeX", "AVX2", "Haswell"),
    ("Prescott", "portable", nil), ("neoversen1", "NEON", nil),
  ])
  func openBLASGetsTheKernelsOfTheLevel(_ core: String, _ level: String, _ better: String?) {
    #expect(Processor.betterCore(than: core, level: level) == better)
  }

  @Test func levelsAreFoundHoweverTheyAreWritten() {
    #expect(Level.named("PORTABLE")?.name == "portable")
    #expect(Level.named("avx-9") == nil)
    #expect(Level.available.last?.name == "portable")
    for level in Level.available { #expect(Level.named(level.name)?.name == level.name) }
    #expect(
      UnknownLevel(name: "avx9").description.hasPrefix("environment: CONTINUUM_LEVEL is \"avx9\""))
  }
}
