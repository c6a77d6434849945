// SPDX-License-Identifier: Apache-2.0

import Pictures
import RandomStreams
import Settings
import Synchronization

/// Pictures in files, decoded when a batch asks for them.
public struct PictureFiles: Hashable, Sendable {
  public let folder: String
  /// Relative to the folder, one an image.
  public let names: [String]
  public let preprocessing: PicturePreprocessing

  public init(folder: String, names: [String], preprocessing: PicturePreprocessing) {
    self.folder = folder
    self.names = names
    self.preprocessing = preprocessing
  }

  func path(_ index: Int) -> String { folder.isEmpty ? names[index] : "\(folder)/\(names[index])" }

  /// The picture as an image of the network's size, augmented by draws that seed, epoch and image
  /// address.
  ///
  /// - Throws: where the file is not there or damaged, with its name.
  func view(
    _ index: Int, _ augmentation: Augmentation?, seed: UInt64, epoch: Int
  ) throws(DatasetError) -> Picture {
    let picture = try picture(index)
    guard let augmentation else { return preprocessing.view(of: picture) }
    var stream = RandomStream(seed: seed, "augmentation", epoch, index)
    let flipped = stream.uniform() < 0.5
    let size = preprocessing.size
    let view: Picture
    if let crop = augmentation.resizedCrop {
      let part = crop.region(height: picture.height, width: picture.width, &stream)
      view = picture.cropped(to: part).resized(height: size, width: size, preprocessing.filter)
    } else {
      view = preprocessing.view(of: picture)
    }
    let isMirrored = augmentation.mirrors(flipped, seed: seed, epoch: epoch, image: index)
    return isMirrored ? view.mirrored() : view
  }

  private func picture(_ index: Int) throws(DatasetError) -> Picture {
    do {
      return try Picture(contentsOf: path(index))
    } catch {
      throw DatasetError(error)
    }
  }

  /// What decoding every picture shows, on all cores.
  ///
  /// - Parameters:
  ///   - isStrict: whether a picture that is decoded with a warning counts as damaged.
  ///   - progress: told, from any thread, how many are done.
  public func findings(isStrict: Bool, progress: @Sendable (Int) -> Void) -> PictureFindings {
    let done = Mutex(0)
    let found: [(DatasetError?, warning: String?)] = parallelMap(names.count) { index in
      defer {
        let count = done.withLock { count in
          count += 1
          return count
        }
        progress(count)
      }
      do throws(PictureError) {
        let warning = try Picture.decoded(contentsOf: path(index)).warning
        guard isStrict, let warning else { return (nil, warning) }
        let rule = "must be decoded without one, since --strict or \"strict\" is given"
        return (DatasetError(file: path(index), value: "warning: \(warning)", rule: rule), nil)
      } catch {
        return (DatasetError(error), nil)
      }
    }
    var findings = PictureFindings()
    for (index, (error, warning)) in found.enumerated() {
      if let error { findings.damaged.append((index, error)) }
      if let warning { findings.warnings.append((path(index), warning)) }
    }
    return findings
  }
}

/// What decoding pictures showed.
public struct PictureFindings: Sendable {
  /// Those that cannot be used, in their order.
  public var damaged: [(index: Int, error: DatasetError)] = []
  /// What decoders say of pictures that they decode all the same, as Pillow does.
  public var warnings: [(file: String, text: String)] = []

  public init() {}
}

extension ImageSet {
  /// The images at `indices` in memory, as bytes before any scaling; sets in memory as they are.
  func loaded(_ indices: [Int]) throws(DatasetError) -> ImageSet {
    let own = subset(indices)
    guard case .files(let files) = own.pixels else { return own }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(indices.count * size.count)
    for index in indices.indices {
      bytes += try files.view(index, nil, seed: 0, epoch: 0).pixels
    }
    return ImageSet(size: size, classNames: classNames, labels: own.labels, pixels: .bytes(bytes))
  }
}
