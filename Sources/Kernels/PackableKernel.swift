/// A convolution whose kernel can be packed once for many forward passes, with what a batch norm
/// behind it would multiply and add, and a ReLU behind that.
public protocol PackableKernel: Sendable {
  /// Floats of a packed kernel with its bias.
  var packedCount: Int { get }

  /// Floats of scratch for `forward` by a packed kernel.
  func packedScratchCount(threads: Int) -> Int

  /// Lays a kernel out as `forward` reads it: each output channel multiplied by its scale, if there
  /// is one, and the bias, which is not.
  func pack(
    _ kernel: FloatBuffer, scale: FloatBuffer?, bias: FloatBuffer?, into packed: FloatBuffer,
    pool: ThreadPool)

  /// Whether `forward` can add to its output what lies in memory.
  var adds: Bool { get }

  /// y = x convolved with a packed kernel, plus its bias and the addend, if any, where `isRectified`
  /// nothing below zero; `moments`, if any, those of y.
  func forward(
    x: InputView, packed: FloatBuffer, addend: FloatBuffer?, isRectified: Bool, y: FloatBuffer,
    moments: FloatBuffer?, scratch: FloatBuffer, pool: ThreadPool)
}

extension ConvolutionKernel: PackableKernel {}
extension DepthwiseKernel: PackableKernel {}
