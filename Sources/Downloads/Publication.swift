// SPDX-License-Identifier: Apache-2.0

/// One published file.
public struct PublishedFile: Hashable, Sendable {
  public var address: String
  /// The publisher's MD5, 32 hexadecimal digits. It guards against damage; against forgery it is as
  /// good as MD5 is.
  public var md5: String
  /// Where it belongs, relative to the data folder.
  public var place: String

  public init(address: String, md5: String, place: String) {
    self.address = address
    self.md5 = md5
    self.place = place
  }

  /// The file's own name in its address.
  public var name: String { address.split(separator: "/").last.map(String.init) ?? address }

  /// The same file at another base address.
  public func at(base: String) -> PublishedFile {
    var file = self
    file.address = base.hasSuffix("/") ? base + name : "\(base)/\(name)"
    return file
  }
}

/// What one name of `data fetch` stands for: one or more files.
public struct Publication: Hashable, Sendable {
  public enum Kind: Sendable { case dataset, weights, classNames }

  public var name: String
  public var kind: Kind
  public var summary: String
  public var files: [PublishedFile]

  public init(name: String, kind: Kind, summary: String, files: [PublishedFile]) {
    self.name = name
    self.kind = kind
    self.summary = summary
    self.files = files
  }

  /// The publication of a name, or nil.
  public static func named(_ name: String) -> Publication? { all.first { $0.name == name } }
}
