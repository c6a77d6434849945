/// How columns share the width there is, in characters or in points.
enum ColumnFit {
  /// Widths between the least and the natural ones: whoever is narrowest grows first.
  ///
  /// - Returns: nil where even the least widths have no room.
  static func widths(natural: [Int], least: [Int], room: Int) -> [Int]? {
    var widths = zip(natural, least).map(min)
    var spare = room - widths.reduce(0, +)
    guard spare >= 0 else { return nil }
    while spare > 0 {
      let growing = widths.indices.filter { widths[$0] < natural[$0] }
      guard let narrowest = growing.min(by: { widths[$0] < widths[$1] }) else { break }
      widths[narrowest] += 1
      spare -= 1
    }
    return widths
  }
}
