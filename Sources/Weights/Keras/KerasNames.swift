// SPDX-License-Identifier: Apache-2.0

/// The names that layers have in the networks that Keras publishes.
///
/// Known by the path of our op; whatever Keras leaves unnamed (Xception's shortcuts, all of
/// Inception V3 but its head) has no entry, and gets a name made up of class and counter.
/// Source: Keras, applications/xception.py, inception_v3.py, vgg16.py, resnet.py.
enum KerasNames {
  static func name(
    of path: String, kind: KerasLayer.Kind, in network: String
  ) -> String? {
    let parts = path.split(separator: "/").map(String.init)
    if parts.first == "head" { return headName(parts) }
    switch network {
    case "xception", "xception-continuum": return xceptionName(parts, kind)
    case "vgg16": return parts.joined(separator: "_")
    case "resnet152": return resNetName(parts)
    default: return nil
    }
  }

  /// `head/fc1/dense` is `fc1`, `head/dense` is `predictions`.
  private static func headName(_ parts: [String]) -> String {
    parts.count == 3 ? parts[1] : "predictions"
  }

  /// `block1/conv1`, `block1/bn1`; `block2/separable1/depthwise`, `block2/bn1`.
  private static func xceptionName(_ parts: [String], _ kind: KerasLayer.Kind) -> String? {
    let block = parts[0]
    switch (kind, parts.count) {
    case (.conv2D, 2): return "\(block)_\(parts[1])"
    case (.separableConv2D, 3):
      return number(parts[1], after: ["separable", "unit"]).map { "\(block)_sepconv\($0)" }
    case (.batchNormalization, 2):
      let layer = block == "block1" ? "conv" : "sepconv"
      return number(parts[1], after: ["bn"]).map { "\(block)_\(layer)\($0)_bn" }
    default: return nil
    }
  }

  /// `conv1/conv`, `conv1/bn`; `conv2/block1/conv1`, `…/bn1`, `…/shortcut/conv`, `…/shortcut/bn`.
  private static func resNetName(_ parts: [String]) -> String? {
    if parts.count == 2 { return parts.joined(separator: "_") }
    let block = parts.prefix(2).joined(separator: "_")
    if parts.count == 4 { return "\(block)_0_\(parts[3])" }
    for word in ["conv", "bn"] {
      if let number = number(parts[2], after: [word]) { return "\(block)_\(number)_\(word)" }
    }
    return nil
  }

  private static func number(_ part: String, after words: [String]) -> Int? {
    words.lazy.filter(part.hasPrefix).compactMap { Int(part.dropFirst($0.count)) }.first
  }
}
