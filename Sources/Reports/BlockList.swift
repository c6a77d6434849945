// SPDX-License-Identifier: Apache-2.0

import Settings

extension JSON {
  /// Blocks stage by stage as people read them, `regular-conv / — / —`, with whatever options are
  /// not those of every block; nil of what is no list of blocks.
  public var blockListText: String? {
    guard case .array(let blocks) = self,
      blocks.contains(where: { $0["kind"] != nil })
    else { return nil }
    return blocks.map(\.blockText).joined(separator: " / ")
  }

  private var blockText: String {
    guard case .object(let fields) = self, case .string(let kind)? = fields["kind"] else {
      return "—"
    }
    let usual: [String: JSON] = ["kind": .string(kind), "kernel": 3, "between": "none"]
    let options = fields.filter { usual[$0.key] != $0.value }.sorted { $0.key < $1.key }
    return ([kind] + options.map { "\($0.key) \($0.value.settingText)" }).joined(separator: " ")
  }
}
