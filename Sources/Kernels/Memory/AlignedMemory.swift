// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The system would not give the memory that was asked for.
public struct OutOfMemory: Error, CustomStringConvertible, Sendable {
  /// Bytes asked for; `Int.max` when even their number cannot be told.
  public let bytes: Int
  init(count: Int) { bytes = count > Int.max / 4 ? Int.max : count * 4 }
  /// One line that says how much was asked for.
  public var description: String {
    let gibibytes = (Double(bytes) / 1_073_741_824 * 100).rounded() / 100
    return "out of memory: the system refused \(bytes) bytes (\(gibibytes) GiB)"
  }
}

/// Owns zeroed floats, aligned to 64 bytes; large blocks are aligned to, and ask for, huge pages.
///
/// First touch of a page costs far more than later ones in a virtual machine, which is why the
/// system is asked for 2 MiB pages (it gives none unasked) and why memory is taken once.
public final class AlignedMemory: Sendable {
  /// The floats; valid as long as this object lives.
  public let buffer: FloatBuffer
  private let mapping: Mapping?

  private struct Mapping: @unchecked Sendable {
    let start: UnsafeMutableRawPointer
    let bytes: Int
  }

  private static let hugePage = 2 << 20

  /// Takes memory for `count` floats, all zero.
  /// - Throws: `OutOfMemory` when the system refuses, or has less in all: Linux promises more than it
  ///   has, and ends the program once the promise is called in.
  public init(count: Int) throws(OutOfMemory) {
    precondition(count >= 0, "no negative number of floats")
    guard count <= Int.max / 8 - Self.hugePage else { throw OutOfMemory(count: count) }
    let bytes = max(count * MemoryLayout<Float>.stride, 64)
    guard bytes < ProcessInfo.processInfo.physicalMemory else { throw OutOfMemory(count: count) }
    if bytes >= Self.hugePage / 2 {
      let mapped = try Self.map(bytes: bytes, count: count)
      mapping = mapped.mapping
      buffer = mapped.buffer
      return
    }
    var memory: UnsafeMutableRawPointer?
    guard posix_memalign(&memory, 64, bytes) == 0, let memory else {
      throw OutOfMemory(count: count)
    }
    memset(memory, 0, bytes)
    mapping = nil
    buffer = FloatBuffer(
      base: memory.bindMemory(to: Float.self, capacity: bytes / 4), count: count)
  }

  private static func map(
    bytes: Int, count: Int
  ) throws(OutOfMemory) -> (mapping: Mapping, buffer: FloatBuffer) {
    let total = bytes + hugePage
    let access = PROT_READ | PROT_WRITE
    guard let start = mmap(nil, total, access, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
      start != MAP_FAILED
    else { throw OutOfMemory(count: count) }
    let address = UInt(bitPattern: start)
    let offset = (UInt(hugePage) - address % UInt(hugePage)) % UInt(hugePage)
    let aligned = start + Int(offset)
    // Advice only: a system without huge pages goes on with small ones.
    madvise(aligned, bytes, MADV_HUGEPAGE)
    let floats = aligned.bindMemory(to: Float.self, capacity: count)
    return (Mapping(start: start, bytes: total), FloatBuffer(base: floats, count: count))
  }

  deinit {
    if let mapping {
      munmap(mapping.start, mapping.bytes)
    } else {
      free(buffer.base)
    }
  }
}
