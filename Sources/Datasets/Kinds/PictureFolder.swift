// SPDX-License-Identifier: Apache-2.0

import Downloads
import Foundation
import Pictures
import Settings

/// A folder of the user's own pictures, `image-folder`; no channel of theirs is standardised.
struct PictureFolder: Dataset {
  static let key = "image-folder"
  static let origin = DatasetOrigin.folder
  static let source = DatasetSource(
    name: "a folder of pictures",
    summary: "your own JPEG and PNG files, a folder for each class",
    place: "path=DIR, with train/CLASS/ and test/CLASS/ (or valid/CLASS/), or CLASS/ alone")
  private let pictures: ImageFolderOptions
  /// What lies in the folder, once `survey` has looked.
  private var folder: ImageFolder?

  init(
    _ fields: inout Fields, _ options: inout DatasetOptions, preprocessing: PicturePreprocessing
  ) throws(SettingsError) {
    pictures = try ImageFolderOptions(&fields, default: preprocessing)
    options.augmentation = try ImageFolderOptions.augmentation(&fields)
    try options.readFiles(&fields)
    guard options.path != nil else {
      throw fields.error("path", "is missing; it names the folder of pictures")
    }
  }

  var imageSize: ImageSize {
    let side = pictures.preprocessing.size
    return ImageSize(height: side, width: side, channels: 3)
  }
  var classNames: [String] { folder?.classNames ?? [] }
  var trainingCount: Int { folder?.train.count ?? 0 }
  var testingCount: Int { folder?.test.count ?? 0 }
  var validationCount: Int? { folder?.validation?.count }
  var valueBytes: Int { 0 }
  var isStrict: Bool { pictures.isStrict }
  var fingerprint: String? { folder.map { String($0.fingerprint, radix: 16) } }

  mutating func survey(_ options: DatasetOptions, directory: String?) throws(DatasetError) {
    guard folder == nil else { return }
    let place = DatasetLocation.folder(options.path ?? "", in: directory)
    let folder = try ImageFolder(path: place, pictures, seed: options.seed)
    if options.validation > 0, folder.validation != nil {
      throw DatasetError(
        file: place, value: "has a folder of validation pictures",
        rule: "must not be given validation = \(options.validation) then")
    }
    guard options.validation < folder.train.count else {
      throw DatasetError(
        file: place, value: "has \(folder.train.count) training pictures",
        rule: "must keep some when \(options.validation) are held back for validation")
    }
    self.folder = folder
  }

  func load(
    _ options: DatasetOptions, directory: String?, hashing: Hashing
  ) throws(DatasetError) -> DatasetContents {
    let folder = try surveyed(options, directory: directory)
    func set(_ entries: [ImageFolder.Entry]) -> ImageSet {
      ImageSet(
        size: imageSize, classNames: folder.classNames, labels: entries.map(\.label),
        pixels: .files(
          PictureFiles(
            folder: folder.path, names: entries.map(\.name),
            preprocessing: pictures.preprocessing)))
    }
    return DatasetContents(
      train: set(folder.train), validation: folder.validation.map(set), test: set(folder.test),
      facts: pictures.skipsDamaged ? ["skippedPictures": Double(folder.skipped.count)] : [:],
      digest: hashing == .none ? nil : try Self.digest(of: folder, options, hashing),
      passedOver: folder.passedOver)
  }

  func isAtHand(_ options: DatasetOptions, directory: String?) -> Bool {
    (try? surveyed(options, directory: directory)) != nil
  }

  func digestAtHand(
    _ options: DatasetOptions, directory: String?
  ) throws(DatasetError) -> String? {
    guard let folder = try? surveyed(options, directory: directory) else { return nil }
    return try Self.digest(of: folder, options, .remembered)
  }

  func place(_ options: DatasetOptions, directory: String?) -> String? { folder?.path }

  private func surveyed(
    _ options: DatasetOptions, directory: String?
  ) throws(DatasetError) -> ImageFolder {
    var own = self
    try own.survey(options, directory: directory)
    guard let folder = own.folder else { preconditionFailure("a survey finds a folder or throws") }
    return folder
  }

  /// The names and contents of all pictures, whatever part each is in. The folder in a picture's name
  /// is its class.
  private static func digest(
    of folder: ImageFolder, _ options: DatasetOptions, _ hashing: Hashing
  ) throws(DatasetError) -> String {
    let names = [folder.train, folder.validation ?? [], folder.test]
      .flatMap { $0 }.map(\.name).sorted(by: FileName.precedes)
    let paths = names.map { "\(folder.path)/\($0)" }
    func stamps() -> String? {
      DigestCache.key("\(key) \(options.variant == nil ? "published" : "variant")", paths)
    }
    let before = stamps()
    if hashing == .remembered, let known = before.flatMap({ DigestCache.user?.digest(of: $0) }) {
      return known
    }
    let sums: [Result<String, DownloadError>] = parallelMap(paths.count) { index in
      Result { () throws(DownloadError) in
        let descriptor = open(FileName.bytes(of: paths[index]), O_RDONLY | O_CLOEXEC)
        // What cannot be opened cannot be read either, which says so.
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: descriptor >= 0)
        return try Checksum.of(handle, named: paths[index], .sha256)
      }
    }
    var files: [(name: String, sha256: String)] = []
    for (name, sum) in zip(names, sums) {
      switch sum {
      case .success(let digits): files.append((name, digits))
      case .failure(let error): throw DatasetError(error)
      }
    }
    let digest = try ContentHashes.digest(of: files)
    // Not where the files changed while they were read.
    if let before, before == stamps() { DigestCache.user?.remember(digest, of: before) }
    return digest
  }
}
