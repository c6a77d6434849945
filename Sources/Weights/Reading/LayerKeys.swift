// SPDX-License-Identifier: Apache-2.0

/// Classes and counters of layers in models inside models, as one model would count them.
///
/// A class that stands in one of them only is counted as there. One that stands in several, as the
/// dense layers of a base and of a head may, is counted from the innermost on where the shapes of
/// their arrays leave no other choice; else the order is not certain.
struct LayerKeys {
  struct Layer {
    var path: [String]
    var shapes: [[Int]]
  }

  /// By path: `conv2d_1`.
  private(set) var keys: [[String]: String] = [:]
  /// Why the order is not certain; nil where it is.
  private(set) var doubt: String?

  init(_ layers: [Layer]) {
    let byClass = Dictionary(grouping: layers) { Key($0.path[$0.path.count - 1]).kind }
    for (kind, own) in byClass.sorted(by: { $0.key < $1.key }) {
      let withArrays = own.filter { !$0.shapes.isEmpty }
      let models = Dictionary(grouping: withArrays) { Array($0.path.dropLast()) }
      guard models.count > 1 else {
        for layer in own { keys[layer.path] = layer.path[layer.path.count - 1] }
        continue
      }
      let shapes = models.values.map { Set($0.map(\.shapes)) }
      let all = shapes.reduce(into: Set<[[Int]]>()) { $0.formUnion($1) }
      if all.count < shapes.reduce(0, { $0 + $1.count }) {
        doubt =
          doubt
          ?? "its layers of the class \(printable(kind)) stand in several models, so that their "
          + "order is not certain"
      }
      for (number, layer) in withArrays.sorted(by: Self.isInner).enumerated() {
        keys[layer.path] = number == 0 ? kind : "\(kind)_\(number)"
      }
    }
  }

  private static func isInner(_ first: Layer, _ second: Layer) -> Bool {
    let (one, other) = (first.path.map(Key.init), second.path.map(Key.init))
    guard one.count == other.count else { return one.count > other.count }
    return one.lexicographicallyPrecedes(other)
  }

  /// Whether a layer is listed before another: by class and counter.
  func isBefore(_ first: [String], _ second: [String]) -> Bool {
    let (one, other) = (Key(keys[first] ?? first.joined()), Key(keys[second] ?? second.joined()))
    return one < other
  }

  /// A class with its counter, in the order in which Keras counts.
  private struct Key: Comparable {
    let text: String
    let kind: String
    private let number: Int

    init(_ text: String) {
      self.text = text
      let digits = text.reversed().prefix { $0.isASCII && $0.isNumber }.count
      let stem = text.dropLast(digits)
      if digits > 0, stem.hasSuffix("_"), let number = Int(text.suffix(digits)) {
        (kind, self.number) = (String(stem.dropLast()), number)
      } else {
        (kind, number) = (text, 0)
      }
    }

    static func < (first: Key, second: Key) -> Bool {
      (first.kind, first.number, first.text) < (second.kind, second.number, second.text)
    }
  }
}
