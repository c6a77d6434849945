// SPDX-License-Identifier: Apache-2.0

// Narrow segments of G channels each, 16 channels at a time; included once for each G. A lane is an
// output channel; the G inputs of its segment reach it one after another, each by one shuffle of
// the pixel's 16 channels.

#define NAMED(name) CK_JOIN(name, G)

#if G == 1
#define PICK(v, j) (v)
#define EACH_INPUT(step) step(0)
#elif G == 2
#define PICK(v, j)                                                                                \
  __builtin_shufflevector(                                                                        \
      v, v, j, j, 2 + j, 2 + j, 4 + j, 4 + j, 6 + j, 6 + j, 8 + j, 8 + j, 10 + j, 10 + j, 12 + j, \
      12 + j, 14 + j, 14 + j)
#define EACH_INPUT(step) step(0) step(1)
#elif G == 4
#define PICK(v, j)                                                                              \
  __builtin_shufflevector(                                                                      \
      v, v, j, j, j, j, 4 + j, 4 + j, 4 + j, 4 + j, 8 + j, 8 + j, 8 + j, 8 + j, 12 + j, 12 + j, \
      12 + j, 12 + j)
#define EACH_INPUT(step) step(0) step(1) step(2) step(3)
#else
#define PICK(v, j)         \
  __builtin_shufflevector( \
      v, v, j, j, j, j, j, j, j, j, 8 + j, 8 + j, 8 + j, 8 + j, 8 + j, 8 + j, 8 + j, 8 + j)
#define EACH_INPUT(step) step(0) step(1) step(2) step(3) step(4) step(5) step(6) step(7)
#endif

/// P output pixels in a row under a window three wide at stride 1: each shuffled pixel feeds three.
CK_INLINE void NAMED(lanes_three)(
    const int P, const float *x, const ck_tile *g, const float *kernel, float *y, int isRectified) {
  const ptrdiff_t channels = g->outputs, next = g->tapStep;
  f16 sum[8];
  UNROLLED for (int p = 0; p < P; p++) sum[p] = LOAD(f16, kernel);
  kernel += channels;
  for (ptrdiff_t kh = 0; kh < g->kernelHeight; kh++, x += g->tapRow) {
#define STEP(j)                                                 \
  {                                                             \
    const float *at = kernel + ((kh * 3) * G + (j)) * channels; \
    f16 w0 = LOAD(f16, at), w1 = LOAD(f16, at + G * channels);  \
    f16 w2 = LOAD(f16, at + 2 * G * channels);                  \
    UNROLLED for (int i = 0; i < P + 2; i++) {                  \
      f16 pixel = LOAD(f16, x + i * next);                      \
      f16 picked = PICK(pixel, j);                              \
      if (i < P) sum[i] += picked * w0;                         \
      if (i >= 1 && i <= P) sum[i - 1] += picked * w1;          \
      if (i >= 2) sum[i - 2] += picked * w2;                    \
    }                                                           \
  }
    EACH_INPUT(STEP)
#undef STEP
  }
  UNROLLED for (int p = 0; p < P; p++) {
    STORE(f16, y + p * g->yStep) = isRectified ? CK_RECTIFIED(f16, sum[p]) : sum[p];
  }
}

/// P output pixels in a row under any window.
CK_INLINE void NAMED(lanes_any)(
    const int P, const float *x, const ck_tile *g, const float *kernel, float *y, int isRectified) {
  const ptrdiff_t channels = g->outputs;
  f16 sum[8];
  UNROLLED for (int p = 0; p < P; p++) sum[p] = LOAD(f16, kernel);
  kernel += channels;
  for (ptrdiff_t kh = 0; kh < g->kernelHeight; kh++) {
    for (ptrdiff_t kw = 0; kw < g->kernelWidth; kw++) {
      const float *from = x + kh * g->tapRow + kw * g->tapStep;
#define STEP(j)                                   \
  {                                               \
    f16 weight = LOAD(f16, kernel);               \
    UNROLLED for (int p = 0; p < P; p++) {        \
      f16 pixel = LOAD(f16, from + p * g->xStep); \
      sum[p] += PICK(pixel, j) * weight;          \
    }                                             \
    kernel += channels;                           \
  }
      EACH_INPUT(STEP)
#undef STEP
    }
  }
  UNROLLED for (int p = 0; p < P; p++) {
    STORE(f16, y + p * g->yStep) = isRectified ? CK_RECTIFIED(f16, sum[p]) : sum[p];
  }
}

/// One row of outputs under a window three wide at stride 1. What remains of blocks of eight is made
/// by a whole block that begins earlier: four or eight outputs wait for their sums no longer than one.
CK_INLINE void NAMED(lanes_row_three)(
    const float *x, const ck_tile *g, const float *kernel, float *y, int isRectified) {
  ptrdiff_t i = 0;
#define BLOCK(P) NAMED(lanes_three)(P, x + i * g->xStep, g, kernel, y + i * g->yStep, isRectified)
  for (; i + 8 <= g->width; i += 8) BLOCK(8);
  ptrdiff_t remaining = g->width - i;
  if (remaining > 4 && i > 0) {
    i = g->width - 8;
    BLOCK(8);
  } else if (remaining > 0 && g->width >= 4) {
    for (; i + 4 < g->width; i += 4) BLOCK(4);
    i = g->width - 4;
    BLOCK(4);
  } else {
    for (; i < g->width; i++) BLOCK(1);
  }
#undef BLOCK
}

CK_INLINE void NAMED(lanes_row)(
    const float *x, const ck_tile *g, const float *kernel, float *y, int isRectified) {
  if (g->kernelWidth == 3 && g->xStep == g->tapStep) {
    NAMED(lanes_row_three)(x, g, kernel, y, isRectified);
    return;
  }
  ptrdiff_t i = 0;
  for (; i + 8 <= g->width; i += 8) {
    NAMED(lanes_any)(8, x + i * g->xStep, g, kernel, y + i * g->yStep, isRectified);
  }
  for (; i < g->width; i++) {
    NAMED(lanes_any)(1, x + i * g->xStep, g, kernel, y + i * g->yStep, isRectified);
  }
}

/// The gradient of K rows of a window three wide at stride 1: each shuffled pixel meets the
/// gradients of the three outputs that see it. Narrow segments take three rows at a time, so that
/// there are sums enough to wait for none.
CK_INLINE void NAMED(lanes_outer_three)(
    const int K, const float *x, const float *dy, const ck_tile *g, float *sums) {
  const ptrdiff_t channels = g->outputs, next = g->tapStep, step = g->yStep;
  f16 sum[3][3][G] = {};
  for (ptrdiff_t image = 0; image < g->images; image++) {
    for (ptrdiff_t row = 0; row < g->height; row++) {
      const float *from = x + image * g->xImage + row * g->xRow;
      const float *d = dy + image * g->yImage + row * g->yRow;
      // Pixel i is seen by outputs i, i - 1 and i - 2, as far as there are any.
#define STEP(j)                              \
  {                                          \
    f16 picked = PICK(pixel, j);             \
    if (first) sum[k][0][j] += picked * d0;  \
    if (second) sum[k][1][j] += picked * d1; \
    if (third) sum[k][2][j] += picked * d2;  \
  }
#define LOOK(i, FIRST, SECOND, THIRD)                         \
  {                                                           \
    const int first = FIRST, second = SECOND, third = THIRD;  \
    f16 d0, d1, d2;                                           \
    if (first) d0 = LOAD(f16, d + (i)*step);                  \
    if (second) d1 = LOAD(f16, d + ((i)-1) * step);           \
    if (third) d2 = LOAD(f16, d + ((i)-2) * step);            \
    UNROLLED for (int k = 0; k < K; k++) {                    \
      f16 pixel = LOAD(f16, from + k * g->tapRow + (i)*next); \
      EACH_INPUT(STEP)                                        \
    }                                                         \
  }
      LOOK(0, 1, 0, 0)
      if (g->width > 1) {
        LOOK(1, 1, 1, 0)
        for (ptrdiff_t i = 2; i < g->width; i++) LOOK(i, 1, 1, 1)
        LOOK(g->width, 0, 1, 1)
      } else {
        LOOK(1, 0, 1, 0)
      }
      LOOK(g->width + 1, 0, 0, 1)
#undef STEP
#undef LOOK
    }
  }
  UNROLLED for (int k = 0; k < K; k++) {
    UNROLLED for (int kw = 0; kw < 3; kw++) {
      UNROLLED for (int j = 0; j < G; j++) {
        STORE(f16, sums + ((k * 3 + kw) * G + j) * channels) += sum[k][kw][j];
      }
    }
  }
}

/// The gradient of one tap.
CK_INLINE void NAMED(lanes_outer_any)(
    const float *x, const float *dy, const ck_tile *g, float *sums) {
  f16 sum[G] = {};
  for (ptrdiff_t image = 0; image < g->images; image++) {
    for (ptrdiff_t row = 0; row < g->height; row++) {
      const float *from = x + image * g->xImage + row * g->xRow;
      const float *d = dy + image * g->yImage + row * g->yRow;
      for (ptrdiff_t i = 0; i < g->width; i++) {
        f16 pixel = LOAD(f16, from + i * g->xStep), gradient = LOAD(f16, d + i * g->yStep);
#define STEP(j) sum[j] += PICK(pixel, j) * gradient;
        EACH_INPUT(STEP)
#undef STEP
      }
    }
  }
  UNROLLED for (int j = 0; j < G; j++) STORE(f16, sums + j * g->outputs) += sum[j];
}

CK_INLINE void NAMED(lanes_outer)(const float *x, const float *dy, const ck_tile *g, float *sums) {
  int isThree = g->kernelWidth == 3 && g->xStep == g->tapStep;
  if (G <= 2 && isThree && g->kernelHeight == 3) {
    NAMED(lanes_outer_three)(3, x, dy, g, sums);
    return;
  }
  for (ptrdiff_t kh = 0; kh < g->kernelHeight; kh++) {
    float *target = sums + kh * g->kernelWidth * G * g->outputs;
    if (isThree) {
      NAMED(lanes_outer_three)(1, x + kh * g->tapRow, dy, g, target);
      continue;
    }
    for (ptrdiff_t kw = 0; kw < g->kernelWidth; kw++) {
      NAMED(lanes_outer_any)
      (x + kh * g->tapRow + kw * g->tapStep, dy, g, target + kw * G * g->outputs);
    }
  }
}

#undef NAMED
#undef PICK
#undef EACH_INPUT
