// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// A library that takes the place of some calls of the system's, in the tool and all its children.
struct Interposer {
  /// Put before a command line: the tool is run with the library.
  let prefix: String

  #if os(Linux)
    private static let compiler = ["cc", "clang", "gcc"].first { name in
      (try? Tool.shell("command -v \(name)"))?.exitCode == 0
    }
  #else
    private static let compiler: String? = nil
  #endif

  static var isPossible: Bool { compiler != nil }
  static let need: Comment = "needs Linux and a C compiler"

  /// - Parameters:
  ///   - source: C.
  ///   - scratch: where the library lies while it is used.
  init(_ source: String, in scratch: ScratchFolder) throws {
    let compiler = try #require(Self.compiler)
    let file = try scratch.write(source, to: "interposed.c")
    let library = scratch.url.appending(path: "interposed.so").path
    let built = try Tool.shell(
      "\(compiler) -D_GNU_SOURCE -shared -fPIC -o \(library) \(file) -ldl")
    try #require(built.exitCode == 0, "\(built.messages)")
    prefix = "LD_PRELOAD=\(library)"
  }
}
