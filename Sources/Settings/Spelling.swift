// SPDX-License-Identifier: Apache-2.0

/// The nearest right spelling of a wrong word.
public enum Spelling {
  /// The candidate with the fewest edits to `word`, if few enough to be what was meant.
  public static func nearest(to word: String, among candidates: [String]) -> String? {
    let most = max(2, word.count / 3)
    // Whoever is longer by more needs more edits.
    let scored = candidates.filter { abs($0.count - word.count) <= most }.map {
      (candidate: $0, edits: edits(word.lowercased(), $0.lowercased()))
    }
    guard let best = scored.min(by: { $0.edits < $1.edits }) else { return nil }
    return best.edits <= most ? best.candidate : nil
  }

  /// Levenshtein's distance: the least number of insertions, deletions and replacements.
  static func edits(_ first: String, _ second: String) -> Int {
    let second = Array(second)
    var previous = Array(0...second.count)
    for (row, letter) in first.enumerated() {
      var current = [row + 1]
      for (column, other) in second.enumerated() {
        let replaced = previous[column] + (letter == other ? 0 : 1)
        current.append(min(replaced, previous[column + 1] + 1, current[column] + 1))
      }
      previous = current
    }
    return previous[second.count]
  }
}
