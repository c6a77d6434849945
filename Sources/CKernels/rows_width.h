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

CK_INLINE void NAMED(fill_rows, N)(
    ptrdiff_t c, const float *row, float *y, ptrdiff_t rows, ptrdiff_t stride) {
  V value = LOAD(V, row + c);
  for (ptrdiff_t r = 0; r < rows; r++) STORE(V, y + r * stride + c) = value;
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

CK_INLINE void NAMED(spread_row, N)(
    ptrdiff_t c, const float *row, float scale, float *y, ptrdiff_t rows, ptrdiff_t channels,
    int accumulate) {
  V value = LOAD(V, row + c) * scale;
  for (ptrdiff_t r = 0; r < rows; r++) {
    ptrdiff_t at = r * channels + c;
    STORE(V, y + at) = accumulate ? LOAD(V, y + at) + value : value;
  }
}

#undef ROWS
#undef TOTAL
#undef NAMED
#undef NAMED_
