// SPDX-License-Identifier: Apache-2.0

import Datasets
import Tables
import Weights

/// The likeliest classes of every image, for people and programs.
struct Answers {
  let images: [String]
  /// `[images, classes]`.
  let probabilities: [Float]
  let classes: Int
  let top: Int
  let names: ClassNames?

  func rendered(as format: Predict.Format) -> String {
    switch format {
    case .text:
      table(hasIdentifiers: names.map { $0.identifiers != $0.names } ?? false)
        .rendered(as: .text)
    case .csv: table(hasIdentifiers: names != nil).rendered(as: .csv)
    case .json: json.rendered
    }
  }

  /// The first classes of an image, by falling probability; of equal ones the lower number first.
  func best(_ image: Int) -> [(number: Int, probability: Float)] {
    let row = probabilities[image * classes..<(image + 1) * classes]
    let answers = row.enumerated().map { (number: $0.offset, probability: $0.element) }
    let sorted = answers.sorted { first, second in
      guard first.probability == second.probability else {
        return first.probability > second.probability
      }
      return first.number < second.number
    }
    return Array(sorted.prefix(top))
  }

  /// - Parameter hasIdentifiers: whether classes are called by these too; people need them only where
  ///   they are not the names.
  private func table(hasIdentifiers: Bool) -> TextTable {
    var table = TextTable(
      ["image", "rank", "class"] + (hasIdentifiers ? ["id"] : [])
        + (names == nil ? [] : ["name"]) + ["probability (%)"])
    for (image, path) in images.enumerated() {
      for (rank, answer) in best(image).enumerated() {
        var row: [TextTable.Cell] = [
          .text(path), .integer(rank + 1), .integer(answer.number),
        ]
        if let names, hasIdentifiers {
          row.append(.text(printable(names.identifiers[answer.number])))
        }
        if let names { row.append(.text(printable(names.names[answer.number]))) }
        row.append(.number(100 * Double(answer.probability), decimals: 2))
        table.rows.append(row)
      }
    }
    return table
  }

  private var json: JSONDocument {
    .list(
      images.enumerated().map { image, path in
        let answers = best(image).map { answer -> JSONDocument in
          var fields: [(String, JSONDocument)] = [("class", .value(.integer(answer.number)))]
          if let names {
            fields.append(("id", .text(names.identifiers[answer.number])))
            fields.append(("name", .text(names.names[answer.number])))
          }
          fields.append(("probability", .number(Double(answer.probability))))
          return .object(fields)
        }
        return .object([("image", .text(path)), ("classes", .list(answers))])
      })
  }
}
