import Foundation

/// Files that Keras wrote, or that look as if older Keras had.
enum Golden {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Golden/keras")
}
