// SPDX-License-Identifier: Apache-2.0

import Foundation
import Pictures

/// What lies in a folder, in the order of `FileName.precedes`: the one reader of folders of pictures.
///
/// Symbolic links count as what they lead to. Names that begin with a dot are left out; what people and
/// their programs leave beside pictures is passed over.
struct FolderListing {
  let path: String
  private(set) var folders: [String] = []
  private(set) var files: [(name: String, bytes: Int, isRegular: Bool)] = []
  /// The names that are passed over.
  private(set) var passedOver: [String] = []
  private let identity: Identity
  private let above: [Identity]

  /// Which folder it is, by whatever path it was reached.
  private struct Identity: Equatable {
    var device: UInt64
    var number: UInt64
  }

  /// - Parameter parent: the folder in which this one was found.
  /// - Throws: where it cannot be read, or a link leads nowhere or back to where it came from.
  init(_ path: String, in parent: FolderListing? = nil) throws(DatasetError) {
    self.path = path
    let status = try Self.status(path)
    identity = Identity(device: UInt64(status.st_dev), number: UInt64(status.st_ino))
    above = parent.map { $0.above + [$0.identity] } ?? []
    guard !above.contains(identity) else {
      throw DatasetError(
        file: path, value: "is a link to a folder that it lies in",
        rule: "must not lead back; its pictures would never end")
    }
    for name in try Self.names(path).sorted(by: FileName.precedes) where !name.hasPrefix(".") {
      try add(name)
    }
  }

  /// The listing of a folder in this one.
  func folder(_ name: String) throws(DatasetError) -> FolderListing {
    try FolderListing("\(path)/\(name)", in: self)
  }

  private mutating func add(_ name: String) throws(DatasetError) {
    let status = try Self.status("\(path)/\(name)")
    let isFolder = status.st_mode & S_IFMT == S_IFDIR
    if isFolder ? Bystander.isFolder(name) : Bystander.isFile(name) {
      passedOver.append(name)
    } else if isFolder {
      folders.append(name)
    } else {
      files.append((name, Int(status.st_size), status.st_mode & S_IFMT == S_IFREG))
    }
  }

  static func status(_ path: String) throws(DatasetError) -> stat {
    var status = stat()
    let bytes = FileName.bytes(of: path)
    guard stat(bytes, &status) != 0 else { return status }
    let code = errno
    let isLink = lstat(bytes, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
    switch code {
    case ENOENT where isLink:
      throw DatasetError(file: path, value: "is a link to nothing", rule: "must lead to something")
    case ELOOP:
      throw DatasetError(
        file: path, value: "is a link that leads back to itself", rule: "must lead to something")
    case ENOENT: throw DatasetError(file: path, rule: "does not exist")
    default:
      throw DatasetError(file: path, rule: "cannot be read: \(String(cString: strerror(code)))")
    }
  }

  private static func names(_ path: String) throws(DatasetError) -> [String] {
    guard let stream = opendir(FileName.bytes(of: path)) else {
      throw DatasetError(
        file: path, value: String(cString: strerror(errno)),
        rule: "must be a folder that can be read")
    }
    defer { closedir(stream) }
    var names: [String] = []
    errno = 0
    while let entry = readdir(stream) {
      let bytes = withUnsafePointer(to: &entry.pointee.d_name.0) { start in
        (0..<strlen(start)).map { UInt8(bitPattern: start[$0]) }
      }
      if bytes != [UInt8(ascii: ".")] { names.append(FileName.text(of: bytes)) }
      errno = 0
    }
    guard errno == 0 else {
      throw DatasetError(
        file: path, value: String(cString: strerror(errno)),
        rule: "must be a folder that can be read")
    }
    return names
  }
}

/// What lies beside pictures and is none of them, nor a sign of another layout: it is passed over, and
/// said to be.
enum Bystander {
  private static let files: Set = [
    "thumbs.db", "ehthumbs.db", "ehthumbs_vista.db", "desktop.ini", "icon\r",
  ]
  private static let folders: Set = ["__macosx", "@eadir"]
  private static let notes = [
    "readme", "licence", "license", "copying", "copyright", "notice", "authors", "citation",
    "attribution", "credits",
  ]
  /// A JPEG by another ending, which neither Keras nor torchvision takes for a picture.
  private static let endings = [".jfif"]

  static func isFile(_ name: String) -> Bool {
    let name = name.lowercased()
    return files.contains(name) || endings.contains(where: name.hasSuffix)
      || isNote(name)
  }

  static func isFolder(_ name: String) -> Bool { folders.contains(name.lowercased()) }

  /// A note's name, alone or before what is no letter: `readme[1].txt`, not `readmes.jpg`; a picture
  /// by its ending is a picture.
  private static func isNote(_ name: String) -> Bool {
    guard !PictureList.isPicture(name), let note = notes.first(where: name.hasPrefix) else {
      return false
    }
    return name.dropFirst(note.count).first?.isLetter != true
  }
}
