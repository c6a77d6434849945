// SPDX-License-Identifier: Apache-2.0

/// Where the pieces of a pass's working memory lie: what is reserved counts what the pass needs, and
/// says where its pointers begin.
struct ScratchLayout {
  /// Floats of all pieces.
  private(set) var count = 0

  /// A piece of so many floats, on a cache line: where it begins.
  mutating func reserve(_ floats: Int) -> Int {
    defer { count += aligned(floats) }
    return count
  }

  /// A piece for each of several threads, laid out alike: where the first begins, and how far they lie
  /// apart.
  mutating func reserve(_ piece: Int, for threads: Int) -> Pieces {
    let pieces = Pieces(start: count, stride: aligned(piece))
    count += threads * pieces.stride
    return pieces
  }

  /// Pieces of several threads.
  struct Pieces {
    let start, stride: Int

    subscript(worker: Int) -> Int { start + worker * stride }
  }
}

/// Rounds a count of floats up so that what follows starts on a cache line.
func aligned(_ count: Int) -> Int { (count + 15) / 16 * 16 }
