// SPDX-License-Identifier: Apache-2.0

// Row loops over one run of N channels; included once per vector width with N and V defined.
// Several rows at a time keep independent sums, added in a fixed order; wide runs need fewer.

#if N > 16
#define ROWS 2
#define TOTAL(sum) (sum[0] + sum[1])
#else
#define ROWS 4
#define TOTAL(sum) ((sum[0] + sum[1]) + (sum[2] + sum[3]))
#endif

CK_INLINE void BY_WIDTH(add_row)(
    ptrdiff_t c, const float *row, float *y, ptrdiff_t rows, ptrdiff_t channels) {
  V added = LOAD(V, row + c);
  for (ptrdiff_t r = 0; r < rows; r++) STORE(V, y + r * channels + c) += added;
}

CK_INLINE void BY_WIDTH(column_sums)(
    ptrdiff_t c, const float *x, ptrdiff_t rows, ptrdiff_t channels, float *sums, int accumulate) {
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
CK_INLINE void BY_WIDTH(moments)(
    ptrdiff_t c, const float *x, ptrdiff_t rows, ptrdiff_t channels, float *mean, float *squares) {
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

/// The sum of products is still to be multiplied by the inverse deviation.
CK_INLINE void BY_WIDTH(normalization_sums)(
    ptrdiff_t c, const float *x, const float *dy, ptrdiff_t rows, ptrdiff_t channels,
    const float *mean, float *gradients, float *products) {
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
  STORE(V, products + c) = TOTAL(product);
}

/// dx = gamma / deviation * (dy - sum(dy) / rows - xhat * sum(dy * xhat) / rows).
CK_INLINE void BY_WIDTH(normalization_gradient)(
    ptrdiff_t c, const float *x, const float *dy, float *dx, ptrdiff_t rows, ptrdiff_t channels,
    const ck_normalization *n, int accumulate) {
  V inverse = LOAD(V, n->inverseDeviation + c), center = LOAD(V, n->mean + c);
  V factor = n->gamma ? inverse * LOAD(V, n->gamma + c) : inverse;
  V average = LOAD(V, n->sumOfGradients + c) * n->inverseRows;
  V slope = LOAD(V, n->sumOfProducts + c) * n->inverseRows * inverse;
  for (ptrdiff_t r = 0; r < rows; r++) {
    ptrdiff_t at = r * channels + c;
    V d = LOAD(V, dy + at) - average - (LOAD(V, x + at) - center) * slope;
    STORE(V, dx + at) = accumulate ? LOAD(V, dx + at) + factor * d : factor * d;
  }
}

CK_INLINE void BY_WIDTH(view_rows)(
    ptrdiff_t c, const ck_view *x, float *y, ptrdiff_t yStep, ptrdiff_t rows, ptrdiff_t channels,
    int any) {
  V factor = x->scale ? LOAD(V, x->scale + c) : (V){} + 1.0f;
  V offset = x->scale ? LOAD(V, x->shift + c) : (V){};
  for (ptrdiff_t r = 0; r < rows; r++) {
    V value = LOAD(V, x->values + r * channels + c);
    if (x->scale) value = value * factor + offset;
    ACTIVATE(any, x->activation, value);
    STORE(V, y + r * yStep + c) = value;
  }
}

CK_INLINE void BY_WIDTH(view_sums)(
    ptrdiff_t c, const ck_view *x, ptrdiff_t rows, ptrdiff_t channels, float *sums, int any) {
  V factor = x->scale ? LOAD(V, x->scale + c) : (V){} + 1.0f;
  V offset = x->scale ? LOAD(V, x->shift + c) : (V){}, sum = {};
  for (ptrdiff_t r = 0; r < rows; r++) {
    V value = LOAD(V, x->values + r * channels + c);
    if (x->scale) value = value * factor + offset;
    ACTIVATE(any, x->activation, value);
    sum += value;
  }
  STORE(V, sums + c) = sum;
}

CK_INLINE void BY_WIDTH(add_rows)(
    ptrdiff_t c, const ck_view *a, const ck_view *b, float *y, ptrdiff_t rows, ptrdiff_t channels,
    int any) {
  V aFactor = a->scale ? LOAD(V, a->scale + c) : (V){};
  V aOffset = a->scale ? LOAD(V, a->shift + c) : (V){};
  V bFactor = b->scale ? LOAD(V, b->scale + c) : (V){};
  V bOffset = b->scale ? LOAD(V, b->shift + c) : (V){};
  for (ptrdiff_t r = 0; r < rows; r++) {
    ptrdiff_t at = r * channels + c;
    V first = LOAD(V, a->values + at), second = LOAD(V, b->values + at);
    if (a->scale) first = first * aFactor + aOffset;
    if (b->scale) second = second * bFactor + bOffset;
    ACTIVATE(any, a->activation, first);
    ACTIVATE(any, b->activation, second);
    STORE(V, y + at) = first + second;
  }
}

CK_INLINE void BY_WIDTH(merge_gradient)(
    ptrdiff_t c, const float *d, ptrdiff_t dStep, const ck_gradient_epilogue *e, float *dx,
    ptrdiff_t rows, ptrdiff_t channels, int any) {
  const float *scale = e->mask.scale, *activations = e->activations;
  V factor = scale ? LOAD(V, scale + c) : (V){} + 1.0f;
  V offset = scale ? LOAD(V, e->mask.shift + c) : (V){};
  V center = activations ? LOAD(V, e->mean + c) : (V){}, gradient = {}, product = {};
  for (ptrdiff_t r = 0; r < rows; r++) {
    ptrdiff_t at = r * channels + c;
    V value = LOAD(V, d + r * dStep + c);
    if (e->accumulate && e->masksSum) value += LOAD(V, dx + at);
    if (e->mask.values) {
      V seen = LOAD(V, e->mask.values + at);
      if (scale) seen = seen * factor + offset;
      DERIVE(any, e->mask.activation, seen, value);
    }
    if (e->accumulate && !e->masksSum) value += LOAD(V, dx + at);
    STORE(V, dx + at) = value;
    if (activations) {
      gradient += value;
      product += value * (LOAD(V, activations + at) - center);
    }
  }
  if (activations) {
    STORE(V, e->gradients + c) = gradient;
    STORE(V, e->products + c) = product * LOAD(V, e->inverseDeviation + c);
  }
}

CK_INLINE void BY_WIDTH(spread_row)(
    ptrdiff_t c, const float *row, float factor, const ck_view *mask, float *y, ptrdiff_t rows,
    ptrdiff_t channels, int accumulate, int any) {
  V value = LOAD(V, row + c) * factor;
  V slope = mask->scale ? LOAD(V, mask->scale + c) : (V){} + 1.0f;
  V offset = mask->scale ? LOAD(V, mask->shift + c) : (V){};
  for (ptrdiff_t r = 0; r < rows; r++) {
    ptrdiff_t at = r * channels + c;
    V part = value;
    if (mask->values) {
      V seen = LOAD(V, mask->values + at);
      if (mask->scale) seen = seen * slope + offset;
      DERIVE(any, mask->activation, seen, part);
    }
    STORE(V, y + at) = accumulate ? LOAD(V, y + at) + part : part;
  }
}

#undef ROWS
#undef TOTAL
