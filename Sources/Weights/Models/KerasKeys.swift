// SPDX-License-Identifier: Apache-2.0

import Settings

/// How Keras 3 calls the layers of a model in a file: by class, with a counter.
enum KerasKeys {
  /// One a layer: `conv2d`, `conv2d_1`, `batch_normalization`.
  static func keys(of layers: [JSON]) -> [String] {
    var counts: [String: Int] = [:]
    return layers.map { layer in
      let stem = snakeCase(layer["class_name"]?.text ?? "")
      let number = counts[stem, default: 0]
      counts[stem] = number + 1
      return number == 0 ? stem : "\(stem)_\(number)"
    }
  }

  /// `SeparableConv2D` is `separable_conv2d`.
  static func snakeCase(_ name: String) -> String {
    let letters = Array(name)
    var result = ""
    for (position, letter) in letters.enumerated() {
      let isStart = position == 0
      let before = isStart ? letter : letters[position - 1]
      let isBeforeSmall = position + 1 < letters.count && letters[position + 1].isLowercase
      if letter.isUppercase, !isStart, before.isLowercase || isBeforeSmall { result += "_" }
      result += letter.lowercased()
    }
    return result
  }
}
