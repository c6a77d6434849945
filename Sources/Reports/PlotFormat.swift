// SPDX-License-Identifier: Apache-2.0

import Foundation
import Tables

/// The file formats of plots.
public enum PlotFormat: String, CaseIterable, Sendable {
  case svg, png, pdf
  /// For LaTeX: text in the document's own font.
  case tikz

  /// What a file of the format is called, without the dot.
  public var ending: String { self == .tikz ? "tex" : rawValue }

  /// The format that a path's ending says, or nil.
  public init?(path: String) {
    let ending = (path as NSString).pathExtension.lowercased()
    guard let format = Self.allCases.first(where: { [$0.rawValue, $0.ending].contains(ending) })
    else { return nil }
    self = format
  }

  /// The rule for a path, for messages.
  public static let rule = "must end in .svg, .png, .pdf or .tex"

  /// What gnuplot draws with. Sizes are in points, and a font's size is what the script says.
  func terminal(width: Double, height: Double) -> String {
    switch self {
    case .svg:
      let fonts = "DejaVu Sans,Verdana,Helvetica,Arial,sans-serif"
      return "svg size \(Int((width * 96 / 72).rounded())),\(Int((height * 96 / 72).rounded())) "
        + "noenhanced font '\(fonts),10' fontscale 1.33333 background rgb 'white' name 'continuum'"
    case .png:
      // What is as narrow as a page is printed; the rest is looked at.
      let perInch = width <= 540 ? 300.0 : 144.0
      let (scale, across) = (perInch / 96, Int((width * perInch / 72).rounded()))
      return "pngcairo size \(across),\(Int((height * perInch / 72).rounded())) noenhanced "
        + "font 'DejaVu Sans,10' fontscale \(scale) linewidth \(scale) pointscale \(scale) "
        + "background rgb 'white'"
    case .pdf:
      return "pdfcairo size \(width / 72)in,\(height / 72)in noenhanced "
        + "font 'DejaVu Sans,10' fontscale 0.75 linewidth 1.5 pointscale 0.75"
    case .tikz:
      return "tikz size \(width / 72)in,\(height / 72)in font ',10'"
    }
  }

  /// What a whole file of the format ends with, but for white space.
  private var end: [UInt8] {
    switch self {
    case .svg: Array("</svg>".utf8)
    case .png: Array("IEND".utf8) + [0xAE, 0x42, 0x60, 0x82]
    case .pdf: Array("%%EOF".utf8)
    case .tikz: Array("\\endgroup%".utf8)
    }
  }

  /// Whether a file was written to its end: gnuplot does not notice that a disk is full.
  func isWhole(_ data: Data) -> Bool {
    let blanks = Set("\n\r ".utf8)
    var last = data.endIndex
    while last > data.startIndex, blanks.contains(data[last - 1]) { last -= 1 }
    return data[..<last].suffix(end.count).elementsEqual(end)
  }

  /// What gnuplot wrote, made right where it is not.
  func corrected(_ data: Data) -> Data {
    switch self {
    case .svg:
      // XML forbids what gnuplot leaves alone: `]]>` in a text.
      let text = String(decoding: data, as: UTF8.self)
      return Data(text.replacingOccurrences(of: "]]>", with: "]]&gt;").utf8)
    case .tikz: return Data(TikZ.selfContained(String(decoding: data, as: UTF8.self)).utf8)
    case .png, .pdf: return data
    }
  }
}

/// Pictures of gnuplot's TikZ terminal, without its style file, which few LaTeX systems have.
enum TikZ {
  /// The picture with the definitions it needs, in a group, so that nothing else changes.
  static func selfContained(_ picture: String) -> String {
    guard picture.contains("\\end{tikzpicture}") else { return picture }
    // Line ends are blanks to LaTeX, and would move the picture.
    let lines = picture.split(separator: "\n").filter { !$0.hasPrefix("%%") }
    let head = definitions.replacingOccurrences(of: "\n", with: "%\n")
    return head + "%\n" + lines.joined(separator: "\n") + "%\n\\endgroup%\n"
  }

  /// Text as LaTeX takes it, smaller where the document's font would carry it past a width: fonts
  /// of less than 8 pt are wide, and LaTeX may only have larger ones.
  static func text(_ text: String, within points: Double?) -> String {
    let escaped = LaTeX.escaped(text)
    guard let points else { return escaped }
    return "\\gpfit{\(Gnuplot.short(points))bp}{\(escaped)}"
  }

  /// Source: gnuplot's gnuplot-lua-tikz-common.tex, reduced to what the plots use.
  private static let definitions = #"""
    % \input this file. Its document needs \usepackage{tikz} and \usetikzlibrary{plotmarks}.
    \begingroup
    \newdimen\gpbasems \gpbasems=.5pt
    \newdimen\gpbaselw \gpbaselw=.6pt
    \def\gpdashlength{\pgflinewidth}
    \colorlet{gpbgfillcolor}{white}\colorlet{gp lt color border}{black}
    \def\gpfill#1{\path[line width=0.1\gpbaselw,draw,fill,#1]}
    \def\gpsetlinewidth#1{\pgfsetlinewidth{#1\gpbaselw}}
    \def\gpsetlinetype#1{\tikzset{gp path/.style={#1,#1 add}}}
    \def\gpsetdashtype#1{\tikzset{gp path/.append style={#1}}}
    \def\gpsetpointsize#1{\tikzset{gp point/.style={mark size=#1\gpbasems}}}
    \def\gpcolor#1{\tikzset{global #1}}
    \def\gppoint#1#2{\path[solid] plot[only marks,gp point,#1] coordinates {#2};}
    \def\gp3point#1#2#3{\path[solid#2] plot[only marks,gp point,#1] coordinates {#3};}
    \def\gpdefrectangularnode#1#2#3{}
    \def\gpfit#1#2{\setbox0\hbox{#2}\ifdim\wd0>#1\relax\resizebox{#1}{!}{#2}\else#2\fi}
    \tikzset{
      rgb color/.code={\definecolor{.}{rgb}{#1}\tikzset{color=.}},
      global rgb color/.code={\definecolor{.}{rgb}{#1}\color{.}},
      global color/.code={\color{#1}},
      gnuplot/.style={line cap=round,line join=round,every node/.append style={inner sep=0pt}},
      gp node left/.style={anchor=mid west,yshift=-.12ex},
      gp node center/.style={anchor=mid,yshift=-.12ex},
      gp node right/.style={anchor=mid east,yshift=-.12ex},
      gp lt border/.style={solid}, gp lt border add/.style={},
      gp lt axes/.style={dotted}, gp lt axes add/.style={}, gp lt plot 0/.style={},
      gp lt plot 0 add/.style={}, gp dt axes/.style={dotted}, gp dt solid/.style={solid},
      gp dt 1/.style={solid},
      gp dt 2/.style={dash pattern=on 7.5\pgflinewidth off 7.5\pgflinewidth},
      gp dt 3/.style={dash pattern=on 2\pgflinewidth off 5\pgflinewidth},
      gp mark 0/.style={mark size=.5\pgflinewidth,mark=*},
      gp mark 4/.style={mark=square}, gp mark 5/.style={mark=square*},
      gp mark 6/.style={mark=o}, gp mark 7/.style={mark=*},
      gp mark 9/.style={mark=triangle*},
      gp mark 11/.style={mark=triangle*,every mark/.append style={rotate=180}},
      gp mark 13/.style={mark=diamond*}}
    """#
}
