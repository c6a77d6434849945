// SPDX-License-Identifier: Apache-2.0

/// How a checkpoint becomes a file and comes back; README.md documents the schema.
extension Checkpoint {
  static let schema = "continuum-checkpoint/1"

  /// Writes the checkpoint: it replaces the one before whole, synced to disk, or not at all.
  ///
  /// - Throws: where the system refuses, two names collide, or shapes and values disagree.
  public func write(to path: String) throws(RecordError) {
    try HDF5File.write(to: path) { (root) throws(RecordError) in
      try root.attributes.write(Self.schema, to: "schema")
      try root.attributes.write(runID, to: "runID")
      try root.write(numbers, to: "numbers")
      try root.write(reals, to: "reals")
      try root.write(curves: curves)
      try RunRecord.Session.write(sessions, to: root)
      if let data { try root.attributes.write(data, to: "data") }
      try root.write(tensors, to: "tensors")
    }
  }

  /// The digest of the data alone, without the rest of the file.
  public static func dataDigest(inFile path: String) throws(RecordError) -> String? {
    let root = try HDF5File(reading: path, mustBeSealed: true).root
    return root.attributes.contains("data") ? try root.attributes.text("data") : nil
  }

  /// Reads a checkpoint.
  ///
  /// - Throws: where the file is damaged, of another schema, or lacks something.
  public init(contentsOf path: String) throws(RecordError) {
    let root = try HDF5File(reading: path, mustBeSealed: true).root
    try root.requireSchema(Self.schema)
    self.init(
      runID: try root.attributes.text("runID"),
      numbers: try root.numbers("numbers"),
      reals: try root.numbers("reals"),
      curves: try root.curves(),
      sessions: try RunRecord.Session.all(in: root),
      data: root.attributes.contains("data") ? try root.attributes.text("data") : nil,
      tensors: try root.tensors("tensors"))
  }
}
