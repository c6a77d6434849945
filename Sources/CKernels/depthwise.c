// Depthwise convolution, vectorised over channels, without branches inside the image.
#include "Vectors.h"

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

CK_CLONES void ck_depthwise_rows(
    const float *x, const float *kernel, float *y, const ck_window *window, ptrdiff_t firstRow,
    ptrdiff_t rows, int accumulate) {
  const ck_window g = *window;
  CK_OVER_CHANNELS(
      depthwise_rows, g.channels, x, kernel, y, &g, firstRow, rows, accumulate);
}

CK_CLONES void ck_depthwise_input_gradient(
    const float *dy, const float *kernel, float *dx, const ck_window *window, ptrdiff_t firstRow,
    ptrdiff_t rows, int accumulate) {
  const ck_window g = *window;
  CK_OVER_CHANNELS(
      depthwise_input_gradient, g.channels, dy, kernel, dx, &g, firstRow, rows, accumulate);
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
