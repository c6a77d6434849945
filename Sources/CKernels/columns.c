// Windows of an image as the rows of a matrix, and back.
#include "Vectors.h"

CK_INLINE void ck_copy_run(const float *x, float *y, ptrdiff_t n) {
  // The library's copy wins on long runs only; narrow segments have short ones.
  if (n >= 128) {
    __builtin_memcpy(y, x, (size_t)n * sizeof(float));
    return;
  }
  ptrdiff_t i = 0;
  for (; i + 16 <= n; i += 16) STORE(f16, y + i) = LOAD(f16, x + i);
  if (i + 8 <= n) { STORE(f8, y + i) = LOAD(f8, x + i); i += 8; }
  if (i + 4 <= n) { STORE(f4, y + i) = LOAD(f4, x + i); i += 4; }
  for (; i < n; i++) y[i] = x[i];
}

CK_INLINE void ck_zero_run(float *y, ptrdiff_t n) {
  for (ptrdiff_t i = 0; i < n; i++) y[i] = 0;
}

CK_INLINE void ck_add_run(const float *x, float *y, ptrdiff_t n) {
  for (ptrdiff_t i = 0; i < n; i++) y[i] += x[i];
}

/// One row of one window: `taps` pixels of `count` channels, of which [low, high) are inside.
CK_INLINE void ck_copy_taps(
    const float *x, ptrdiff_t channels, ptrdiff_t count, ptrdiff_t taps, ptrdiff_t low,
    ptrdiff_t high, float *y) {
  ck_zero_run(y, low * count);
  if (count == channels) {
    ck_copy_run(x + low * channels, y + low * count, (high - low) * count);
  } else {
    for (ptrdiff_t k = low; k < high; k++) ck_copy_run(x + k * channels, y + k * count, count);
  }
  ck_zero_run(y + high * count, (taps - high) * count);
}

CK_CLONES void ck_columns(
    const float *x, const ck_window *window, ptrdiff_t inputStart, ptrdiff_t inputCount,
    ptrdiff_t start, ptrdiff_t count, float *columns) {
  const ck_window g = *window;
  ptrdiff_t tapRow = g.kernelWidth * inputCount;
  ptrdiff_t ow = start % g.outputWidth;
  ptrdiff_t oh = start / g.outputWidth % g.outputHeight;
  const float *image =
      x + start / (g.outputWidth * g.outputHeight) * g.inputHeight * g.inputWidth * g.channels;
  for (ptrdiff_t i = 0; i < count; i++) {
    ptrdiff_t top = oh * g.stride - g.padTop, left = ow * g.stride - g.padLeft;
    ptrdiff_t low = ck_min(ck_max(-left, 0), g.kernelWidth);
    ptrdiff_t high = ck_max(ck_min(g.kernelWidth, g.inputWidth - left), low);
    for (ptrdiff_t kh = 0; kh < g.kernelHeight; kh++, columns += tapRow) {
      ptrdiff_t ih = top + kh;
      if (ih < 0 || ih >= g.inputHeight) {
        ck_zero_run(columns, tapRow);
      } else {
        const float *source = image + (ih * g.inputWidth + left) * g.channels + inputStart;
        ck_copy_taps(source, g.channels, inputCount, g.kernelWidth, low, high, columns);
      }
    }
    if (++ow == g.outputWidth) {
      ow = 0;
      if (++oh == g.outputHeight) {
        oh = 0;
        image += g.inputHeight * g.inputWidth * g.channels;
      }
    }
  }
}

CK_CLONES void ck_add_columns(
    const float *columns, const ck_window *window, ptrdiff_t inputStart, ptrdiff_t inputCount,
    ptrdiff_t start, ptrdiff_t count, float *x) {
  const ck_window g = *window;
  ptrdiff_t tapRow = g.kernelWidth * inputCount;
  for (ptrdiff_t i = start; i < start + count; i++) {
    ptrdiff_t top = i / g.outputWidth * g.stride - g.padTop;
    ptrdiff_t left = i % g.outputWidth * g.stride - g.padLeft;
    ptrdiff_t low = ck_min(ck_max(-left, 0), g.kernelWidth);
    ptrdiff_t high = ck_max(ck_min(g.kernelWidth, g.inputWidth - left), low);
    for (ptrdiff_t kh = 0; kh < g.kernelHeight; kh++, columns += tapRow) {
      ptrdiff_t ih = top + kh;
      if (ih < 0 || ih >= g.inputHeight) continue;
      float *target = x + (ih * g.inputWidth + left) * g.channels + inputStart;
      for (ptrdiff_t kw = low; kw < high; kw++) {
        ck_add_run(columns + kw * inputCount, target + kw * g.channels, inputCount);
      }
    }
  }
}

CK_CLONES void ck_flip_kernel(
    const float *kernel, ptrdiff_t taps, ptrdiff_t inputs, ptrdiff_t outputs, float *flipped) {
  for (ptrdiff_t t = 0; t < taps; t++) {
    const float *source = kernel + (taps - 1 - t) * inputs * outputs;
    float *target = flipped + t * inputs * outputs;
    // Sixteen inputs at a time, so that a cache line is written at once.
    for (ptrdiff_t first = 0; first < inputs; first += 16) {
      ptrdiff_t end = ck_min(first + 16, inputs);
      for (ptrdiff_t o = 0; o < outputs; o++) {
        for (ptrdiff_t i = first; i < end; i++) target[o * inputs + i] = source[i * outputs + o];
      }
    }
  }
}
