// SPDX-License-Identifier: Apache-2.0

// Depthwise loops over one run of N channels; included once per vector width.

/// Ends a pixel's sum, `at` floats from the output's first.
CK_INLINE void BY_WIDTH(depthwise_store)(const ck_depthwise *d, ptrdiff_t at, const V *sum) {
  V value = *sum;
  if (d->epilogue->addend) value += LOAD(V, d->epilogue->addend + at);
  STORE(V, d->y + at) = d->epilogue->isRectified ? CK_RECTIFIED(V, value) : value;
}

/// One output pixel whose window may reach over the border.
CK_INLINE void BY_WIDTH(depthwise_pixel)(
    ptrdiff_t c, const ck_depthwise *d, ptrdiff_t oh, ptrdiff_t ow) {
  const ck_window *g = d->window;
  ptrdiff_t top = oh * g->stride - g->padTop, left = ow * g->stride - g->padLeft;
  V sum = d->epilogue->bias ? LOAD(V, d->epilogue->bias + c) : (V){};
  for (ptrdiff_t kh = 0; kh < g->kernelHeight; kh++) {
    if (top + kh < 0 || top + kh >= g->inputHeight) continue;
    for (ptrdiff_t kw = 0; kw < g->kernelWidth; kw++) {
      if (left + kw < 0 || left + kw >= g->inputWidth) continue;
      sum += LOAD(V, d->x + ((top + kh) * g->inputWidth + left + kw) * g->channels + c)
          * LOAD(V, d->kernel + (kh * g->kernelWidth + kw) * g->channels + c);
    }
  }
  BY_WIDTH(depthwise_store)(d, (oh * g->outputWidth + ow) * g->channels + c, &sum);
}

/// Four neighbouring output pixels whose windows lie between the left and right borders.
CK_INLINE void BY_WIDTH(depthwise_four)(
    ptrdiff_t c, const ck_depthwise *d, ptrdiff_t oh, ptrdiff_t ow) {
  const ck_window *g = d->window;
  ptrdiff_t top = oh * g->stride - g->padTop, left = ow * g->stride - g->padLeft;
  ptrdiff_t step = g->stride * g->channels;
  V start = d->epilogue->bias ? LOAD(V, d->epilogue->bias + c) : (V){};
  V sum[4] = {start, start, start, start};
  for (ptrdiff_t kh = 0; kh < g->kernelHeight; kh++) {
    if (top + kh < 0 || top + kh >= g->inputHeight) continue;
    const float *source = d->x + ((top + kh) * g->inputWidth + left) * g->channels + c;
    const float *weights = d->kernel + kh * g->kernelWidth * g->channels + c;
    for (ptrdiff_t kw = 0; kw < g->kernelWidth; kw++) {
      V weight = LOAD(V, weights + kw * g->channels);
      const float *at = source + kw * g->channels;
      for (int k = 0; k < 4; k++) sum[k] += LOAD(V, at + k * step) * weight;
    }
  }
  ptrdiff_t at = (oh * g->outputWidth + ow) * g->channels + c;
  for (int k = 0; k < 4; k++) BY_WIDTH(depthwise_store)(d, at + k * g->channels, &sum[k]);
}

/// The 3×3 window at stride 1 between the borders, the common case: its weights stay in registers
/// for a whole row, and each input vector read feeds three outputs. Returns where it stopped.
CK_INLINE ptrdiff_t BY_WIDTH(depthwise_nine)(
    ptrdiff_t c, const ck_depthwise *d, ptrdiff_t oh, ptrdiff_t ow, ptrdiff_t end) {
  const ck_window *g = d->window;
  ptrdiff_t channels = g->channels, line = g->inputWidth * channels;
  ptrdiff_t below = g->outputWidth * channels;
  const float *source = d->x + ((oh - g->padTop) * g->inputWidth + ow - g->padLeft) * channels + c;
  ptrdiff_t at = (oh * g->outputWidth + ow) * channels + c;
  V weight[9];
  V start = d->epilogue->bias ? LOAD(V, d->epilogue->bias + c) : (V){};
  for (int k = 0; k < 9; k++) weight[k] = LOAD(V, d->kernel + k * channels + c);
  for (; ow + 4 <= end; ow += 4, source += 4 * channels, at += 4 * channels) {
    V sum[4] = {start, start, start, start};
    // The stride between rows defeats the hardware prefetcher, for reads and for writes.
    for (int k = 0; k < 4; k++) {
      __builtin_prefetch(source + 3 * line + (k + 1) * channels);
      __builtin_prefetch(d->y + at + below + k * channels, 1);
    }
    for (int kh = 0; kh < 3; kh++) {
      for (int i = 0; i < 6; i++) {
        V pixel = LOAD(V, source + kh * line + i * channels);
        for (int kw = 0; kw < 3; kw++) {
          if (i - kw >= 0 && i - kw < 4) sum[i - kw] += pixel * weight[kh * 3 + kw];
        }
      }
    }
    for (int k = 0; k < 4; k++) BY_WIDTH(depthwise_store)(d, at + k * channels, &sum[k]);
  }
  return ow;
}

CK_INLINE void BY_WIDTH(depthwise_row)(ptrdiff_t c, const ck_depthwise *d, ptrdiff_t oh) {
  const ck_window *g = d->window;
  ptrdiff_t end = ck_end(g->padLeft, g->kernelWidth - 1, g->stride, g->inputWidth, g->outputWidth);
  ptrdiff_t first = ck_min(ck_first(g->padLeft, 0, g->stride), g->outputWidth), ow = 0;
  for (; ow < first; ow++) BY_WIDTH(depthwise_pixel)(c, d, oh, ow);
  if (g->kernelHeight == 3 && g->kernelWidth == 3 && g->stride == 1 && oh >= g->padTop
      && oh - g->padTop + 3 <= g->inputHeight) {
    ow = BY_WIDTH(depthwise_nine)(c, d, oh, ow, end);
  }
  for (; ow + 4 <= end; ow += 4) BY_WIDTH(depthwise_four)(c, d, oh, ow);
  for (; ow < g->outputWidth; ow++) BY_WIDTH(depthwise_pixel)(c, d, oh, ow);
}

CK_INLINE void BY_WIDTH(depthwise_input_gradient)(
    ptrdiff_t c, const float *dy, const float *kernel, const ck_window *g, ptrdiff_t ih,
    int accumulate, float *dx) {
  for (ptrdiff_t iw = 0; iw < g->inputWidth; iw++) {
    V sum = {};
    for (ptrdiff_t kh = (ih + g->padTop) % g->stride; kh < g->kernelHeight; kh += g->stride) {
      ptrdiff_t oh = (ih + g->padTop - kh) / g->stride;
      if (ih + g->padTop < kh || oh >= g->outputHeight) continue;
      ptrdiff_t kw = (iw + g->padLeft) % g->stride;
      for (; kw < g->kernelWidth; kw += g->stride) {
        ptrdiff_t ow = (iw + g->padLeft - kw) / g->stride;
        if (iw + g->padLeft < kw || ow >= g->outputWidth) continue;
        sum += LOAD(V, dy + (oh * g->outputWidth + ow) * g->channels + c)
            * LOAD(V, kernel + (kh * g->kernelWidth + kw) * g->channels + c);
      }
    }
    float *target = dx + (ih * g->inputWidth + iw) * g->channels + c;
    STORE(V, target) = accumulate ? LOAD(V, target) + sum : sum;
  }
}

/// One tap: the products of two rectangles, four pixels at a time.
CK_INLINE void BY_WIDTH(depthwise_tap)(
    ptrdiff_t c, const ck_depthwise_gradient *p, ptrdiff_t kh, ptrdiff_t kw, ptrdiff_t firstRow,
    ptrdiff_t endRow) {
  const ck_window *g = p->window;
  ptrdiff_t first = ck_first(g->padLeft, kw, g->stride);
  ptrdiff_t end = ck_end(g->padLeft, kw, g->stride, g->inputWidth, g->outputWidth);
  ptrdiff_t step = g->stride * g->channels;
  V sum[4] = {};
  for (ptrdiff_t oh = firstRow; oh < endRow; oh++) {
    ptrdiff_t ih = oh * g->stride - g->padTop + kh, ow = first;
    const float *source = p->x + (ih * g->inputWidth + kw - g->padLeft) * g->channels + c;
    const float *gradient = p->dy + oh * g->outputWidth * g->channels + c;
    for (; ow + 4 <= end; ow += 4) {
      for (int k = 0; k < 4; k++) {
        sum[k] += LOAD(V, source + (ow + k) * step) * LOAD(V, gradient + (ow + k) * g->channels);
      }
    }
    for (; ow < end; ow++) {
      sum[0] += LOAD(V, source + ow * step) * LOAD(V, gradient + ow * g->channels);
    }
  }
  STORE(V, p->dKernel + (kh * g->kernelWidth + kw) * g->channels + c) +=
      (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

/// Three neighbouring taps in one pass: each gradient read feeds all three.
CK_INLINE void BY_WIDTH(depthwise_three)(
    ptrdiff_t c, const ck_depthwise_gradient *p, ptrdiff_t kh, ptrdiff_t kw, ptrdiff_t firstRow,
    ptrdiff_t endRow) {
  const ck_window *g = p->window;
  // Border pixels belong to some of the taps only; inside, all three hold.
  ptrdiff_t first = ck_first(g->padLeft, kw, g->stride);
  ptrdiff_t end = ck_end(g->padLeft, kw + 2, g->stride, g->inputWidth, g->outputWidth);
  ptrdiff_t step = g->stride * g->channels;
  first = ck_min(first, g->outputWidth);
  end = ck_max(end, first);
  V sum[3] = {}, other[3] = {};
  for (ptrdiff_t oh = firstRow; oh < endRow; oh++) {
    ptrdiff_t ih = oh * g->stride - g->padTop + kh, ow = first;
    const float *source = p->x + (ih * g->inputWidth + kw - g->padLeft) * g->channels + c;
    const float *gradient = p->dy + oh * g->outputWidth * g->channels + c;
    for (; ow + 2 <= end; ow += 2) {
      V d = LOAD(V, gradient + ow * g->channels), e = LOAD(V, gradient + (ow + 1) * g->channels);
      const float *at = source + ow * step;
      for (int t = 0; t < 3; t++) sum[t] += LOAD(V, at + t * g->channels) * d;
      for (int t = 0; t < 3; t++) other[t] += LOAD(V, at + step + t * g->channels) * e;
    }
    for (; ow < end; ow++) {
      V d = LOAD(V, gradient + ow * g->channels);
      for (int t = 0; t < 3; t++) { sum[t] += LOAD(V, source + ow * step + t * g->channels) * d; }
    }
    for (int t = 0; t < 3; t++) {
      ptrdiff_t low = ck_min(ck_first(g->padLeft, kw + t, g->stride), first);
      ptrdiff_t high = ck_end(g->padLeft, kw + t, g->stride, g->inputWidth, g->outputWidth);
      for (ow = low; ow < ck_min(first, high); ow++) {
        sum[t] +=
            LOAD(V, source + ow * step + t * g->channels) * LOAD(V, gradient + ow * g->channels);
      }
      for (ow = end; ow < high; ow++) {
        sum[t] +=
            LOAD(V, source + ow * step + t * g->channels) * LOAD(V, gradient + ow * g->channels);
      }
    }
  }
  for (int t = 0; t < 3; t++) {
    STORE(V, p->dKernel + (kh * g->kernelWidth + kw + t) * g->channels + c) += sum[t] + other[t];
  }
}

CK_INLINE void BY_WIDTH(depthwise_kernel_gradient)(
    ptrdiff_t c, const ck_depthwise_gradient *p, ptrdiff_t firstRow, ptrdiff_t rows) {
  const ck_window *g = p->window;
  for (ptrdiff_t kh = 0; kh < g->kernelHeight; kh++) {
    ptrdiff_t first = ck_max(firstRow, ck_first(g->padTop, kh, g->stride));
    ptrdiff_t end =
        ck_min(firstRow + rows, ck_end(g->padTop, kh, g->stride, g->inputHeight, g->outputHeight));
    ptrdiff_t kw = 0;
    for (; kw + 3 <= g->kernelWidth; kw += 3) {
      BY_WIDTH(depthwise_three)(c, p, kh, kw, first, end);
    }
    for (; kw < g->kernelWidth; kw++) { BY_WIDTH(depthwise_tap)(c, p, kh, kw, first, end); }
  }
}
