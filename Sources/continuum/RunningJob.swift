// SPDX-License-Identifier: Apache-2.0

import ExperimentRunner
import Foundation
import Tables

/// A run in progress, as one line.
struct RunningJob {
  let run: PlannedRun
  var last: RunEvent
  private let began = SuspendingClock.now
  /// Steps done when it was first heard of: they took none of this time.
  private let firstStep: Int

  /// Characters that the names of all points begin with; nil where there is one point.
  private let common: Int?

  init(_ run: PlannedRun, _ event: RunEvent, common: Int?) {
    (self.run, last, firstStep, self.common) = (run, event, event.step, common)
  }

  /// How many characters several names begin with alike, to the end of a word; nil for one name.
  static func common(_ names: Set<String>) -> Int? {
    guard names.count > 1, let first = names.first else { return nil }
    let alike = names.reduce(Substring(first)) { $0.commonPrefix(with: $1)[...] }
    // The point in a number ends no word.
    let end = alike.indices.last { index in
      alike[index] == " "
        || (alike[index] == "." && alike[..<index].last?.isLetter == true)
    }
    return end.map { alike.distance(from: alike.startIndex, to: $0) + 1 } ?? 0
  }

  /// `regular-conv, seed 0: epoch 3 of 12, train loss 0.5312, test top-1 71.3 %, 5,320 images/s`.
  static func evaluation(_ run: PlannedRun, _ event: RunEvent) -> String {
    let parts = ["epoch \(event.epoch) of \(event.epochs)"] + measures(event)
    return "\(run.title): \(parts.joined(separator: ", "))"
  }

  /// The same for a terminal, with the step and the time left. What is too long for it gives way:
  /// first what the titles of all points begin with, then the step, the rate and the time, then the
  /// title down to its seed and the words beside the numbers, and only then a number itself.
  func line(columns: Int) -> String {
    let step = "step \(NumberText.grouped(last.step))/\(NumberText.grouped(last.steps))"
    let epoch = "epoch \(min(last.epoch + 1, last.epochs))/\(last.epochs)"
    let left = secondsLeft.map { "\(Console.time($0)) left" }
    let rate = Self.rate(last)
    let measures = Self.measures(last)
    var parts = [epoch, step] + measures + [left].compactMap(\.self)
    var room: Int { columns - 3 - parts.joined(separator: "  ").count }
    var title = run.title
    if title.count > room { title = shortTitle }
    for part in [step, rate, left].compactMap(\.self) where room < min(title.count, 36) {
      parts.removeAll { $0 == part }
    }
    let numbers = Self.numbers(last, isShort: false)
    for (long, short) in zip(numbers, Self.numbers(last, isShort: true))
    where room < min(title.count, 12) {
      if let index = parts.firstIndex(of: long) { parts[index] = short }
    }
    if room < min(title.count, 16), parts.first == epoch { parts[0] = String(epoch.dropFirst(6)) }
    while room < 2, parts.count > 1 { parts.remove(at: 1) }
    let state = parts.joined(separator: "  ")
    return "\(shortened(title, to: room))  \(state)"
  }

  /// The title without what those of all points begin with.
  private var shortTitle: String {
    guard let common else { return "seed \(run.seed)" }
    return common > 0 ? "…\(run.title.dropFirst(common))" : run.title
  }

  /// The title's beginning and the seed; the seed alone where there is no place for more.
  private func shortened(_ title: String, to length: Int) -> String {
    guard title.count > length else { return title }
    let seed = "…, seed \(run.seed)"
    guard seed.count < length else {
      return "seed \(run.seed)".count <= length ? "seed \(run.seed)" : "s\(run.seed)"
    }
    var kept = title.prefix(length - seed.count)
    // A number is whole or absent.
    if kept.last?.isNumber == true || kept.last == "." {
      kept = kept[..<(kept.lastIndex(of: " ") ?? kept.startIndex)]
    }
    while let end = kept.last, " ,…".contains(end) { kept.removeLast() }
    return kept.isEmpty ? "seed \(run.seed)" : kept + seed
  }

  private static func measures(_ event: RunEvent) -> [String] {
    numbers(event, isShort: false) + [rate(event)].compactMap { $0 }
  }

  /// Loss and accuracy, with or without the set that they are of.
  private static func numbers(_ event: RunEvent, isShort: Bool) -> [String] {
    var parts: [String] = []
    if let loss = event.trainLoss {
      parts.append("\(isShort ? "" : "train ")loss \(Words.loss(loss))")
    }
    if let accuracy = event.accuracy, let name = event.accuracyName {
      let words = name.replacing("/top", with: " top-")
      let shown = isShort ? words.split(separator: " ").last.map(String.init) ?? words : words
      parts.append("\(shown) \(NumberText.fixed(100 * accuracy, decimals: 1)) %")
    }
    return parts
  }

  private static func rate(_ event: RunEvent) -> String? {
    event.imagesPerSecond.map {
      "\(NumberText.fixed($0, decimals: $0 < 10 ? 1 : 0)) images/s"
    }
  }

  private var secondsLeft: Double? {
    let seconds = (SuspendingClock.now - began) / .seconds(1)
    let steps = last.step - firstStep
    guard steps > 0, seconds > 0.5 else { return nil }
    return seconds * Double(last.steps - last.step) / Double(steps)
  }
}
