// SPDX-License-Identifier: Apache-2.0

extension RunRecord {
  /// What images the network was trained on: their size, and how pictures in files become such.
  public struct Images: Hashable, Sendable {
    public var height: Int
    public var width: Int
    public var channels: Int
    /// What pictures go through, as JSON; nil where the images are no pictures (the values of a made
    /// set, or other than three channels).
    public var preprocessing: String?

    public init(height: Int, width: Int, channels: Int, preprocessing: String? = nil) {
      self.height = height
      self.width = width
      self.channels = channels
      self.preprocessing = preprocessing
    }
  }
}

extension RunRecord.Images {
  func write(to group: HDF5Group) throws(RecordError) {
    try group.attributes.write(height, to: "height")
    try group.attributes.write(width, to: "width")
    try group.attributes.write(channels, to: "channels")
    if let preprocessing { try group.attributes.write(preprocessing, to: "preprocessing") }
  }

  /// Reads the group `/images` of a run file.
  ///
  /// - Throws: where a size is missing or below 1.
  public init(in group: HDF5Group) throws(RecordError) {
    let attributes = group.attributes
    self.init(
      height: try attributes.number("height"), width: try attributes.number("width"),
      channels: try attributes.number("channels"),
      preprocessing: attributes.contains("preprocessing")
        ? try attributes.text("preprocessing") : nil)
    for (name, size) in [("height", height), ("width", width), ("channels", channels)]
    where size < 1 {
      throw group.place.attribute(name).error("is \(size); it must be at least 1")
    }
  }
}
