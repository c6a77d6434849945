// SPDX-License-Identifier: Apache-2.0

/// What an op asks of the plan, and what it can do for the ops around it.
public struct OpDemands: Sendable {
  /// What of its own the backward pass reads again.
  public struct BackwardReads: OptionSet, Sendable {
    public let rawValue: Int
    public init(rawValue: Int) { self.rawValue = rawValue }

    public static let inputs = BackwardReads(rawValue: 1)
    public static let output = BackwardReads(rawValue: 2)
  }

  public var backwardReads: BackwardReads = []
  /// Floats that the forward pass leaves for the backward pass.
  public var savedCount = 0
  /// Floats of working memory for either pass.
  public var scratchCount = 0
  /// Whether the output may take the first input's place in memory, and the first input's gradient
  /// the output gradient's.
  public var worksInPlace = false
  /// Whether the gradients of the inputs are that of the output, as of a sum.
  public var sharesGradient = false
  /// How the inputs may be seen.
  public var views = ViewSupport.none
  /// What the backward pass does where it saw an input through an activation.
  public var masking = Masking.ofShares
  /// Whether the gradient of the output may be seen through a batch norm that reads the output.
  public var takesGradientViews = false
  /// Tiles for which the forward pass gathers the output's moments; 0 where it cannot.
  public var momentTiles = 0
  /// Tiles for which the backward pass gathers the sums of the first input's gradient.
  public var sumTiles = 0

  public init(
    backwardReads: BackwardReads = [], savedCount: Int = 0, scratchCount: Int = 0,
    worksInPlace: Bool = false, sharesGradient: Bool = false, views: ViewSupport = .none,
    masking: Masking = .ofShares
  ) {
    self.backwardReads = backwardReads
    self.savedCount = savedCount
    self.scratchCount = scratchCount
    self.worksInPlace = worksInPlace
    self.sharesGradient = sharesGradient
    self.views = views
    self.masking = masking
  }
}

/// How an op's inputs may be seen.
public enum ViewSupport: Int, Sendable, Comparable {
  /// As they lie in memory only.
  case none
  /// Also through a batch norm.
  case normalized
  /// Also through a ReLU.
  case rectified
  /// Also through any activation, whose derivative the op then applies to the gradient that it writes.
  case activated

  public static func < (first: ViewSupport, second: ViewSupport) -> Bool {
    first.rawValue < second.rawValue
  }
}

/// How a backward pass applies the derivative of an activation through which it saw an input.
public enum Masking: Sendable {
  /// To what it writes itself.
  case ofShares
  /// To that, or to all that was written of the gradient.
  case ofSums
  /// To what it writes, without reading the input again.
  case byItself
}

extension OpDemands {
  /// What convolutions whose passes read and write through views can do for the ops around them.
  mutating func useViews(momentTiles: Int, sumTiles: Int) {
    views = .activated
    masking = .ofSums
    takesGradientViews = true
    self.momentTiles = momentTiles
    self.sumTiles = sumTiles
  }
}
