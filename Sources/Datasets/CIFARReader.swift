// SPDX-License-Identifier: Apache-2.0

/// The binary version of CIFAR-10 and CIFAR-100: records of label bytes followed by 3,072 pixel
/// bytes, red then green then blue, each 32×32 from the top left.
///
/// Source: https://www.cs.toronto.edu/~kriz/cifar.html
struct CIFARLayout: Sendable {
  /// One label byte: its name in errors and the number of its classes.
  struct Label: Sendable {
    var name: String
    var classes: Int
  }

  var folder: String
  var archive: String
  var trainFiles: [String]
  var testFile: String
  var trainRecords: Int
  var testRecords: Int
  /// The label bytes of a record; the last is the class.
  var labels: [Label]
  var classNames: [String]

  static let size = ImageSize(height: 32, width: 32, channels: 3)

  var recordBytes: Int { labels.count + Self.size.count }
  var files: [String] { trainFiles + [testFile] }

  /// Records in one of the files.
  func records(in file: String) -> Int { file == testFile ? testRecords : trainRecords }

  /// The size rule, checked before memory is taken.
  func checkSize(_ bytes: Int, of file: String, at place: String) throws(DatasetError) {
    let expected = records(in: file) * recordBytes
    guard bytes == expected else {
      throw DatasetError(
        file: place, offset: min(bytes, expected), value: "has \(bytes) bytes",
        rule: "must have \(expected) (\(records(in: file)) records of \(recordBytes))")
    }
  }
}

/// Reads the records of the files, in any order, into training and test sets.
struct CIFARReader {
  private let layout: CIFARLayout
  private var train: Split
  private var test: Split
  private var buffer: [UInt8]
  private static let recordsAtOnce = 64

  private struct Split {
    var pixels: [UInt8]
    var labels: [Int]

    init(records: Int) {
      pixels = Array(repeating: 0, count: records * CIFARLayout.size.count)
      labels = Array(repeating: 0, count: records)
    }
  }

  private init(_ layout: CIFARLayout) {
    self.layout = layout
    train = Split(records: layout.trainFiles.count * layout.trainRecords)
    test = Split(records: layout.testRecords)
    buffer = Array(repeating: 0, count: Self.recordsAtOnce * layout.recordBytes)
  }

  /// Reads an unpacked folder.
  static func read(
    folder: String, _ layout: CIFARLayout, _ hashes: ContentHashes? = nil
  ) throws(DatasetError) -> (train: ImageSet, test: ImageSet) {
    for file in layout.files {
      let path = "\(folder)/\(file)"
      try layout.checkSize(try FileSize.of(path), of: file, at: path)
    }
    var reader = CIFARReader(layout)
    for file in layout.files {
      try reader.read(try CompressedFile(path: "\(folder)/\(file)"), as: file, hashes)
    }
    return reader.sets()
  }

  /// Reads the archive as it is downloaded.
  static func read(
    archive: String, _ layout: CIFARLayout, _ hashes: ContentHashes? = nil
  ) throws(DatasetError) -> (train: ImageSet, test: ImageSet) {
    let tar = try TarFile(path: archive)
    var reader: CIFARReader?
    var missing = layout.files
    while let member = try tar.next() {
      guard
        let file = layout.files.first(where: { member.path.hasSuffix("\(layout.folder)/\($0)") })
      else { continue }
      let source = tar.bytes(of: member)
      guard member.isFile, let position = missing.firstIndex(of: file) else {
        let rule = "must be in the archive once, as a file"
        throw DatasetError(file: source.name, rule: rule)
      }
      missing.remove(at: position)
      try layout.checkSize(member.size, of: file, at: source.name)
      var current = reader ?? CIFARReader(layout)
      reader = nil  // leaves `current` the only owner, so that nothing is copied
      try current.read(source, as: file, hashes)
      reader = current
    }
    guard missing.isEmpty, let reader else {
      let members = missing.map { "\(layout.folder)/\($0)" }.joined(separator: ", ")
      throw DatasetError(
        file: archive, value: "lacks \(members)", rule: "must be \(layout.archive)")
    }
    return reader.sets()
  }

  private mutating func read(
    _ plain: any ByteSource, as file: String, _ hashes: ContentHashes?
  ) throws(DatasetError) {
    let hashed = try hashes?.hashed(plain, as: file)
    let source: any ByteSource = hashed ?? plain
    let records = layout.records(in: file)
    let first = (layout.trainFiles.firstIndex(of: file) ?? 0) * layout.trainRecords
    var done = 0
    while done < records {
      let count = min(Self.recordsAtOnce, records - done)
      let bytes = try source.read(into: &buffer, count: count * layout.recordBytes)
      guard bytes == count * layout.recordBytes else {
        try layout.checkSize(done * layout.recordBytes + bytes, of: file, at: source.name)
        return
      }
      for index in 0..<count {
        let offset = (done + index) * layout.recordBytes
        let label = try checkedLabel(index, offset: offset, source.name)
        let start = index * layout.recordBytes + layout.labels.count
        if file == layout.testFile {
          test.labels[done + index] = label
          Self.interleave(buffer, from: start, to: &test.pixels, image: done + index)
        } else {
          train.labels[first + done + index] = label
          Self.interleave(buffer, from: start, to: &train.pixels, image: first + done + index)
        }
      }
      done += count
    }
    let extra = try source.read(into: &buffer, count: 1)
    try layout.checkSize(records * layout.recordBytes + extra, of: file, at: source.name)
    if let hashed { try hashes?.finish(hashed) }
  }

  private func checkedLabel(
    _ record: Int, offset: Int, _ name: String
  ) throws(DatasetError) -> Int {
    var value = 0
    for (position, label) in layout.labels.enumerated() {
      value = Int(buffer[record * layout.recordBytes + position])
      guard value < label.classes else {
        throw DatasetError(
          file: name, offset: offset + position, value: "\(label.name) \(value)",
          rule: "must lie between 0 and \(label.classes - 1)")
      }
    }
    return value
  }

  /// Turns three planes into pixels of three values.
  private static func interleave(
    _ planes: [UInt8], from start: Int, to pixels: inout [UInt8], image: Int
  ) {
    let plane = CIFARLayout.size.height * CIFARLayout.size.width
    let red = planes[start..<start + plane]
    let green = planes[start + plane..<start + 2 * plane]
    let blue = planes[start + 2 * plane..<start + 3 * plane]
    var target = image * CIFARLayout.size.count
    for ((red, green), blue) in zip(zip(red, green), blue) {
      pixels[target] = red
      pixels[target + 1] = green
      pixels[target + 2] = blue
      target += 3
    }
  }

  private func sets() -> (train: ImageSet, test: ImageSet) {
    func set(_ split: Split) -> ImageSet {
      ImageSet(
        size: CIFARLayout.size, classNames: layout.classNames, labels: split.labels,
        pixels: .bytes(split.pixels))
    }
    return (set(train), set(test))
  }
}
