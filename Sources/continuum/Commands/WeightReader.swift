// SPDX-License-Identifier: Apache-2.0

import Foundation
import Weights

/// A process of whatever reads a weight file, or an array of another HDF5 file: not for people.
///
/// HDF5 can crash or run away on damaged files; this process may, and its parent says what happened.
enum WeightReader: Command {
  static let name = "weight-reader"
  static let summary = "read a weight file, or an array, and write it to standard output"
  static let operands = Operands(usage: "FILE [ARRAY]", count: 1...2)
  static let flags: [any AnyFlag] = []
  static let examples = ["continuum weight-reader probe.h5 > /dev/null"]
  static let isHidden = true

  static func run(_ arguments: Arguments, _ context: Context) throws {
    let array = arguments.operands.count > 1 ? arguments.operands[1] : nil
    guard ReaderService.serve(arguments.operands[0], array: array) else {
      throw CommandError.failed("\(arguments.operands[0]): not read to its end")
    }
  }
}

extension WeightFile.Reading {
  /// In a child of this program.
  static var child: WeightFile.Reading {
    let program = Bundle.main.executablePath ?? CommandLine.arguments[0]
    return .elsewhere(command: [program, WeightReader.name, "--"])
  }
}
