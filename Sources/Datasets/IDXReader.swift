// SPDX-License-Identifier: Apache-2.0

/// The IDX files of the MNIST family, plain or gzipped: a big-endian header (magic number, then
/// each dimension) followed by bytes.
///
/// Source: Y. LeCun, C. Cortes, C. Burges, "The MNIST database".
struct IDXLayout: Sendable {
  /// Folders in which other tools keep the files, searched below the folder that the user names.
  var folders: [String]
  var trainRecords = 60_000
  var testRecords = 10_000
  var size = ImageSize(height: 28, width: 28, channels: 1)
  var classNames: [String]

  /// The names under which a file may stand, the first being the one that is downloaded.
  static func names(_ part: String, _ content: String) -> [String] {
    let dimensions = content == "images" ? 3 : 1
    let base = "\(part)-\(content)"
    return ["\(base)-idx\(dimensions)-ubyte", "\(base).idx\(dimensions)-ubyte"]
      .flatMap { ["\($0).gz", $0] }
  }
}

enum IDXReader {
  /// Reads the images and labels of one split, `count` of each.
  static func read(
    images: String, labels: String, count: Int, _ layout: IDXLayout, part: String = "train",
    _ hashes: ContentHashes? = nil
  ) throws(DatasetError) -> ImageSet {
    let size = layout.size
    let pixels = try bytes(
      of: images, dimensions: [count, size.height, size.width],
      "\(part)-images", hashes)
    let classes = try bytes(
      of: labels, dimensions: [count], "\(part)-labels", hashes)
    if let wrong = classes.firstIndex(where: { $0 >= layout.classNames.count }) {
      throw DatasetError(
        file: labels, offset: 8 + wrong, value: "label \(classes[wrong])",
        rule: "must lie between 0 and \(layout.classNames.count - 1)")
    }
    return ImageSet(
      size: size, classNames: layout.classNames, labels: classes.map { Int($0) },
      pixels: .bytes(pixels))
  }

  /// The contents of a file whose header must state exactly these dimensions.
  private static func bytes(
    of path: String, dimensions: [Int], _ name: String, _ hashes: ContentHashes?
  ) throws(DatasetError) -> [UInt8] {
    let expected = dimensions.reduce(1, *)
    let headerBytes = 4 * (1 + dimensions.count)
    let size = try FileSize.of(path)
    let file = try CompressedFile(path: path)
    let hashed = try hashes?.hashed(file, as: name)
    let source: any ByteSource = hashed ?? file
    try checkHeader(of: source, path, dimensions)
    if file.isPlain, size != headerBytes + expected {
      throw lengthError(path, size - headerBytes, expected)
    }
    var bytes = [UInt8](repeating: 0, count: expected)
    let count = try source.read(into: &bytes, count: expected)
    guard count == expected else { throw lengthError(path, count, expected) }
    // The read that finds the end is also the one that checks the checksum.
    var extra: [UInt8] = [0]
    guard try source.read(into: &extra, count: 1) == 0 else {
      throw lengthError(path, expected + 1, expected)
    }
    if let hashed { try hashes?.finish(hashed) }
    return bytes
  }

  private static func checkHeader(
    of file: any ByteSource, _ path: String, _ dimensions: [Int]
  ) throws(DatasetError) {
    let names = ["the number of items", "the height", "the width"]
    // Unsigned bytes (0x08), then the number of dimensions.
    let fields = [(0x800 + dimensions.count, "the magic number")] + zip(dimensions, names)
    var word = [UInt8](repeating: 0, count: 4)
    for (index, (expected, name)) in fields.enumerated() {
      guard try file.read(into: &word, count: 4) == 4 else {
        throw DatasetError(
          file: path, offset: 4 * index, value: "ends inside its header",
          rule: "must have a header of \(4 * fields.count) bytes")
      }
      let value = word.reduce(0) { $0 << 8 | Int($1) }
      guard value == expected else {
        throw DatasetError(
          file: path, offset: 4 * index, value: "\(name) is \(value)",
          rule: "must be \(expected)")
      }
    }
  }

  private static func lengthError(_ path: String, _ found: Int, _ expected: Int) -> DatasetError {
    DatasetError(
      file: path,
      value:
        "has \(found > expected ? "more than \(expected)" : "\(found)") bytes after its header",
      rule: "must have \(expected)")
  }
}
