// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

let strict: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
]

/// A module of Continuum: a library target with its documentation beside it.
func module(
  _ name: String, _ dependencies: [Target.Dependency] = [], plugins: [Target.PluginUsage] = []
) -> Target {
  .target(
    name: name, dependencies: dependencies, exclude: ["README.md"], swiftSettings: strict,
    plugins: plugins)
}

/// The tests of one module.
func tests(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .testTarget(
    name: "\(name)Tests", dependencies: [.byName(name: name)] + dependencies,
    swiftSettings: strict)
}

let package = Package(
  name: "Continuum",
  products: [
    .executable(name: "continuum", targets: ["continuum"]),
    .library(name: "RandomStreams", targets: ["RandomStreams"]),
    .library(name: "Settings", targets: ["Settings"]),
    .library(name: "Tables", targets: ["Tables"]),
    .library(name: "Downloads", targets: ["Downloads"]),
    .library(name: "Pictures", targets: ["Pictures"]),
    .library(name: "Kernels", targets: ["Kernels"]),
    .library(name: "Engine", targets: ["Engine"]),
    .library(name: "ModelZoo", targets: ["ModelZoo"]),
    .library(name: "Datasets", targets: ["Datasets"]),
    .library(name: "Training", targets: ["Training"]),
    .library(name: "Records", targets: ["Records"]),
    .library(name: "Weights", targets: ["Weights"]),
    .library(name: "ExperimentRunner", targets: ["ExperimentRunner"]),
    .library(name: "Decoupling", targets: ["Decoupling"]),
    .library(name: "Statistics", targets: ["Statistics"]),
    .library(name: "Reports", targets: ["Reports"]),
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
        "ExperimentRunner", "Reports", "Training", "ModelZoo", "Engine", "Kernels", "Datasets",
        "Downloads", "Pictures", "Records", "Weights", "Settings", "Tables", "RandomStreams",
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
    .testTarget(
      name: "RecordsTests", dependencies: ["Records", "CHDF5", "RandomStreams"],
      exclude: ["read_with_h5py.py"], swiftSettings: strict),
    tests("Weights", ["Engine", "ModelZoo", "Records", "Settings", "CHDF5", "RandomStreams"]),
    tests("ExperimentRunner", ["Engine", "ModelZoo", "Training", "Records", "Settings"]),
    tests("Decoupling", ["RandomStreams", "CGSL"]),
    tests("Statistics"),
    tests("Reports", ["Records", "Settings", "Statistics", "Tables"]),
    .testTarget(
      name: "CommandLineTests",
      dependencies: [
        "TestSupport", "Engine", "ModelZoo", "Pictures", "RandomStreams", "Records", "Settings",
        "Tables", "Weights",
      ],
      swiftSettings: strict),
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
