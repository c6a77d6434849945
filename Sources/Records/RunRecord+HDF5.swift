// SPDX-License-Identifier: Apache-2.0

/// How a run becomes a file and comes back; README.md documents the schema.
extension RunRecord {
  static let schema = "continuum-run/1"

  /// The large parts of a run file, which tables do without.
  public struct Parts: OptionSet, Sendable {
    public let rawValue: Int
    public static let predictions = Parts(rawValue: 1)
    public static let weights = Parts(rawValue: 2)
    public static let all: Parts = [.predictions, .weights]

    public init(rawValue: Int) {
      self.rawValue = rawValue
    }
  }

  /// Writes the run file: it appears whole, synced to disk, or not at all.
  ///
  /// - Throws: where the system refuses, a text holds a zero byte, two names collide, or shapes
  ///   and values disagree.
  public func write(to path: String) throws(RecordError) {
    try HDF5File.write(to: path) { (root) throws(RecordError) in
      try writeIdentity(to: root)
      try writeProvenance(to: root)
      try root.write(curves: curves)
      try root.write(metrics, to: "metrics")
      try root.write(facts, to: "facts")
      if !classNames.isEmpty {
        try root.write(classNames, shape: [classNames.count], to: "classNames")
      }
      if let data { try data.write(to: try root.makeGroup("data")) }
      if let images { try images.write(to: try root.makeGroup("images")) }
      if let predictions { try predictions.write(to: try root.makeGroup("predictions")) }
      if !weights.isEmpty { try root.write(weights, to: "weights") }
    }
  }

  /// Reads a run file.
  ///
  /// - Parameters:
  ///   - path: of the run file.
  ///   - parts: which of the large parts to read; the others are left nil or empty.
  /// - Throws: where the file is damaged, of another schema, or lacks something.
  public init(contentsOf path: String, reading parts: Parts = .all) throws(RecordError) {
    let root = try HDF5File(reading: path, mustBeSealed: true).root
    try root.requireSchema(Self.schema)
    self.init(
      id: try root.attributes.text("id"),
      experiment: try root.attributes.text("experiment"),
      configuration: try root.attributes.text("configuration"),
      labels: try Self.labels(in: root),
      seed: try root.attributes.number("seed"),
      status: try Self.status(in: root),
      cost: try Cost(in: try root.group("cost")),
      budget: root.contains("budget") ? try Budget(in: try root.group("budget")) : nil,
      provenance: try Provenance(in: try root.group("provenance")),
      curves: try root.curves(),
      metrics: try root.numbers("metrics"),
      classNames: root.contains("classNames") ? try root.dataset("classNames").texts() : [],
      data: root.contains("data") ? try DataIdentity(in: try root.group("data")) : nil,
      images: root.contains("images") ? try Images(in: try root.group("images")) : nil,
      facts: try root.numbers("facts"))
    if parts.contains(.predictions), root.contains("predictions") {
      predictions = try Predictions(in: try root.group("predictions"))
    }
    if parts.contains(.weights), root.contains("weights") {
      weights = try root.tensors("weights")
    }
  }

  /// The digest of the run's data alone, without the rest of the file; nil in files of before 2026-12.
  public static func dataDigest(inFile path: String) throws(RecordError) -> String? {
    let root = try HDF5File(reading: path, mustBeSealed: true).root
    return root.contains("data") ? try root.group("data").attributes.text("digest") : nil
  }

  private func writeIdentity(to root: HDF5Group) throws(RecordError) {
    try root.attributes.write(Self.schema, to: "schema")
    try root.attributes.write(id, to: "id")
    try root.attributes.write(experiment, to: "experiment")
    try root.attributes.write(configuration, to: "configuration")
    try root.attributes.write(seed, to: "seed")
    switch status {
    case .finished: try root.attributes.write("finished", to: "status")
    case .failed(let reason):
      try root.attributes.write("failed", to: "status")
      try root.attributes.write(reason, to: "reason")
    }
    try root.write(
      labels.flatMap { [$0.name, $0.value] }, shape: [labels.count, 2], to: "labels")
  }

  private func writeProvenance(to root: HDF5Group) throws(RecordError) {
    let costs = [
      "trainableParameters": cost.trainableParameters,
      "nonTrainableParameters": cost.nonTrainableParameters, "multiplyAdds": cost.multiplyAdds,
    ]
    try root.write(costs, to: "cost")
    if let budget {
      let group = try root.makeGroup("budget")
      try group.attributes.write(budget.quantity, to: "quantity")
      try group.attributes.write(budget.target, to: "target")
      try group.attributes.write(budget.actual, to: "actual")
    }
    let texts = [
      "commit": provenance.commit, "version": provenance.version,
      "processor": provenance.processor, "blasKernels": provenance.blasKernels,
      "started": provenance.started,
    ]
    try root.write(texts, to: "provenance")
    let group = try root.group("provenance")
    try group.attributes.write(provenance.threads, to: "threads")
    try group.attributes.write(provenance.seconds, to: "seconds")
    try group.attributes.write(provenance.millisecondsPerStep, to: "millisecondsPerStep")
    try group.write(provenance.libraries, to: "libraries")
    try Session.write(provenance.sessions, to: group)
  }

  private static func labels(in root: HDF5Group) throws(RecordError) -> [Label] {
    let dataset = try root.dataset("labels")
    let shape = try dataset.shape()
    guard shape.count == 2, shape[1] == 2 else {
      throw dataset.place.error("must have two columns, name and value")
    }
    let texts = try dataset.texts()
    return stride(from: 0, to: texts.count, by: 2).map {
      Label(name: texts[$0], value: texts[$0 + 1])
    }
  }

  private static func status(in root: HDF5Group) throws(RecordError) -> Status {
    switch try root.attributes.text("status") {
    case "finished": return .finished
    case "failed": return .failed(reason: try root.attributes.text("reason"))
    case let other:
      throw root.place.attribute("status")
        .error("is \"\(other)\"; it must be \"finished\" or \"failed\"")
    }
  }
}

// MARK: Its parts

extension RunRecord.Cost {
  fileprivate init(in group: HDF5Group) throws(RecordError) {
    self.init(
      trainableParameters: try group.attributes.number("trainableParameters"),
      nonTrainableParameters: try group.attributes.number("nonTrainableParameters"),
      multiplyAdds: try group.attributes.number("multiplyAdds"))
  }
}

extension RunRecord.Budget {
  fileprivate init(in group: HDF5Group) throws(RecordError) {
    self.init(
      quantity: try group.attributes.text("quantity"),
      target: try group.attributes.number("target"),
      actual: try group.attributes.number("actual"))
  }
}

extension RunRecord.Provenance {
  fileprivate init(in group: HDF5Group) throws(RecordError) {
    self.init(
      commit: try group.attributes.text("commit"),
      version: try group.attributes.text("version"),
      processor: try group.attributes.text("processor"),
      blasKernels: try group.attributes.text("blasKernels"),
      threads: try group.attributes.number("threads"),
      libraries: try group.texts("libraries"),
      started: try group.attributes.text("started"),
      seconds: try group.attributes.number("seconds"),
      millisecondsPerStep: try group.attributes.number("millisecondsPerStep"),
      sessions: try RunRecord.Session.all(in: group))
  }
}

extension RunRecord.DataIdentity {
  fileprivate func write(to group: HDF5Group) throws(RecordError) {
    try group.attributes.write(digest, to: "digest")
    try group.attributes.write(train, to: "train")
    try group.attributes.write(validation, to: "validation")
    try group.attributes.write(test, to: "test")
  }

  fileprivate init(in group: HDF5Group) throws(RecordError) {
    self.init(
      digest: try group.attributes.text("digest"), train: try group.attributes.number("train"),
      validation: try group.attributes.number("validation"),
      test: try group.attributes.number("test"))
  }
}

extension RunRecord.Session {
  static func write(_ sessions: [Self], to group: HDF5Group) throws(RecordError) {
    for (number, session) in sessions.enumerated() {
      try session.write(to: group, as: "sessions/\(number)")
    }
  }

  private func write(to provenance: HDF5Group, as name: String) throws(RecordError) {
    let texts = [
      "commit": commit, "processor": processor, "level": level, "blasKernels": blasKernels,
      "started": started,
    ]
    try provenance.write(texts, to: name)
    let group = try provenance.group(name)
    try group.attributes.write(threads, to: "threads")
    try group.attributes.write(jobs, to: "jobs")
    try group.attributes.write(seconds, to: "seconds")
    try group.attributes.write(firstEpoch, to: "firstEpoch")
    try group.attributes.write(lastEpoch, to: "lastEpoch")
    try group.write(libraries, to: "libraries")
  }

  static func all(in provenance: HDF5Group) throws(RecordError) -> [Self] {
    var sessions: [Self] = []
    while provenance.contains("sessions/\(sessions.count)") {
      sessions.append(try Self(in: try provenance.group("sessions/\(sessions.count)")))
    }
    return sessions
  }

  private init(in group: HDF5Group) throws(RecordError) {
    let attributes = group.attributes
    self.init(
      commit: try attributes.text("commit"), processor: try attributes.text("processor"),
      level: try attributes.text("level"), blasKernels: try attributes.text("blasKernels"),
      threads: try attributes.number("threads"), jobs: try attributes.number("jobs"),
      started: try attributes.text("started"), seconds: try attributes.number("seconds"),
      firstEpoch: try attributes.number("firstEpoch"),
      lastEpoch: try attributes.number("lastEpoch"), libraries: try group.texts("libraries"))
  }
}

extension RunRecord.Predictions {
  /// Sweeps keep thousands of files, and a class mostly fits a byte.
  fileprivate func write(to group: HDF5Group) throws(RecordError) {
    for (name, values) in [("labels", labels), ("predicted", predicted)] {
      if classes <= 256 {
        try group.write(values.map(UInt8.init), shape: [values.count], to: name)
      } else {
        try group.write(values, shape: [values.count], to: name)
      }
    }
    try group.attributes.write(classes, to: "classes")
  }

  fileprivate init(in group: HDF5Group) throws(RecordError) {
    let labels: [Int32] = try group.dataset("labels").numbers()
    guard group.contains("predicted") else {
      try self.init(labels: labels, probabilities: group.dataset("probabilities"))
      return
    }
    let dataset = try group.dataset("predicted")
    let predicted: [Int32] = try dataset.numbers()
    let classes: Int = try group.attributes.number("classes")
    guard predicted.count == labels.count else {
      throw dataset.place.error("must be a class for every label")
    }
    guard (predicted + labels).allSatisfy({ $0 >= 0 && Int($0) < classes }) else {
      throw dataset.place.error("must be numbers of the \(classes) classes")
    }
    self.init(labels: labels, predicted: predicted, classes: classes)
  }

  /// Of an older file, which kept the probabilities of all classes.
  private init(labels: [Int32], probabilities dataset: HDF5Dataset) throws(RecordError) {
    let shape = try dataset.shape()
    guard shape.count == 2, shape[0] == labels.count, shape[1] >= 1 else {
      throw dataset.place.error("must be a row of class probabilities for every label")
    }
    let (classes, probabilities) = (shape[1], try dataset.numbers() as [Float])
    let predicted = labels.indices.map { image in
      let row = probabilities[image * classes..<(image + 1) * classes]
      // The first of equal ones.
      let best = row.indices.reduce(row.startIndex) { row[$1] > row[$0] ? $1 : $0 }
      return Int32(best - row.startIndex)
    }
    self.init(labels: labels, predicted: predicted, classes: classes)
  }
}
