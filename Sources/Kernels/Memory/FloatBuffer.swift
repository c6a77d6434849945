// SPDX-License-Identifier: Apache-2.0

import CKernels

/// A handle to 32-bit floats in memory: the only door to unsafe memory in the package. Its pointer is
/// for the package alone; what is public checks its bounds.
///
/// A buffer owns nothing; its memory belongs to an `AlignedMemory` (or to whoever made the
/// pointer) and must outlive it. Buffers may be sent between threads; who writes what and when is
/// the business of the plan that cut them.
public struct FloatBuffer: @unchecked Sendable {
  /// The first float.
  package let base: UnsafeMutablePointer<Float>
  /// How many floats there are.
  public let count: Int

  /// A handle to `count` floats at `base`.
  package init(base: UnsafeMutablePointer<Float>, count: Int) {
    precondition(count >= 0, "a buffer holds no negative number of floats")
    self.base = base
    self.count = count
  }

  /// The floats [start, start + count); it is a programming error to reach beyond this buffer.
  public func slice(_ start: Int, _ count: Int) -> FloatBuffer {
    precondition(
      start >= 0 && count >= 0 && start <= self.count - count,
      "slice [\(start), \(start) + \(count)) reaches outside \(self.count) floats")
    return FloatBuffer(base: base + start, count: count)
  }

  /// The float at `index`.
  public subscript(index: Int) -> Float {
    get {
      precondition(index >= 0 && index < count)
      return base[index]
    }
    nonmutating set {
      precondition(index >= 0 && index < count)
      base[index] = newValue
    }
  }

  /// Sets every float to `value`.
  public func fill(_ value: Float) { base.update(repeating: value, count: count) }

  /// Copies as many floats as the buffer holds; the lengths must agree.
  public func copy(from values: [Float]) {
    precondition(values.count == count, "\(values.count) values for \(count) floats")
    values.withUnsafeBufferPointer { source in
      if let first = source.baseAddress { base.update(from: first, count: count) }
    }
  }

  /// Copies another buffer of the same length; the two may overlap.
  public func copy(from other: FloatBuffer) {
    precondition(other.count == count, "\(other.count) floats for \(count)")
    base.update(from: other.base, count: count)
  }

  /// The floats as an array, copied.
  public var array: [Float] { Array(UnsafeBufferPointer(start: base, count: count)) }

  /// Whether every float is finite. One pass over memory.
  public var isFinite: Bool { ck.allFinite(base, count) != 0 }

  /// The buffer without its count, for the C loops; checks that `needed` floats are there.
  func pointer(_ needed: Int, _ name: StaticString) -> UnsafeMutablePointer<Float> {
    precondition(count >= needed, "\(name) holds \(count) floats, needs \(needed)")
    return base
  }
}
