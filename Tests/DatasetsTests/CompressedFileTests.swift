// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Datasets

@Suite struct CompressedFileTests {
  /// A pipe that nobody writes to would be waited for, and a device never ends.
  @Test(.timeLimit(.minutes(1))) func onlyRegularFilesAreOpened() throws {
    let folder = try Folder()
    let pipe = "\(folder.path)/pipe"
    #expect(mkfifo(pipe, 0o600) == 0)
    let cases = [
      (pipe, "must be a regular file"), ("/dev/zero", "must be a regular file"),
      (folder.path, "must be a file, not a folder"), ("\(folder.path)/none", "does not exist"),
    ]
    for (path, rule) in cases {
      let error = #expect(throws: DatasetError.self) { try CompressedFile(path: path) }
      #expect(error?.file == path && error?.rule == rule)
      #expect(throws: DatasetError.self) { try TarFile(path: path) }
    }
  }
}
