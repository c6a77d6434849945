// SPDX-License-Identifier: Apache-2.0

import Kernels

// The passes on buffers that stand for themselves.
extension ConvolutionKernel {
  func forward(
    x: FloatBuffer, kernel: FloatBuffer, bias: FloatBuffer?, y: FloatBuffer,
    scratch: FloatBuffer, pool: ThreadPool
  ) {
    forward(x: InputView(x), kernel: kernel, bias: bias, y: y, scratch: scratch, pool: pool)
  }

  func inputGradient(
    dy: FloatBuffer, kernel: FloatBuffer, dx: FloatBuffer, accumulate: Bool,
    scratch: FloatBuffer, pool: ThreadPool
  ) {
    inputGradient(
      dy: GradientView(dy), kernel: kernel, dx: GradientTarget(dx, accumulate: accumulate),
      scratch: scratch, pool: pool)
  }

  func kernelGradient(
    x: FloatBuffer, dy: FloatBuffer, dKernel: FloatBuffer, scratch: FloatBuffer,
    pool: ThreadPool
  ) {
    kernelGradient(
      x: InputView(x), dy: GradientView(dy), dKernel: dKernel, scratch: scratch, pool: pool)
  }
}

extension PoolingKernel {
  func maxForward(x: FloatBuffer, y: FloatBuffer, winners: FloatBuffer?, pool: ThreadPool) {
    maxForward(x: InputView(x), y: y, winners: winners, pool: pool)
  }
}

extension GlobalAveragePooling {
  static func forward(
    x: FloatBuffer, y: FloatBuffer, batch: Int, pixels: Int, channels: Int, pool: ThreadPool
  ) {
    forward(
      x: InputView(x), y: y, batch: batch, pixels: pixels, channels: channels, pool: pool)
  }

  static func gradient(
    dy: FloatBuffer, dx: FloatBuffer, accumulate: Bool, batch: Int, pixels: Int, channels: Int,
    pool: ThreadPool
  ) {
    gradient(
      dy: dy, dx: GradientTarget(dx, accumulate: accumulate), batch: batch, pixels: pixels,
      channels: channels, pool: pool)
  }
}
