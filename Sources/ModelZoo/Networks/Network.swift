// SPDX-License-Identifier: Apache-2.0

import Engine
import Settings

/// A network of the zoo: what a file says of it, and the ops that it appends.
public protocol Network: Sendable {
  /// The name in files and on the command line: `stack`.
  static var key: String { get }
  /// One line on what it is.
  static var summary: String { get }
  static var source: Citation { get }

  /// The epsilon of its batch norms unless the user says otherwise.
  static var batchNormEpsilon: Double { get }

  /// Reads the network's own fields; the caller records what was read and refuses what is left.
  ///
  /// A field that comes later than the network's first run files is `recorded: .unlessDefault`, or the
  /// runs that are older lose their identity.
  init(_ fields: inout Fields) throws(SettingsError)

  /// The images and classes that it is published with, for where the user names none.
  var usualInput: Shape { get }
  var usualClasses: Int { get }
  /// What its published evaluation does to pictures.
  var preprocessing: PicturePreprocessing { get }

  /// The channels of the parts whose widths can be set one by one, in the order of the layers; empty
  /// where one option decides them all.
  var partWidths: [Int] { get }
  /// The options that give the parts these channels.
  static func settings(partWidths: [Int]) -> [String: JSON]

  /// Appends everything from the images to the logits.
  ///
  /// - Throws: the block option that a width cannot honour.
  func callAsFunction(
    _ images: Value, classes: Int, in graph: inout GraphBuilder
  ) throws(BlockError) -> Value
}

extension Network {
  public static var batchNormEpsilon: Double { 1e-3 }
  public var usualInput: Shape { Shape(height: 32, width: 32, channels: 3) }
  public var usualClasses: Int { 10 }
  public var preprocessing: PicturePreprocessing { .inception(size: usualInput.height) }
  public var partWidths: [Int] { [] }
  public static func settings(partWidths: [Int]) -> [String: JSON] { [:] }
}

/// The networks.
public enum NetworkZoo {
  public static let all: [any Network.Type] = [
    Stack.self,
    Probe.self,
    Xception.self,
    XceptionContinuum.self,
    XceptionVGGStyle.self,
    InceptionV3<InceptionOfToday>.self,
    InceptionV3<InceptionOf2016>.self,
    VGG16.self,
    ResNet152.self,
  ]

  /// The network of a key, or nil.
  public static func network(_ key: String) -> (any Network.Type)? {
    all.first { $0.key == key }
  }
}
