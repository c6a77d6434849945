// Pooling loops over one run of N channels; included once per vector width with N, V and I.

#define NAMED_(name, n) name##_##n
#define NAMED(name, n) NAMED_(name, n)

CK_INLINE void NAMED(max_pool, N)(
    ptrdiff_t c, const float *x, const float *scale, const float *shift, float *y, float *winners,
    const ck_window *g, ptrdiff_t firstRow, ptrdiff_t rows) {
  V factor = scale ? LOAD(V, scale + c) : (V){}, offset = scale ? LOAD(V, shift + c) : (V){};
  for (ptrdiff_t oh = firstRow; oh < firstRow + rows; oh++) {
    ptrdiff_t top = oh * g->stride - g->padTop;
    ptrdiff_t lowH = ck_max(0, -top), highH = ck_min(g->kernelHeight, g->inputHeight - top);
    for (ptrdiff_t ow = 0; ow < g->outputWidth; ow++) {
      ptrdiff_t left = ow * g->stride - g->padLeft;
      ptrdiff_t lowW = ck_max(0, -left), highW = ck_min(g->kernelWidth, g->inputWidth - left);
      const float *source = x + (top * g->inputWidth + left) * g->channels + c;
      V best = LOAD(V, source + (lowH * g->inputWidth + lowW) * g->channels);
      if (scale) best = best * factor + offset;
      V winner = (V){} + (float)(lowH * g->kernelWidth + lowW);
      for (ptrdiff_t kh = lowH; kh < highH; kh++) {
        for (ptrdiff_t kw = lowW; kw < highW; kw++) {
          V value = LOAD(V, source + (kh * g->inputWidth + kw) * g->channels);
          if (scale) value = value * factor + offset;
          V tap = (V){} + (float)(kh * g->kernelWidth + kw);
          // A NaN wins and stays: it must not vanish in a pooling layer.
          I larger = (value > best) | (value != value);
          best = (V)(((I)value & larger) | ((I)best & ~larger));
          winner = (V)(((I)tap & larger) | ((I)winner & ~larger));
        }
      }
      ptrdiff_t at = (oh * g->outputWidth + ow) * g->channels + c;
      STORE(V, y + at) = best;
      STORE(V, winners + at) = winner;
    }
  }
}

CK_INLINE void NAMED(max_pool_gradient, N)(
    ptrdiff_t c, const float *dy, const float *winners, float *dx, const ck_window *g) {
  for (ptrdiff_t oh = 0; oh < g->outputHeight; oh++) {
    ptrdiff_t top = oh * g->stride - g->padTop;
    ptrdiff_t lowH = ck_max(0, -top), highH = ck_min(g->kernelHeight, g->inputHeight - top);
    for (ptrdiff_t ow = 0; ow < g->outputWidth; ow++) {
      ptrdiff_t left = ow * g->stride - g->padLeft;
      ptrdiff_t lowW = ck_max(0, -left), highW = ck_min(g->kernelWidth, g->inputWidth - left);
      float *target = dx + (top * g->inputWidth + left) * g->channels + c;
      ptrdiff_t at = (oh * g->outputWidth + ow) * g->channels + c;
      V gradient = LOAD(V, dy + at), winner = LOAD(V, winners + at);
      for (ptrdiff_t kh = lowH; kh < highH; kh++) {
        for (ptrdiff_t kw = lowW; kw < highW; kw++) {
          V tap = (V){} + (float)(kh * g->kernelWidth + kw);
          V part = (V)((I)gradient & (I)(winner == tap));
          STORE(V, target + (kh * g->inputWidth + kw) * g->channels) += part;
        }
      }
    }
  }
}

CK_INLINE void NAMED(average_pool, N)(
    ptrdiff_t c, const float *x, float *y, const ck_window *g, ptrdiff_t firstRow,
    ptrdiff_t rows) {
  for (ptrdiff_t oh = firstRow; oh < firstRow + rows; oh++) {
    ptrdiff_t top = oh * g->stride - g->padTop;
    ptrdiff_t lowH = ck_max(0, -top), highH = ck_min(g->kernelHeight, g->inputHeight - top);
    for (ptrdiff_t ow = 0; ow < g->outputWidth; ow++) {
      ptrdiff_t left = ow * g->stride - g->padLeft;
      ptrdiff_t lowW = ck_max(0, -left), highW = ck_min(g->kernelWidth, g->inputWidth - left);
      const float *source = x + (top * g->inputWidth + left) * g->channels + c;
      V sum = {};
      for (ptrdiff_t kh = lowH; kh < highH; kh++) {
        for (ptrdiff_t kw = lowW; kw < highW; kw++) {
          sum += LOAD(V, source + (kh * g->inputWidth + kw) * g->channels);
        }
      }
      STORE(V, y + (oh * g->outputWidth + ow) * g->channels + c) =
          sum / (float)((highH - lowH) * (highW - lowW));
    }
  }
}

CK_INLINE void NAMED(average_pool_gradient, N)(
    ptrdiff_t c, const float *dy, float *dx, const ck_window *g) {
  for (ptrdiff_t oh = 0; oh < g->outputHeight; oh++) {
    ptrdiff_t top = oh * g->stride - g->padTop;
    ptrdiff_t lowH = ck_max(0, -top), highH = ck_min(g->kernelHeight, g->inputHeight - top);
    for (ptrdiff_t ow = 0; ow < g->outputWidth; ow++) {
      ptrdiff_t left = ow * g->stride - g->padLeft;
      ptrdiff_t lowW = ck_max(0, -left), highW = ck_min(g->kernelWidth, g->inputWidth - left);
      float *target = dx + (top * g->inputWidth + left) * g->channels + c;
      V part = LOAD(V, dy + (oh * g->outputWidth + ow) * g->channels + c) /
               (float)((highH - lowH) * (highW - lowW));
      for (ptrdiff_t kh = lowH; kh < highH; kh++) {
        for (ptrdiff_t kw = lowW; kw < highW; kw++) {
          STORE(V, target + (kh * g->inputWidth + kw) * g->channels) += part;
        }
      }
    }
  }
}

#undef NAMED
#undef NAMED_
