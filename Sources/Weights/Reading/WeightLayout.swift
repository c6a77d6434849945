// SPDX-License-Identifier: Apache-2.0

import Records
import Settings

/// Tells the layouts of weight files apart by what stands at the root.
enum WeightLayout {
  /// - Parameter configuration: how the model is built, where that stands beside the file.
  static func outline(
    of root: HDF5Group, configuration: String? = nil, into builder: OutlineBuilder
  ) throws(RecordError) -> WeightOutline {
    builder.visit(root)
    if root.attributes.contains("schema") {
      return try ContinuumLayout.outline(of: root, into: builder)
    }
    let text = if let configuration { configuration } else { try configurationAttribute(of: root) }
    let model = text.map(KerasModelReader.model)
    if isLegacy(root) {
      return try KerasLegacyLayout.outline(
        of: root, format: .kerasLegacy, model: model, into: builder)
    }
    if root.contains("model_weights") {
      let weights = try root.group("model_weights")
      builder.visit(weights)
      return try KerasLegacyLayout.outline(
        of: weights, format: .kerasLegacyModel, model: model, into: builder)
    }
    for name in KerasVariablesLayout.layerGroups where root.contains(name) {
      return try KerasVariablesLayout.outline(
        of: root, layers: name, model: model, into: builder)
    }
    if root.attributes.contains(KerasNumberedLayout.mark) {
      return try KerasNumberedLayout.outline(of: root, into: builder)
    }
    try refuseBackslashes(in: root, builder)
    throw RecordError(
      file: builder.file,
      rule: "is HDF5, but no weight file: it must hold /weights with the attribute schema "
        + "(continuum), the attribute nb_layers (Keras 0), layer_names or /model_weights (Keras 1 "
        + "and 2), or /layers (Keras 3)")
  }

  /// A whole model in HDF5 says there how it is built.
  private static func configurationAttribute(
    of root: HDF5Group
  ) throws(RecordError) -> String? {
    let name = "model_config"
    return root.attributes.contains(name) ? try root.attributes.text(name) : nil
  }

  /// Some versions of Keras joined names with the separator of the system's paths.
  private static func refuseBackslashes(
    in root: HDF5Group, _ builder: OutlineBuilder
  ) throws(RecordError) {
    for case .group(let name) in try root.children() where name.contains("\\") {
      throw builder.error(
        printable(name),
        "has backslashes in its name, as Keras 2.12 to 3.0 wrote them under Windows; load the file "
          + "there and save it again with a newer Keras")
    }
  }

  private static func isLegacy(_ group: HDF5Group) -> Bool {
    group.attributes.contains("layer_names") || group.attributes.contains("layer_names0")
  }
}

/// Our own files: `/weights/PATH` with the attribute `index`.
enum ContinuumLayout {
  static let schema = "continuum-weights/1"
  static let runSchema = "continuum-run/1"
  /// Text [classes], in both.
  static let classNames = "classNames"

  static func outline(
    of root: HDF5Group, into builder: OutlineBuilder
  ) throws(RecordError) -> WeightOutline {
    let found = try root.attributes.text("schema")
    guard found == schema || found == runSchema else {
      throw RecordError(
        file: builder.file, object: "/@schema",
        rule: "is \"\(found)\"; weights are read from \"\(schema)\" and \"\(runSchema)\"")
    }
    guard root.contains("weights") else {
      throw RecordError(
        file: builder.file,
        rule: "keeps no weights; runs keep them with --keep-weights")
    }
    try addArrays(of: try root.group("weights"), into: builder)
    var outline = WeightOutline(
      format: found == schema ? .continuum : .run, layers: builder.layers)
    if found == schema {
      outline.network = try root.attributes.text("network")
      outline.input = try root.attributes.numbers("input")
      outline.classes = try root.attributes.number("classes")
      outline.trained = try TrainedImages(in: root)
    } else {
      let configuration = try root.attributes.text("configuration")
      let json = try? JSON(text: configuration, source: builder.file)
      outline.network = json?["network"]?.canonicalText
      outline.classes = outline.classifierClasses
      let images =
        root.contains("images") ? try RunRecord.Images(in: try root.group("images")) : nil
      outline.input = images.map { [$0.height, $0.width, $0.channels] }
      outline.trained = TrainedImages(configuration: json, images: images)
    }
    outline.classNames = try classNames(of: root)
    if let names = outline.classNames, let classes = outline.classes ?? outline.classifierClasses,
      names.count != classes
    {
      throw RecordError(
        file: builder.file, object: "/\(classNames)",
        rule: "names \(names.count) classes; the network has \(classes)")
    }
    return outline
  }

  private static func classNames(
    of root: HDF5Group
  ) throws(RecordError) -> [String]? {
    guard root.contains(classNames) else { return nil }
    return try root.dataset(classNames).texts()
  }

  private static func addArrays(
    of group: HDF5Group, into builder: OutlineBuilder
  ) throws(RecordError) {
    var arrays: [(index: Int, path: String, dataset: HDF5Dataset)] = []
    for (path, dataset) in try group.datasets() {
      arrays.append((try dataset.attributes.number("index"), path, dataset))
    }
    arrays.sort { $0.index < $1.index }
    guard arrays.map(\.index) == Array(arrays.indices) else {
      throw RecordError(
        file: builder.file, object: "/weights",
        rule: "must number its \(arrays.count) arrays from 0 on, in the attribute index")
    }
    var layer: (name: String, arrays: [(name: String, dataset: HDF5Dataset)]) = ("", [])
    for (_, path, dataset) in arrays {
      let parts = path.split(separator: "/")
      let name = parts.dropLast().joined(separator: "/")
      if name != layer.name, !layer.arrays.isEmpty {
        try builder.add(layer: layer.name, arrays: layer.arrays)
        layer.arrays = []
      }
      layer.name = name
      layer.arrays.append((String(parts.last ?? ""), dataset))
    }
    if !layer.arrays.isEmpty { try builder.add(layer: layer.name, arrays: layer.arrays) }
  }
}
