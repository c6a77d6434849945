// SPDX-License-Identifier: Apache-2.0

import Datasets
import Engine
import ModelZoo
import Records
import Settings
import Training

/// One run of an experiment: everything settled, nothing done.
public struct PlannedRun: Sendable {
  /// The first 16 hexadecimal digits of the configuration's SHA-256.
  public let id: String
  public let seed: Int
  /// What the network is, from the configuration alone: block, segments, width.
  public let labels: [RunRecord.Label]
  /// The point's name in messages, by what differs among the experiment's points:
  /// `segmented-inception, segments 4, lambda 0, width 38`.
  public let point: String
  /// The label that the experiment gives the point; nil where it gives none.
  public let ownName: String?
  public let network: NetworkDescription
  public let data: DatasetDescription
  public let training: TrainingSettings
  public let graph: Graph
  public let transfer: Transfer?
  public let budget: RunRecord.Budget?
  /// The points of other budgets that come out as the same run, which is made once.
  public var twins: [Twin] = []
  /// The run as canonical JSON: whatever can change its result, and nothing else.
  public let configuration: String
  /// The sections as they were said at this point, before defaults and a budget.
  let said: JSON
  /// The paths that `vary` sets at this point.
  let varied: [String]

  /// A point of another budget, or of none, that is the same network as another point.
  public struct Twin: Sendable {
    public let point: String
    public let ownName: String?
    public let budget: RunRecord.Budget?
  }

  /// The run's name in messages: its point, or its network where nothing names one, and seed.
  public var title: String { "\(point.isEmpty ? network.key : point), seed \(seed)" }

  /// Updates from begin to end.
  public var steps: Int { training.epochs * (data.trainedImageCount / training.batch) }
}
