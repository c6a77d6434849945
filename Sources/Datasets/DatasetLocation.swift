import Foundation

/// Where the files of a data set are looked for.
struct DatasetLocation {
  /// The data set's own folder or archive, where the experiment names one.
  var path: String?
  /// The folder of all data sets.
  var directory: String?

  /// A folder that the user names: in the data folder where it is there, else as it stands.
  static func folder(_ path: String, in directory: String?) -> String {
    let data = directory ?? ProcessInfo.processInfo.environment["CONTINUUM_DATA"]
    guard !path.hasPrefix("/"), let data else { return path }
    let inside = "\(data)/\(path)"
    return FileManager.default.fileExists(atPath: inside) ? inside : path
  }

  /// The files of CIFAR, unpacked or as an archive.
  func findCIFAR(
    _ layout: CIFARLayout, _ source: DatasetSource
  ) throws(DatasetError) -> FoundFiles {
    let base = try base(source)
    if isFile(base) { return .cifarArchive(base, layout) }
    for folder in ["\(base)/\(layout.folder)", base] {
      // One file is enough to take the folder at its word: what it lacks is then an error.
      if layout.files.contains(where: { exists("\(folder)/\($0)") }) {
        return .cifarFolder(folder, layout)
      }
    }
    let archive = "\(base)/\(layout.archive)"
    if exists(archive) { return .cifarArchive(archive, layout) }
    throw missing(source, in: base)
  }

  /// The four files of the MNIST family.
  func findIDX(
    _ layout: IDXLayout, _ source: DatasetSource
  ) throws(DatasetError) -> FoundFiles {
    let base = try base(source)
    if isFile(base) { throw DatasetError(file: base, rule: "must be a folder of IDX files") }
    func file(_ folder: String, _ part: String, _ content: String) -> String? {
      IDXLayout.names(part, content).map { "\(folder)/\($0)" }.first(where: exists)
    }
    func required(_ folder: String, _ part: String, _ content: String) throws(DatasetError)
      -> String
    {
      if let found = file(folder, part, content) { return found }
      let name = IDXLayout.names(part, content)[0]
      throw DatasetError(file: "\(folder)/\(name)", rule: "does not exist; \(source.advice)")
    }
    for folder in layout.folders.map({ "\(base)/\($0)" }) + [base] {
      guard file(folder, "train", "images") != nil || file(folder, "t10k", "images") != nil else {
        continue
      }
      return .idx(
        IDXFiles(
          trainImages: try required(folder, "train", "images"),
          trainLabels: try required(folder, "train", "labels"),
          testImages: try required(folder, "t10k", "images"),
          testLabels: try required(folder, "t10k", "labels")), layout)
    }
    throw missing(source, in: base)
  }

  private func base(_ source: DatasetSource) throws(DatasetError) -> String {
    guard let base = path ?? directory else {
      throw DatasetError(
        file: source.name, value: "no data folder is named",
        rule: "name one by --data DIR or CONTINUUM_DATA; \(source.advice)")
    }
    guard exists(base) else { throw DatasetError(file: base, rule: "does not exist") }
    return base
  }

  private func missing(_ source: DatasetSource, in base: String) -> DatasetError {
    DatasetError(file: base, value: "\(source.name) is not there", rule: source.advice)
  }

  private func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

  private func isFile(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
      && !isFolder.boolValue
  }
}
