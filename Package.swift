// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0

import Foundation
import PackageDescription

let strict: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
]

/// Whether the machine has ONNX' schema and protobuf (Debian's libonnx-dev and libprotobuf-dev); without
/// them everything builds but the ONNX export.
let hasONNX =
  FileManager.default.fileExists(atPath: "/usr/include/onnx/onnx_pb.h")
  && FileManager.default.fileExists(atPath: "/usr/include/google/protobuf/message.h")

/// A module of Continuum: a library target with its documentation beside it.
func module(
  _ name: String, _ dependencies: [Target.Dependency] = [], plugins: [Target.PluginUsage] = [],
  settings: [SwiftSetting] = []
) -> Target {
  .target(
    name: name, dependencies: dependencies, exclude: ["README.md"],
    swiftSettings: strict + settings, plugins: plugins)
}

/// Tests run a fraction of the time that optimising them takes: what they compute much of lies in
/// TestSupport. Nobody who depends on this package builds its tests, so the flag forbids nothing.
let unoptimised = strict + [.unsafeFlags(["-Onone"])]

/// The tests of one module.
func tests(
  _ name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = []
) -> Target {
  .testTarget(
    name: "\(name)Tests", dependencies: [.byName(name: name)] + dependencies, exclude: exclude,
    swiftSettings: unoptimised)
}

let package = Package(
  name: "Continuum",
  products: [
    .executable(name: "continuum", targets: ["continuum"]),
    // What others can use; Tests/ExampleTests shows how.
    .library(name: "RandomStreams", targets: ["RandomStreams"]),
    .library(name: "Settings", targets: ["Settings"]),
    .library(name: "Tables", targets: ["Tables"]),
    .library(name: "Pictures", targets: ["Pictures"]),
    .library(name: "Engine", targets: ["Engine"]),
    .library(name: "ModelZoo", targets: ["ModelZoo"]),
    .library(name: "Datasets", targets: ["Datasets"]),
    .library(name: "Training", targets: ["Training"]),
    .library(name: "Records", targets: ["Records"]),
    .library(name: "Weights", targets: ["Weights"]),
    .library(name: "Export", targets: ["Export"]),
    .library(name: "Statistics", targets: ["Statistics"]),
    .library(name: "Decoupling", targets: ["Decoupling"]),
  ],
  targets: [
    // MARK: System libraries
    .systemLibrary(
      name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
    .systemLibrary(name: "CHDF5", pkgConfig: "hdf5", providers: [.apt(["libhdf5-dev"])]),
    .systemLibrary(
      name: "CArchive", pkgConfig: "libarchive",
      providers: [.apt(["libarchive-dev", "zlib1g-dev"])]),
    .systemLibrary(name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
    .systemLibrary(
      name: "CJPEG", pkgConfig: "libjpeg", providers: [.apt(["libjpeg62-turbo-dev"])]),
    .systemLibrary(name: "CGSL", providers: [.apt(["libgsl-dev", "libopenblas-dev"])]),
    .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),

    // MARK: The commit that is built
    .plugin(name: "BuildCommit", capability: .buildTool(), exclude: ["commit.sh"]),

    // MARK: C inner loops
    .target(name: "CKernels"),

    // MARK: ONNX' schema, where there is one
    .target(
      name: "CONNX", cxxSettings: hasONNX ? [.define("CONTINUUM_ONNX")] : [],
      linkerSettings: hasONNX ? [.linkedLibrary("onnx_proto"), .linkedLibrary("protobuf")] : []),

    // MARK: Modules, from the ground up
    module("RandomStreams"),
    module("Settings"),
    module("Tables"),
    module("Downloads", ["CCrypto", "Settings"]),
    module("Pictures", ["Settings", "CPNG", "CJPEG"]),
    module("Kernels", ["CKernels", "COpenBLAS"]),
    module("Engine", ["Kernels", "RandomStreams"]),
    module("ModelZoo", ["Engine", "Settings", "Tables"]),
    module("Datasets", ["RandomStreams", "Settings", "Pictures", "Downloads", "CArchive"]),
    module("Training", ["Kernels", "Engine", "ModelZoo", "Datasets", "RandomStreams", "Settings"]),
    module("Records", ["CHDF5", "CCrypto"]),
    module("Statistics", ["CGSL"]),
    module("Reports", ["Records", "Settings", "Tables", "Statistics", "CGSL"]),
    module("Weights", ["Engine", "ModelZoo", "Records", "Settings", "CArchive"]),
    module(
      "Export", ["Engine", "Kernels", "ModelZoo", "Records", "Settings", "CONNX"],
      settings: hasONNX ? [.define("CONTINUUM_ONNX")] : []),
    module(
      "ExperimentRunner",
      [
        "Training", "ModelZoo", "Engine", "Kernels", "Datasets", "Records", "Weights", "Settings",
        "Reports", "CCrypto",
      ], plugins: ["BuildCommit"]),
    module("Decoupling", ["RandomStreams", "CGSL"]),

    // MARK: The command-line tool
    .executableTarget(
      name: "continuum",
      dependencies: [
        "ExperimentRunner", "Export", "Reports", "Training", "ModelZoo", "Engine", "Kernels",
        "Datasets", "Downloads", "Pictures", "Records", "Weights", "Settings", "Tables",
        "RandomStreams",
        "Decoupling", "Statistics",
      ],
      exclude: ["README.md"], swiftSettings: strict),

    // MARK: Whether the statistics keep their promises
    .executableTarget(
      name: "calibrate", dependencies: ["Statistics"], exclude: ["README.md"],
      swiftSettings: strict),

    // MARK: Tests
    .target(
      name: "TestSupport",
      dependencies: ["Kernels", "Engine", "ModelZoo", "RandomStreams", "Settings"],
      path: "Tests/TestSupport", exclude: ["README.md"], swiftSettings: strict),
    tests("TestSupport", ["Engine", "ModelZoo", "RandomStreams", "Settings"]),
    tests("RandomStreams"),
    tests("Settings"),
    tests("Tables"),
    tests("Downloads"),
    tests("Pictures", ["TestSupport", "Settings", "RandomStreams"]),
    tests("Kernels", ["TestSupport", "RandomStreams"]),
    tests("Engine", ["TestSupport", "RandomStreams"]),
    tests("ModelZoo", ["TestSupport", "Engine", "Settings", "RandomStreams"]),
    tests("Datasets", ["RandomStreams", "Settings", "Pictures"]),
    tests(
      "Training", ["TestSupport", "Engine", "ModelZoo", "Datasets", "Pictures", "Settings"]),
    tests("Records", ["CHDF5", "RandomStreams"], exclude: ["read_with_h5py.py"]),
    tests("Weights", ["Engine", "ModelZoo", "Records", "Settings", "CHDF5", "RandomStreams"]),
    tests("Export", ["TestSupport", "Engine", "ModelZoo", "Settings"]),
    tests(
      "ExperimentRunner", ["Datasets", "Engine", "ModelZoo", "Training", "Records", "Settings"]),
    tests("Decoupling", ["RandomStreams", "CGSL"]),
    tests("Statistics"),
    tests("Reports", ["Records", "Settings", "Statistics", "Tables"]),
    .testTarget(
      name: "ExampleTests",
      dependencies: [
        "RandomStreams", "Settings", "Tables", "Pictures", "Engine", "ModelZoo", "Datasets",
        "Training", "Records", "Weights", "Export", "Statistics", "Decoupling",
      ],
      swiftSettings: unoptimised),
    .testTarget(
      name: "CommandLineTests",
      dependencies: [
        "TestSupport", "Engine", "ModelZoo", "Pictures", "RandomStreams", "Records", "Settings",
        "Tables", "Weights",
      ],
      swiftSettings: unoptimised),
  ],
  swiftLanguageModes: [.v6]
)

// MARK: Fuzzing, where `make fuzz` asks for it: it takes -sanitize=fuzzer

if Context.environment["CONTINUUM_FUZZ"] != nil {
  package.targets += [
    .systemLibrary(name: "CFuzzer", path: "Tests/Fuzz/CFuzzer"),
    .executableTarget(
      name: "fuzz",
      dependencies: [
        "CFuzzer", "ExperimentRunner", "ModelZoo", "Datasets", "Pictures", "Records", "Weights",
        "Settings",
      ],
      path: "Tests/Fuzz", exclude: ["README.md", "corpus", "CFuzzer", "fuzz.sh"],
      swiftSettings: strict),
  ]
}
