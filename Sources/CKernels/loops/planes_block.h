// SPDX-License-Identifier: Apache-2.0

// The inner blocks of the stencil over planes, included once per block size: Q output channels, and R
// vectors of 16 pixels (forward) or R rows of the kernel (kernel gradient) in registers.

#define NAMED__(name, r, q) name##_##r##x##q
#define NAMED_(name, r, q) NAMED__(name, r, q)
#define NAMED(name) NAMED_(name, R, Q)

/// R · 16 pixels of Q output channels: each vector of pixels read feeds all of them.
CK_INLINE void NAMED(planes_forward)(
    const float *x, const float *kernel, const ck_planes *g, const ck_epilogue *e, float *y) {
  f16 sum[R][Q];
  for (int q = 0; q < Q; q++) {
    for (int r = 0; r < R; r++) sum[r][q] = (f16){} + (e->bias ? e->bias[q] : 0.0f);
  }
  for (ptrdiff_t kh = 0; kh < g->kernelHeight; kh++) {
    for (ptrdiff_t kw = 0; kw < g->kernelWidth; kw++) {
      const float *source = x + kh * g->rowStride + kw;
      for (ptrdiff_t i = 0; i < g->inputs; i++, source += g->xStride, kernel += g->outputs) {
        f16 pixels[R];
        for (int r = 0; r < R; r++) pixels[r] = LOAD(f16, source + 16 * r);
        for (int q = 0; q < Q; q++) {
          for (int r = 0; r < R; r++) sum[r][q] += pixels[r] * kernel[q];
        }
      }
    }
  }
  for (int q = 0; q < Q; q++) {
    for (int r = 0; r < R; r++) {
      STORE(f16, y + q * g->yStride + 16 * r) =
          e->isRectified ? CK_RECTIFIED(f16, sum[r][q]) : sum[r][q];
    }
  }
}

/// R rows of the kernel times Q output channels, summed over all pixels in registers.
CK_INLINE void NAMED(planes_gradient)(
    const float *const *rows, const float *dy, const ck_planes *g, float *dKernel) {
  f16 sum[R][Q] = {};
  for (ptrdiff_t p = 0; p < g->length; p += 16) {
    f16 pixels[R];
    for (int r = 0; r < R; r++) pixels[r] = LOAD(f16, rows[r] + p);
    for (int q = 0; q < Q; q++) {
      f16 gradient = LOAD(f16, dy + q * g->yStride + p);
      for (int r = 0; r < R; r++) sum[r][q] += pixels[r] * gradient;
    }
  }
  for (int r = 0; r < R; r++) {
    for (int q = 0; q < Q; q++) dKernel[r * g->outputs + q] += sum16(&sum[r][q]);
  }
}

#undef NAMED
#undef NAMED_
#undef NAMED__
