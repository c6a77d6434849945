// SPDX-License-Identifier: Apache-2.0

import Foundation
import PackagePlugin

/// Gives a module the commit that it is built from, as `BuildCommit.text`.
///
/// Before every build, a script asks git; where there is no git, or no checkout, the commit is
/// `unknown`, and the build goes on. A fresh clone needs nothing beyond `swift build`.
@main
struct BuildCommit: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
    let package = context.package.directoryURL
    let output = context.pluginWorkDirectoryURL
    return [
      .prebuildCommand(
        displayName: "Asking git for the commit", executable: URL(fileURLWithPath: "/bin/sh"),
        arguments: [
          package.appending(path: "Plugins/BuildCommit/commit.sh").path, package.path,
          output.appending(path: "BuildCommit.swift").path,
        ],
        environment: ProcessInfo.processInfo.environment, outputFilesDirectory: output)
    ]
  }
}
