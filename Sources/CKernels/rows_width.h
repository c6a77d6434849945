// Row loops over one run of N channels; included once per vector width with N and V defined.
// Several rows at a time keep independent sums, added in a fixed order; wide runs need fewer.

#define NAMED_(name, n) name##_##n
#define NAMED(name, n) NAMED_(name, n)
#if N > 16
#define ROWS 2
#define TOTAL(sum) (sum[0] + sum[1])
#else
#define ROWS 4
#define TOTAL(sum) ((sum[0] + sum[1]) + (sum[2] + sum[3]))
#endif

CK_INLINE void NAMED(scale_shift, N)(
    ptrdiff_t c, const float *x, const float *scale, const float *shift, float *y,
    ptrdiff_t rows, ptrdiff_t channels) {
  V factor = LOAD(V, scale + c), offset = LOAD(V, shift + c);
  for (ptrdiff_t r = 0; r < rows; r++) {
    STORE(V, y + r * channels + c) = LOAD(V, x + r * channels + c) * factor + offset;
  }
}

CK_INLINE void NAMED(add_row, N)(
    ptrdiff_t c, const float *row, float *y, ptrdiff_t rows, ptrdiff_t channels) {
  V added = LOAD(V, row + c);
  for (ptrdiff_t r = 0; r < rows; r++) STORE(V, y + r * channels + c) += added;
}

CK_INLINE void NAMED(column_sums, N)(
    ptrdiff_t c, const float *x, ptrdiff_t rows, ptrdiff_t channels, float *sums,
    int accumulate) {
  V sum[ROWS] = {};
  ptrdiff_t r = 0;
  for (; r + ROWS <= rows; r += ROWS) {
    for (int k = 0; k < ROWS; k++) sum[k] += LOAD(V, x + (r + k) * channels + c);
  }
  for (; r < rows; r++) sum[0] += LOAD(V, x + r * channels + c);
  V total = TOTAL(sum);
  STORE(V, sums + c) = accumulate ? LOAD(V, sums + c) + total : total;
}

/// Distances are taken from the first row, so that a large mean costs no digits.
CK_INLINE void NAMED(moments, N)(
    ptrdiff_t c, const float *x, ptrdiff_t rows, ptrdiff_t channels, float *mean,
    float *squares) {
  V origin = LOAD(V, x + c), sum[ROWS] = {}, square[ROWS] = {};
  ptrdiff_t r = 0;
  for (; r + ROWS <= rows; r += ROWS) {
    for (int k = 0; k < ROWS; k++) {
      V distance = LOAD(V, x + (r + k) * channels + c) - origin;
      sum[k] += distance;
      square[k] += distance * distance;
    }
  }
  for (; r < rows; r++) {
    V distance = LOAD(V, x + r * channels + c) - origin;
    sum[0] += distance;
    square[0] += distance * distance;
  }
  V total = TOTAL(sum);
  V shift = total / (float)rows;
  STORE(V, mean + c) = origin + shift;
  STORE(V, squares + c) = TOTAL(square) - total * shift;
}

CK_INLINE void NAMED(normalization_sums, N)(
    ptrdiff_t c, const float *x, const float *dy, ptrdiff_t rows, ptrdiff_t channels,
    const float *mean, const float *inverseDeviation, float *gradients, float *products) {
  V center = LOAD(V, mean + c), gradient[ROWS] = {}, product[ROWS] = {};
  ptrdiff_t r = 0;
  for (; r + ROWS <= rows; r += ROWS) {
    for (int k = 0; k < ROWS; k++) {
      V d = LOAD(V, dy + (r + k) * channels + c);
      gradient[k] += d;
      product[k] += d * (LOAD(V, x + (r + k) * channels + c) - center);
    }
  }
  for (; r < rows; r++) {
    V d = LOAD(V, dy + r * channels + c);
    gradient[0] += d;
    product[0] += d * (LOAD(V, x + r * channels + c) - center);
  }
  STORE(V, gradients + c) = TOTAL(gradient);
  V total = TOTAL(product);
  STORE(V, products + c) = total * LOAD(V, inverseDeviation + c);
}

/// dx = gamma / deviation * (dy - sum(dy) / rows - xhat * sum(dy * xhat) / rows).
CK_INLINE void NAMED(normalization_gradient, N)(
    ptrdiff_t c, const float *x, const float *dy, float *dx, ptrdiff_t rows,
    ptrdiff_t channels, const float *mean, const float *inverseDeviation, const float *gamma,
    const float *gradients, const float *products, float inverseRows, int accumulate) {
  V inverse = LOAD(V, inverseDeviation + c), center = LOAD(V, mean + c);
  V factor = gamma ? inverse * LOAD(V, gamma + c) : inverse;
  V average = LOAD(V, gradients + c) * inverseRows;
  V slope = LOAD(V, products + c) * inverseRows * inverse;
  for (ptrdiff_t r = 0; r < rows; r++) {
    ptrdiff_t at = r * channels + c;
    V d = LOAD(V, dy + at) - average - (LOAD(V, x + at) - center) * slope;
    STORE(V, dx + at) = accumulate ? LOAD(V, dx + at) + factor * d : factor * d;
  }
}

/// y = x, or x * scale + shift, and nothing below zero where `isRectified`; NaN stays NaN.
CK_INLINE void NAMED(view_rows, N)(
    ptrdiff_t c, const float *x, const float *scale, const float *shift, int isRectified,
    float *y, ptrdiff_t yStep, ptrdiff_t rows, ptrdiff_t channels) {
  V factor = scale ? LOAD(V, scale + c) : (V){} + 1.0f;
  V offset = scale ? LOAD(V, shift + c) : (V){};
  for (ptrdiff_t r = 0; r < rows; r++) {
    V value = LOAD(V, x + r * channels + c);
    if (scale) value = value * factor + offset;
    if (isRectified) value = CK_RECTIFIED(V, value);
    STORE(V, y + r * yStep + c) = value;
  }
}

/// dx (+)= d where the view of x is positive, or the sum of both there, and two sums of a batch norm
/// over what dx is then.
CK_INLINE void NAMED(merge_gradient, N)(
    ptrdiff_t c, const float *d, ptrdiff_t dStep, const float *x, const float *scale,
    const float *shift, int isMasked, float *dx, ptrdiff_t rows, ptrdiff_t channels, int accumulate,
    const float *activations, const float *mean, const float *inverseDeviation,
    float *gradients, float *products) {
  V factor = scale ? LOAD(V, scale + c) : (V){} + 1.0f;
  V offset = scale ? LOAD(V, shift + c) : (V){};
  V center = activations ? LOAD(V, mean + c) : (V){}, gradient = {}, product = {};
  for (ptrdiff_t r = 0; r < rows; r++) {
    ptrdiff_t at = r * channels + c;
    V value = LOAD(V, d + r * dStep + c);
    if (accumulate && isMasked == 2) value += LOAD(V, dx + at);
    if (isMasked) {
      V seen = LOAD(V, x + at);
      if (scale) seen = seen * factor + offset;
      __typeof__(seen > (V){}) positive = seen > (V){};
      value = (V)((__typeof__(positive))value & positive);
    }
    if (accumulate && isMasked != 2) value += LOAD(V, dx + at);
    STORE(V, dx + at) = value;
    if (activations) {
      gradient += value;
      product += value * (LOAD(V, activations + at) - center);
    }
  }
  if (activations) {
    STORE(V, gradients + c) = gradient;
    STORE(V, products + c) = product * LOAD(V, inverseDeviation + c);
  }
}

CK_INLINE void NAMED(spread_row, N)(
    ptrdiff_t c, const float *row, float factor, const float *x, const float *scale,
    const float *shift, float *y, ptrdiff_t rows, ptrdiff_t channels, int accumulate) {
  V value = LOAD(V, row + c) * factor;
  V slope = scale ? LOAD(V, scale + c) : (V){} + 1.0f, offset = scale ? LOAD(V, shift + c) : (V){};
  for (ptrdiff_t r = 0; r < rows; r++) {
    ptrdiff_t at = r * channels + c;
    V part = value;
    if (x) {
      V seen = LOAD(V, x + at);
      if (scale) seen = seen * slope + offset;
      __typeof__(seen > (V){}) positive = seen > (V){};
      part = (V)((__typeof__(positive))part & positive);
    }
    STORE(V, y + at) = accumulate ? LOAD(V, y + at) + part : part;
  }
}

CK_INLINE void NAMED(view_sums, N)(
    ptrdiff_t c, const float *x, const float *scale, const float *shift, int isRectified,
    ptrdiff_t rows, ptrdiff_t channels, float *sums) {
  V factor = scale ? LOAD(V, scale + c) : (V){} + 1.0f;
  V offset = scale ? LOAD(V, shift + c) : (V){}, sum = {};
  for (ptrdiff_t r = 0; r < rows; r++) {
    V value = LOAD(V, x + r * channels + c);
    if (scale) value = value * factor + offset;
    if (isRectified) value = CK_RECTIFIED(V, value);
    sum += value;
  }
  STORE(V, sums + c) = sum;
}

CK_INLINE void NAMED(add_rows, N)(
    ptrdiff_t c, const float *a, const float *aScale, const float *aShift, int aIsRectified,
    const float *b, const float *bScale, const float *bShift, int bIsRectified, float *y,
    ptrdiff_t rows, ptrdiff_t channels) {
  V aFactor = aScale ? LOAD(V, aScale + c) : (V){}, aOffset = aScale ? LOAD(V, aShift + c) : (V){};
  V bFactor = bScale ? LOAD(V, bScale + c) : (V){}, bOffset = bScale ? LOAD(V, bShift + c) : (V){};
  for (ptrdiff_t r = 0; r < rows; r++) {
    ptrdiff_t at = r * channels + c;
    V first = LOAD(V, a + at), second = LOAD(V, b + at);
    if (aScale) first = first * aFactor + aOffset;
    if (bScale) second = second * bFactor + bOffset;
    if (aIsRectified) {
      __typeof__(first < (V){}) negative = first < (V){};
      first = (V)((__typeof__(negative))first & ~negative);
    }
    if (bIsRectified) {
      __typeof__(second < (V){}) negative = second < (V){};
      second = (V)((__typeof__(negative))second & ~negative);
    }
    STORE(V, y + at) = first + second;
  }
}

#undef ROWS
#undef TOTAL
#undef NAMED
#undef NAMED_
