// Loops over equally long buffers. Every element stands alone, so no order can matter.
#pragma once
#include "vectors.h"

// An output may be one of the inputs, the same element at the same place. The compiler would guard
// against overlaps with a check that fails just there, and fall back on one element at a time.
#define EACH_ELEMENT _Pragma("clang loop vectorize(assume_safety)") \
  for (ptrdiff_t i = 0; i < n; i++)

static int all_finite(const float *x, ptrdiff_t n) {
  const uint32_t *bits = (const uint32_t *)x;
  uint32_t bad = 0;
  for (ptrdiff_t i = 0; i < n; i++) bad |= (bits[i] & 0x7f800000u) == 0x7f800000u;
  return bad == 0;
}

static void add(const float *a, const float *b, float *y, ptrdiff_t n) {
  EACH_ELEMENT y[i] = a[i] + b[i];
}

static void copy(const float *x, float *y, ptrdiff_t n, int accumulate) {
  if (accumulate) {
    EACH_ELEMENT y[i] += x[i];
  } else {
    __builtin_memmove(y, x, (size_t)n * sizeof(float));
  }
}

static void multiply(
    const float *x, const float *mask, float *y, ptrdiff_t n, int accumulate) {
  if (accumulate) {
    EACH_ELEMENT y[i] += x[i] * mask[i];
  } else {
    EACH_ELEMENT y[i] = x[i] * mask[i];
  }
}

// Written so that NaN stays NaN: a lost NaN would hide a failed run.
static void relu(const float *x, float *y, ptrdiff_t n) {
  EACH_ELEMENT y[i] = x[i] < 0 ? 0 : x[i];
}

static void relu_gradient(
    const float *y, const float *dy, float *dx, ptrdiff_t n, int accumulate) {
  if (accumulate) {
    EACH_ELEMENT {
      float d = dy[i];
      dx[i] += y[i] > 0 ? d : 0;
    }
  } else {
    EACH_ELEMENT {
      float d = dy[i];
      dx[i] = y[i] > 0 ? d : 0;
    }
  }
}

/// exp(x) - 1 for x <= 0, to about 2 units in the last place, in a form that vectorises:
/// x = k ln 2 + r, and exp(x) - 1 = 2^k (exp(r) - 1) + (2^k - 1), the last bracket being exact.
CK_INLINE float ck_expm1_negative(float x) {
  float clamped = x < -50.0f ? -50.0f : x;
  float k = __builtin_floorf(clamped * 1.44269504f + 0.5f);
  float r = (clamped - k * 0.693145752f) - k * 1.42860677e-6f;
  float tail = 1.0f / 720 + r * (1.0f / 5040);
  float series = 0.5f + r * (1.0f / 6 + r * (1.0f / 24 + r * (1.0f / 120 + r * tail)));
  float expm1 = r + r * r * series;
  union { int32_t bits; float value; } power = {((int32_t)k + 127) << 23};
  return power.value * expm1 + (power.value - 1.0f);
}

static void elu(const float *x, float *y, ptrdiff_t n) {
  EACH_ELEMENT {
    float value = x[i];
    float negative = ck_expm1_negative(value < 0 ? value : 0);
    y[i] = value < 0 ? negative : value;
  }
}

static void elu_gradient(
    const float *y, const float *dy, float *dx, ptrdiff_t n, int accumulate) {
  if (accumulate) {
    EACH_ELEMENT dx[i] += dy[i] * (y[i] > 0 ? 1.0f : y[i] + 1.0f);
  } else {
    EACH_ELEMENT dx[i] = dy[i] * (y[i] > 0 ? 1.0f : y[i] + 1.0f);
  }
}

static void copy_columns(
    const float *x, ptrdiff_t xColumns, float *y, ptrdiff_t yColumns, ptrdiff_t count,
    ptrdiff_t rows, int accumulate) {
  for (ptrdiff_t r = 0; r < rows; r++) {
    const float *source = x + r * xColumns;
    float *target = y + r * yColumns;
    if (accumulate) {
      for (ptrdiff_t i = 0; i < count; i++) target[i] += source[i];
    } else {
      for (ptrdiff_t i = 0; i < count; i++) target[i] = source[i];
    }
  }
}

static void sum_parts(
    const float *x, ptrdiff_t parts, ptrdiff_t stride, float *y, ptrdiff_t n) {
  for (ptrdiff_t i = 0; i < n; i++) y[i] = x[i];
  for (ptrdiff_t part = 1; part < parts; part++) {
    const float *source = x + part * stride;
    for (ptrdiff_t i = 0; i < n; i++) y[i] += source[i];
  }
}
