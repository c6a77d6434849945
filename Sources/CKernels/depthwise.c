// Depthwise convolution, vectorised over channels, without branches inside the image.
#include "Vectors.h"

#define N 32
#define V f32
#include "depthwise_width.h"
#undef N
#undef V
#define N 16
#define V f16
#include "depthwise_width.h"
#undef N
#undef V
#define N 8
#define V f8
#include "depthwise_width.h"
#undef N
#undef V
#define N 4
#define V f4
#include "depthwise_width.h"
#undef N
#undef V
#define N 1
#define V f1
#include "depthwise_width.h"

/// Channels whose pixels, all those that one output row sees, fit the first-level cache; a run of
/// rows is taken for these before the next ones.
static ptrdiff_t ck_cached_channels(ptrdiff_t pixels) {
  return ck_max(32, 6144 / pixels / 32 * 32);
}

CK_CLONES void ck_depthwise_rows(
    const float *x, const float *kernel, float *y, const ck_window *window, ptrdiff_t firstRow,
    ptrdiff_t rows, const float *bias, int isRectified, int accumulate) {
  const ck_window g = *window;
  ptrdiff_t run = ck_cached_channels(g.inputWidth * g.kernelHeight);
  for (ptrdiff_t start = 0; start < g.channels; start += run) {
    ptrdiff_t count = ck_min(run, g.channels - start);
    for (ptrdiff_t row = firstRow; row < firstRow + rows; row++) {
      ptrdiff_t c = 0;
      CK_OVER_NARROW(
          depthwise_rows, count, x + start, kernel + start, y + start, &g, row, 1,
          bias ? bias + start : 0, isRectified, accumulate);
    }
  }
}

CK_CLONES void ck_depthwise_input_gradient(
    const float *dy, const float *kernel, float *dx, const ck_window *window, ptrdiff_t firstRow,
    ptrdiff_t rows, int accumulate) {
  const ck_window g = *window;
  ptrdiff_t run = ck_cached_channels(g.outputWidth * g.kernelHeight);
  for (ptrdiff_t start = 0; start < g.channels; start += run) {
    ptrdiff_t count = ck_min(run, g.channels - start);
    for (ptrdiff_t row = firstRow; row < firstRow + rows; row++) {
      CK_OVER_CHANNELS(
          depthwise_input_gradient, count, dy + start, kernel + start, dx + start, &g, row, 1,
          accumulate);
    }
  }
}

CK_CLONES void ck_depthwise_kernel_gradient(
    const float *x, const float *dy, float *dKernel, const ck_window *window, ptrdiff_t firstRow,
    ptrdiff_t rows) {
  const ck_window g = *window;
  CK_OVER_CHANNELS(
      depthwise_kernel_gradient, g.channels, x, dy, dKernel, &g, firstRow, rows);
}

CK_CLONES void ck_repeat_channels(
    const float *x, ptrdiff_t n, ptrdiff_t multiplier, float *y) {
  for (ptrdiff_t i = 0; i < n; i++) {
    for (ptrdiff_t m = 0; m < multiplier; m++) y[i * multiplier + m] = x[i];
  }
}

CK_CLONES void ck_sum_repeats(
    const float *x, ptrdiff_t n, ptrdiff_t multiplier, float *y, int accumulate) {
  for (ptrdiff_t i = 0; i < n; i++) {
    float sum = x[i * multiplier];
    for (ptrdiff_t m = 1; m < multiplier; m++) sum += x[i * multiplier + m];
    y[i] = accumulate ? y[i] + sum : sum;
  }
}
