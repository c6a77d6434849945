// SPDX-License-Identifier: Apache-2.0

/// How columns share the width there is, in characters or in points.
enum ColumnFit {
  /// Widths between the least and the natural ones. Whoever lacks no more than an equal share of
  /// what is left gets it; then the column that would be folded most often grows first.
  ///
  /// - Returns: nil where even the least widths have no room.
  static func widths(natural: [Int], least: [Int], room: Int) -> [Int]? {
    widths(natural: natural, cells: natural, least: least, room: room)
  }

  /// The same for columns whose cells grow first: a folded title costs one line of a table, and a
  /// folded cell one of every row.
  static func widths(natural: [Int], cells: [Int], least: [Int], room: Int) -> [Int]? {
    let whole = zip(least, zip(cells, natural)).map { max($0, min($1.0, $1.1)) }
    return grown(least, to: whole, room: room).flatMap { grown($0, to: natural, room: room) }
  }

  private static func grown(_ least: [Int], to natural: [Int], room: Int) -> [Int]? {
    var widths = zip(natural, least).map(min)
    var spare = room - widths.reduce(0, +)
    guard spare >= 0 else { return nil }
    func grow(_ column: Int, by points: Int) {
      widths[column] += points
      spare -= points
    }
    func lacking(_ column: Int) -> Int { natural[column] - widths[column] }
    func folds(_ column: Int) -> Double {
      Double(natural[column]) / Double(max(1, widths[column]))
    }
    while spare > 0 {
      let growing = widths.indices.filter { lacking($0) > 0 }
      guard let nearest = growing.min(by: { lacking($0) < lacking($1) }),
        let tightest = growing.max(by: { folds($0) < folds($1) })
      else { break }
      let isModest = lacking(nearest) <= spare / growing.count
      grow(isModest ? nearest : tightest, by: isModest ? lacking(nearest) : 1)
    }
    return widths
  }
}
