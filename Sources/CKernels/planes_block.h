// The inner blocks of the stencil over planes, included once per block size: Q output channels,
// and P vectors of 16 pixels (forward) or R rows of the kernel (kernel gradient) in registers.

#define NAMED_(name, a, b) name##_##a##x##b
#define NAMED(name, a, b) NAMED_(name, a, b)

#ifdef P
/// P · 16 pixels of Q output channels: each vector of pixels read feeds all of them.
CK_INLINE void NAMED(forward, P, Q)(
    const float *x, ptrdiff_t xStride, ptrdiff_t inputCount, float *y, ptrdiff_t yStride,
    ptrdiff_t outputCount, const float *kernel, ptrdiff_t kernelHeight, ptrdiff_t kernelWidth,
    ptrdiff_t rowStride, const float *bias, int isRectified) {
  f16 sum[P][Q];
  for (int q = 0; q < Q; q++) {
    for (int p = 0; p < P; p++) sum[p][q] = (f16){} + (bias ? bias[q] : 0.0f);
  }
  for (ptrdiff_t kh = 0; kh < kernelHeight; kh++) {
    for (ptrdiff_t kw = 0; kw < kernelWidth; kw++) {
      const float *source = x + kh * rowStride + kw;
      for (ptrdiff_t i = 0; i < inputCount; i++, source += xStride, kernel += outputCount) {
        f16 pixels[P];
        for (int p = 0; p < P; p++) pixels[p] = LOAD(f16, source + 16 * p);
        for (int q = 0; q < Q; q++) {
          for (int p = 0; p < P; p++) sum[p][q] += pixels[p] * kernel[q];
        }
      }
    }
  }
  for (int q = 0; q < Q; q++) {
    for (int p = 0; p < P; p++) {
      STORE(f16, y + q * yStride + 16 * p) =
          isRectified ? CK_RECTIFIED(f16, sum[p][q]) : sum[p][q];
    }
  }
}
#endif

#ifdef R
/// R rows of the kernel times Q output channels, summed over all pixels in registers.
CK_INLINE void NAMED(gradient, R, Q)(
    const float *const *rows, const float *dy, ptrdiff_t yStride, ptrdiff_t outputCount,
    float *dKernel, ptrdiff_t length) {
  f16 sum[R][Q] = {};
  for (ptrdiff_t p = 0; p < length; p += 16) {
    f16 pixels[R];
    for (int r = 0; r < R; r++) pixels[r] = LOAD(f16, rows[r] + p);
    for (int q = 0; q < Q; q++) {
      f16 gradient = LOAD(f16, dy + q * yStride + p);
      for (int r = 0; r < R; r++) sum[r][q] += pixels[r] * gradient;
    }
  }
  for (int r = 0; r < R; r++) {
    for (int q = 0; q < Q; q++) dKernel[r * outputCount + q] += ck_sum16(&sum[r][q]);
  }
}
#endif

#undef NAMED
#undef NAMED_
