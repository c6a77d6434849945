// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Reports

/// A piece of text of a picture and the rectangle it takes, in units of the picture from its top.
struct TextBox: CustomStringConvertible {
  var text: String
  var left: Double
  var top: Double
  var right: Double
  var bottom: Double

  var description: String { "\"\(text)\" at \(left)…\(right), \(top)…\(bottom)" }

  func overlaps(_ other: TextBox) -> Bool {
    left < other.right && other.left < right && top < other.bottom && other.top < bottom
  }
}

/// All text of a picture, as two readers see it that know nothing of the layout.
struct TextBoxes {
  var width: Double
  var height: Double
  var boxes: [TextBox]

  /// What breaks the rule that all text is inside of the page and outside of the axes, and that
  /// none overlaps; empty where all is well.
  func faults(of picture: PlotPicture) -> [String] {
    var faults: [String] = []
    let areas = Self.areas(picture.script, width: width, height: height)
    if areas.isEmpty { faults.append("no axes") }
    for (index, box) in boxes.enumerated() {
      let isInside = box.left >= 0 && box.top >= 0 && box.right <= width && box.bottom <= height
      if !isInside { faults.append("\(box) leaves the page of \(width) × \(height)") }
      if areas.contains(where: { $0.overlaps(box) }) { faults.append("\(box) is on the axes") }
      for other in boxes[(index + 1)...] where box.overlaps(other) {
        faults.append("\(box) overlaps \(other)")
      }
    }
    return faults
  }

  /// The rectangles that axes enclose.
  private static func areas(_ script: String, width: Double, height: Double) -> [TextBox] {
    func ends(_ name: String) -> [Double] {
      script.split(separator: "\n").filter { $0.hasPrefix("set \(name) at screen ") }
        .compactMap { Double($0.split(separator: " ").last ?? "") }
    }
    let (left, right) = (ends("lmargin"), ends("rmargin"))
    let (top, bottom) = (ends("tmargin"), ends("bmargin"))
    return left.indices.map { index in
      TextBox(
        text: "axes", left: left[index] * width, top: (1 - top[index]) * height,
        right: right[index] * width, bottom: (1 - bottom[index]) * height)
    }
  }

  /// Of an SVG, whose texts have a place, a size and an anchor; widths are those of DejaVu Sans.
  init(svg: String) throws {
    let size = try #require(svg.firstMatch(of: #/viewBox="0 0 (?<width>\d+) (?<height>\d+)"/#))
    (width, height) = (Double(size.width) ?? 0, Double(size.height) ?? 0)
    let pattern =
      #/<g transform="translate\((?<x>[\d.-]+),(?<y>[\d.-]+)\)(?<turn> rotate\(-90[^)]*\))?"[^>]*font-size="(?<size>[\d.]+)"\s+text-anchor="(?<anchor>\w+)">\s*<text>(?<text>[^<]*)</#
    boxes = svg.matches(of: pattern).compactMap { match in
      let text = String(match.text).replacingOccurrences(of: "&lt;", with: "<")
        .replacingOccurrences(of: "&gt;", with: ">").replacingOccurrences(of: "&amp;", with: "&")
      guard !text.isEmpty, let x = Double(match.x), let y = Double(match.y),
        let size = Double(match.size)
      else { return nil }
      let length = PlotText.width(text, size: size)
      let start = match.anchor == "start" ? 0 : match.anchor == "end" ? -length : -length / 2
      let (up, down) = (0.76 * size, 0.24 * size)
      if match.turn == nil {
        return TextBox(
          text: text, left: x + start, top: y - up, right: x + start + length, bottom: y + down)
      }
      return TextBox(
        text: text, left: x - up, top: y - start - length, right: x + down, bottom: y - start)
    }
  }

  /// Of a PDF file, word by word, by poppler's `pdftotext`.
  init(pdf path: String) throws {
    let page = try Self.output("pdftotext", ["-bbox", path, "-"])
    let head = #/<page width="(?<width>[\d.]+)" height="(?<height>[\d.]+)"/#
    let size = try #require(page.firstMatch(of: head))
    (width, height) = (Double(size.width) ?? 0, Double(size.height) ?? 0)
    let pattern =
      #/xMin="(?<left>[\d.-]+)" yMin="(?<top>[\d.-]+)" xMax="(?<right>[\d.-]+)" yMax="(?<bottom>[\d.-]+)">(?<text>[^<]*)</#
    boxes = page.matches(of: pattern).map { match in
      let numbers = [match.left, match.top, match.right, match.bottom].map { Double($0) ?? .nan }
      // Poppler's boxes have room for accents, above and below or at the left and the right.
      let isUpright = numbers[3] - numbers[1] > numbers[2] - numbers[0]
      let (wide, high) = (numbers[2] - numbers[0], numbers[3] - numbers[1])
      let (x, y) = isUpright && match.text.count > 1 ? (0.1 * wide, 0) : (0, 0.1 * high)
      return TextBox(
        text: String(match.text), left: numbers[0] + x, top: numbers[1] + y,
        right: numbers[2] - x, bottom: numbers[3] - y)
    }
  }

  /// What a program writes; nil words where it is not there.
  static func output(_ program: String, _ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [program] + arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0, "\(program) \(arguments)")
    return String(decoding: data, as: UTF8.self)
  }

  static var hasPoppler: Bool { (try? output("which", ["pdftotext"])) != nil }
  static var hasTikZ: Bool {
    (try? output("which", ["pdflatex"])) != nil && (try? output("kpsewhich", ["tikz.sty"])) != nil
  }
}

/// A folder that goes away with the test.
final class ScratchFolder {
  let path = FileManager.default.temporaryDirectory
    .appendingPathComponent("reports-tests-\(UUID().uuidString)").path

  init() throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}
