// SPDX-License-Identifier: Apache-2.0

import Engine
import Settings

/// What stands between a network's last feature map and its logits:
/// `[global average-pool → (dense → ReLU → dropout) for each fully connected layer → dense]`, and
/// without fully connected layers `[global average-pool → dropout → dense]`.
///
/// Options: `fullyConnected`, the widths of the layers before the classifier (none); `dropout`, the
/// rate before every dense layer that follows another layer (0).
/// Source: the paper, Fig. 5 and section 4.1 (4096, 4096); dropout of 0.5 in section 4.3.
struct Head {
  let fullyConnected: [Int]
  let dropout: Double
  /// Without pooling every number of the feature map feeds the first dense layer.
  var pools = true

  init(_ fields: inout Fields, fullyConnected fallback: [Int] = []) throws(SettingsError) {
    fullyConnected =
      try fields.integers(
        "fullyConnected", in: 1...65_536, default: fallback,
        "widths of dense layers before the classifier, 8 at most") ?? fallback
    // No layers, where there are none by default, leave no trace: the option is younger than the
    // first run files.
    if fullyConnected + fallback == [] { fields.leaveOut("fullyConnected") }
    dropout = try fields.number(
      "dropout", default: 0, in: 0...0.99, "rate before every dense layer behind another layer")
    guard fullyConnected.count <= 8 else {
      throw fields.error("fullyConnected", "must name at most 8 layers")
    }
  }

  func callAsFunction(_ x: Value, classes: Int, in graph: inout GraphBuilder) -> Value {
    var features = pools ? graph.globalAveragePool(x, "head/pool") : x
    if fullyConnected.isEmpty { features = dropped(features, "head/dropout", in: &graph) }
    for (position, units) in fullyConnected.enumerated() {
      let name = "head/fc\(position + 1)"
      let dense = graph.dense(features, "\(name)/dense", units: units)
      let active = graph.relu(dense, "\(name)/relu")
      features = dropped(active, "\(name)/dropout", in: &graph)
    }
    return graph.dense(features, "head/dense", units: classes)
  }

  private func dropped(_ x: Value, _ name: String, in graph: inout GraphBuilder) -> Value {
    dropout > 0 ? graph.dropout(x, name, rate: Float(dropout)) : x
  }
}
