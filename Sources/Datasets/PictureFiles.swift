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

  /// Decodes every picture, on all cores, and returns what is wrong with those that are damaged.
  ///
  /// - Parameter progress: told, from any thread, how many are done.
  func faults(progress: @Sendable (Int) -> Void) -> [DatasetError] {
    let done = Mutex(0)
    let found: [DatasetError?] = parallelMap(names.count) { index in
      var fault: DatasetError?
      do throws(DatasetError) {
        _ = try picture(index)
      } catch {
        fault = error
      }
      let count = done.withLock { count in
        count += 1
        return count
      }
      progress(count)
      return fault
    }
    return found.compactMap { $0 }
  }
}

extension DatasetSplits {
  /// Decodes every picture that lies in a file and returns what is wrong with the damaged ones.
  ///
  /// - Parameter progress: told, from any thread, how many of how many are done.
  public func damagedPictures(progress: @Sendable (Int, Int) -> Void) -> [DatasetError] {
    let parts = [train, validation, test].compactMap { set -> PictureFiles? in
      guard case .files(let files)? = set?.pixels else { return nil }
      return files
    }
    let total = parts.reduce(0) { $0 + $1.names.count }
    var before = 0
    return parts.flatMap { files in
      defer { before += files.names.count }
      return files.faults { [before] done in progress(before + done, total) }
    }
  }
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
