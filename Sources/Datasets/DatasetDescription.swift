import Settings

/// What an experiment says under "data".
///
/// ```json
/// {"kind": "coupling", "lambda": 0.5}
/// {"kind": "cifar-10", "validation": 5000, "augmentation": {"flip": true, "crop": 4}}
/// ```
/// Every kind has `validation` (training images held back, 0), `standardize` (true) and `seed` (of
/// the data: the split and, for `coupling`, the images; 0). `coupling` has the fields of `Coupling`.
/// The others have `path` (their folder or archive), `variant` (a text that says how the files are
/// meant to differ from the published ones, which they must else be), `trainLimit` and `testLimit` (the first so
/// many images, for trials) and `augmentation` with `flip` and `crop` (on for CIFAR, off for MNIST).
/// `image-folder` has the fields of `ImageFolderOptions` and no `standardize`; what is known of the
/// others without loading is known of it after `survey`.
public struct DatasetDescription: Hashable, Sendable {
  public enum Kind: String, CaseIterable, Hashable, Sendable {
    case coupling
    case cifar10 = "cifar-10"
    case cifar100 = "cifar-100"
    case mnist
    case fashionMNIST = "fashion-mnist"
    case imageFolder = "image-folder"
  }

  /// How the images that are held back for validation are chosen, `split` in experiments.
  public enum Split: String, CaseIterable, Hashable, Sendable {
    /// Of every class the same share, as nearly as whole images allow; the seed decides which.
    case stratified
  }

  public var kind: Kind
  /// The options of `coupling`; of no meaning to the other kinds.
  public var coupling = Coupling()
  /// The options of `image-folder`; nil for the other kinds.
  public private(set) var pictures: ImageFolderOptions?
  /// What lies in the folder of `image-folder`, once `survey` has looked.
  public private(set) var folder: ImageFolder?
  /// The folder or archive, instead of a search below the data folder.
  public var path: String?
  /// How the files are meant to differ from those that were published: with such a text they are not
  /// compared, and a run is another run. Nil for the published ones.
  public var variant: String?
  public var validation = 0
  public var trainLimit: Int?
  public var testLimit: Int?
  public var standardize = true
  /// Nil where nothing is augmented.
  public var augmentation: Augmentation?
  public var seed = 0

  /// A kind with every default.
  public init(kind: Kind) {
    self.kind = kind
    augmentation = Self.defaultAugmentation(kind)
    if kind == .imageFolder {
      pictures = ImageFolderOptions(preprocessing: .inception())
      standardize = false
    }
  }

  /// Reads all keys of a data set; the caller calls `finish`.
  ///
  /// - Parameter preprocessing: what the network's pictures go through, where the file does not say.
  /// - Throws: `SettingsError` naming the field and its rule.
  public init(
    _ fields: inout Fields, preprocessing: PicturePreprocessing = .inception()
  ) throws(SettingsError) {
    self.init(kind: try fields.choice("kind", default: Kind.coupling, "the data set"))
    validation = try fields.integer(
      "validation", default: 0, in: 0...1_000_000, "training images held back for validation")
    if kind == .imageFolder {
      pictures = try ImageFolderOptions(&fields, default: preprocessing)
      augmentation = try ImageFolderOptions.augmentation(&fields)
    } else {
      standardize = try fields.bool(
        "standardize", default: true, "whether each channel gets mean 0 and deviation 1")
      augmentation = try Self.augmentation(&fields, default: augmentation)
    }
    if kind == .coupling {
      fields.undeclare("augmentation")
      coupling = try Coupling(&fields)
      seed = coupling.seed
      if augmentation != nil {
        throw fields.error(
          "augmentation", "must be absent: a mirrored or cut texture leaves its class")
      }
    } else {
      try readFiles(&fields)
    }
    if kind == .imageFolder, path == nil {
      throw fields.error("path", "is missing; it names the folder of pictures")
    }
    if kind != .imageFolder, validation >= trainingCount {
      throw fields.error("validation", "must leave some of the \(trainingCount) training images")
    }
    _ = try fields.choice(
      "split", default: Split.stratified, "how the images held back are chosen")
  }

  /// The fields of what lies in files.
  private mutating func readFiles(_ fields: inout Fields) throws(SettingsError) {
    seed = try fields.integer("seed", default: 0, in: 0 ... .max, "the seed of the split")
    path = try fields.string(
      "path", "the folder or archive, found under the data folder if absent")
    variant = try fields.string(
      "variant", "how the data differ from the published ones, which are then not checked")
    if variant?.isEmpty == true {
      throw fields.error("variant", "must say how the data differ from the published ones")
    }
    trainLimit = try fields.integer(
      "trainLimit", in: 1...1_000_000, "only the first so many training images, for trials")
    testLimit = try fields.integer(
      "testLimit", in: 1...1_000_000, "only the first so many test images, for trials")
  }

  /// Looks at the folder of `image-folder`: its classes, and the names and sizes of its pictures.
  /// Nothing happens for the other kinds.
  ///
  /// - Parameter directory: the folder of data sets, in which a relative path is looked for first;
  ///   nil takes the environment's `CONTINUUM_DATA`.
  public mutating func survey(directory: String?) throws(DatasetError) {
    guard let pictures, folder == nil else { return }
    let place = DatasetLocation.folder(path ?? "", in: directory)
    let folder = try ImageFolder(path: place, pictures, seed: seed)
    if validation > 0, folder.validation != nil {
      throw DatasetError(
        file: place, value: "has a folder of validation pictures",
        rule: "must not be given validation = \(validation) then")
    }
    guard validation < folder.train.count else {
      throw DatasetError(
        file: place, value: "has \(folder.train.count) training pictures",
        rule: "must keep some when \(validation) are held back for validation")
    }
    self.folder = folder
  }

  private static func defaultAugmentation(_ kind: Kind) -> Augmentation? {
    switch kind {
    case .cifar10, .cifar100: Augmentation(flip: true, cropPadding: 4)
    case .imageFolder: Augmentation(flip: true, cropPadding: 0, resizedCrop: ResizedCrop())
    case .coupling, .mnist, .fashionMNIST: nil
    }
  }

  private static func augmentation(
    _ fields: inout Fields, default fallback: Augmentation?
  ) throws(SettingsError) -> Augmentation? {
    try fields.object("augmentation", "random changes of training images") {
      fields throws(SettingsError) in
      let (flip, alternates) = try Augmentation.flips(&fields, default: fallback?.flip ?? false)
      let crop = try fields.integer(
        "crop", default: fallback?.cropPadding ?? 0, in: 0...16,
        "pixels of padding, out of which a window of the image's size is cut")
      guard flip || crop > 0 else { return nil }
      return Augmentation(flip: flip, alternates: alternates, cropPadding: crop)
    }
  }

  /// Known without loading.
  public var imageSize: ImageSize {
    let side = pictures?.preprocessing.size ?? 0
    return switch kind {
    case .imageFolder: ImageSize(height: side, width: side, channels: 3)
    case .coupling: coupling.imageSize
    case .cifar10, .cifar100: CIFARLayout.size
    case .mnist, .fashionMNIST: ImageSize(height: 28, width: 28, channels: 1)
    }
  }

  /// Known without loading.
  public var classCount: Int { classNames.count }

  /// One a class, in the order of the labels; known without loading.
  public var classNames: [String] {
    switch kind {
    case .coupling: coupling.classNames
    case .cifar10: CIFARLayout.cifar10.classNames
    case .cifar100: CIFARLayout.cifar100.classNames
    case .mnist: IDXLayout.mnist.classNames
    case .fashionMNIST: IDXLayout.fashionMNIST.classNames
    case .imageFolder: folder?.classNames ?? []
    }
  }

  /// Training images before any are held back or left out.
  var trainingCount: Int {
    switch kind {
    case .coupling: coupling.train
    case .cifar10, .cifar100: 50_000
    case .mnist, .fashionMNIST: 60_000
    case .imageFolder: folder?.train.count ?? 0
    }
  }

  /// Test images before any are left out.
  private var testingCount: Int {
    switch kind {
    case .coupling: coupling.test
    case .cifar10, .cifar100, .mnist, .fashionMNIST: 10_000
    case .imageFolder: folder?.test.count ?? 0
    }
  }

  /// Images of the test set, known without loading.
  public var testedImageCount: Int { min(testLimit ?? .max, testingCount) }

  /// Images held back for validation, known without loading; 0 where there is no such set.
  public var validatedImageCount: Int { folder?.validation?.count ?? validation }

  /// Bytes of the images in memory, known without loading: none of pictures, which stay in their
  /// files.
  public var imageBytes: Int {
    bytes(trainedImageCount + validatedImageCount + testedImageCount)
  }

  /// Bytes at the most while the set is made or read, when images are copied from where they were
  /// drawn, or into the parts of a split.
  public var loadingBytes: Int { 2 * bytes(trainingCount + testingCount) }

  private func bytes(_ images: Int) -> Int {
    let value =
      switch kind {
      case .coupling: MemoryLayout<Float>.stride
      case .cifar10, .cifar100, .mnist, .fashionMNIST: MemoryLayout<UInt8>.stride
      case .imageFolder: 0
      }
    return value * images * imageSize.count
  }

  /// Training images that a run passes over in an epoch, known without loading.
  public var trainedImageCount: Int {
    min(trainLimit ?? .max, trainingCount - validation)
  }

  /// All fields with their values, for the run's identifier. `path` is left out: where a data set
  /// lies does not change what it is; of a folder of pictures, the names and sizes are hashed.
  public var canonical: JSON {
    var fields: [String: JSON] = [
      "kind": .string(kind.rawValue), "validation": .integer(validation),
      "standardize": .bool(standardize), "seed": .integer(seed),
    ]
    fields["variant"] = variant.map(JSON.string)
    if let pictures {
      fields["standardize"] = nil
      fields["trainLimit"] = trainLimit.map { .integer($0) } ?? .null
      fields["testLimit"] = testLimit.map { .integer($0) } ?? .null
      fields.merge(pictures.canonicalFields(augmentation, folder)) { $1 }
    } else if kind == .coupling {
      fields.merge(coupling.canonicalFields) { $1 }
    } else {
      fields["trainLimit"] = trainLimit.map { .integer($0) } ?? .null
      fields["testLimit"] = testLimit.map { .integer($0) } ?? .null
      fields["augmentation"] = .object(
        Augmentation.canonicalFlips(augmentation).merging(
          ["crop": .integer(augmentation?.cropPadding ?? 0)]) { $1 })
    }
    // Said only where there is one: the identifiers of all other runs are older than the rule.
    if validation > 0 { fields["split"] = .string(Split.stratified.rawValue) }
    return .object(fields)
  }
}
