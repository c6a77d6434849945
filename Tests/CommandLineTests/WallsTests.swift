// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// `.ci/walls` on a repository made up for it.
@Suite struct WallsTests {
  private let scratch: ScratchFolder

  init() throws {
    scratch = try ScratchFolder()
    let manager = FileManager.default
    for folder in [".ci", "Sources/Reports"] {
      try manager.createDirectory(
        at: scratch.url.appending(path: folder), withIntermediateDirectories: true)
    }
    let walls = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().appending(path: ".ci/walls")
    try manager.copyItem(at: walls, to: scratch.url.appending(path: ".ci/walls"))
    _ = try scratch.write(
      """
      // swift-tools-version: 6.0
      import PackageDescription

      let package = Package(
        name: "Made",
        targets: [
          .target(name: "Engine"), .target(name: "Records"), .target(name: "Settings"),
          .target(name: "Reports", dependencies: ["Records", "Settings"]),
        ])
      """, to: "Package.swift")
  }

  private func check(_ source: String) throws -> Tool.Outcome {
    _ = try scratch.write(source, to: "Sources/Reports/File.swift")
    return try Tool.shell(".ci/walls", in: scratch.url)
  }

  @Test(arguments: [
    "import Engine", "internal import Engine", "package import Engine", "public import Engine",
    "@_exported import Engine", "@preconcurrency public import Engine", "  import Engine",
    "import struct Engine.Shape", "@_spi(Tests) import Engine", "import Records; import Engine",
    "\timport\tEngine", "import Records\nfileprivate import class Engine.Executor",
  ])
  func everyFormOfAnImportIsSeen(_ source: String) throws {
    let outcome = try check("\(source)\n")
    #expect(outcome.exitCode == 1)
    #expect(outcome.messages.contains("Sources/Reports/File.swift imports Engine"))
  }

  @Test(arguments: [
    "import Records\nimport Foundation", "// import Engine", "let text = \"an import Engine\"", "",
    "@testable import Settings", "func important() {}",
  ])
  func whatIsAllowedPasses(_ source: String) throws {
    let outcome = try check("\(source)\n")
    #expect(outcome.exitCode == 0, "\(outcome.messages)")
  }
}
