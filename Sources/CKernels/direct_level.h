// The direct convolution for one kind of processor, included once for each: LEVEL names it, VECTOR
// holds LANES floats, and VECTORS of them times PIXELS pixels of sums fit its registers.

#define NAMED_(name, level) name##_##level
#define EXPANDED(name, level) NAMED_(name, level)
#define NAMED(name) EXPANDED(name, LEVEL)
#define EACH_R _Pragma("clang loop unroll(full)") for (int r = 0; r < R; r++)
#define EACH_Q _Pragma("clang loop unroll(full)") for (int q = 0; q < Q; q++)
#define WIDTH (VECTORS * LANES)

/// How the columns of a kernel are cut: all panels but the last are WIDTH wide.
CK_INLINE int NAMED(panel)(ptrdiff_t remaining) {
  return remaining >= WIDTH ? VECTORS : (int)((remaining + LANES - 1) / LANES);
}

static TARGET void NAMED(pack)(
    const float *kernel, ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t stride, const float *scale,
    const float *bias, float *packed) {
  for (ptrdiff_t n = 0; n < columns; n += WIDTH) {
    ptrdiff_t width = NAMED(panel)(columns - n) * LANES, count = ck_min(width, columns - n);
    for (ptrdiff_t i = 0; i < width; i++) packed[i] = bias && i < count ? bias[n + i] : 0;
    packed += width;
    for (ptrdiff_t k = 0; k < rows; k++, packed += width) {
      const float *row = kernel + k * stride + n;
      if (scale) {
        for (ptrdiff_t i = 0; i < count; i++) packed[i] = row[i] * scale[n + i];
      } else {
        for (ptrdiff_t i = 0; i < count; i++) packed[i] = row[i];
      }
      for (ptrdiff_t i = count; i < width; i++) packed[i] = 0;
    }
  }
}

/// R pixels of Q vectors of outputs: each vector of the kernel read feeds all pixels. Memory from
/// `ahead` on is asked for meanwhile, 16 floats for every row of the kernel.
CK_INLINE TARGET void NAMED(rows_block)(
    const int R, const int Q, const float *const *x, const ck_tile *g, ptrdiff_t taps,
    ptrdiff_t inner, const float *kernel, const float *ahead, float *const *y,
    int isRectified) {
  VECTOR sum[12][4];
  EACH_R {
    EACH_Q sum[r][q] = LOAD(VECTOR, kernel + q * LANES);
  }
  kernel += Q * LANES;
  for (ptrdiff_t kh = 0; kh < g->kernelHeight; kh++) {
    for (ptrdiff_t kw = 0; kw < taps; kw++) {
      const float *pixel[12];
      EACH_R pixel[r] = x[r] + kh * g->tapRow + kw * g->tapStep;
      // Elsewhere it would fill one more line of decoded instructions: 1 to 3 %.
      [[clang::code_align(64)]]
      for (ptrdiff_t i = 0; i < inner; i++, kernel += Q * LANES, ahead += 16) {
        __builtin_prefetch(ahead, 0, 2);
        VECTOR weight[4];
        EACH_Q weight[q] = LOAD(VECTOR, kernel + q * LANES);
        EACH_R {
          float value = pixel[r][i];
          EACH_Q sum[r][q] += weight[q] * value;
        }
      }
    }
  }
  EACH_R {
    EACH_Q STORE(VECTOR, y[r] + q * LANES) =
        isRectified ? CK_RECTIFIED(VECTOR, sum[r][q]) : sum[r][q];
  }
}

/// R inputs of one tap times Q vectors of outputs, summed over all pixels of the tile.
CK_INLINE TARGET void NAMED(outer_block)(
    const int R, const int Q, const float *x, const float *dy, const ck_tile *g, int adds,
    float *sums, ptrdiff_t stride) {
  VECTOR sum[12][4];
  EACH_R {
    // Asked for now, in steps that the processor does not foresee, and here when it is written.
    EACH_Q __builtin_prefetch(sums + r * stride + q * LANES, 1);
    __builtin_prefetch(sums + r * stride + Q * LANES - 1, 1);
    EACH_Q sum[r][q] = (VECTOR){};
  }
  for (ptrdiff_t image = 0; image < g->images; image++) {
    for (ptrdiff_t row = 0; row < g->height; row++) {
      const float *value = x + image * g->xImage + row * g->xRow;
      const float *gradient = dy + image * g->yImage + row * g->yRow;
      for (ptrdiff_t i = 0; i < g->width; i++, value += g->xStep, gradient += g->yStep) {
        VECTOR d[4];
        EACH_Q d[q] = LOAD(VECTOR, gradient + q * LANES);
        EACH_R {
          float v = value[r];
          EACH_Q sum[r][q] += d[q] * v;
        }
      }
    }
  }
  EACH_R {
    EACH_Q {
      if (adds) sum[r][q] += LOAD(VECTOR, sums + r * stride + q * LANES);
      STORE(VECTOR, sums + r * stride + q * LANES) = sum[r][q];
    }
  }
}

// Blocks that there are: PIXELS pixels, then what remains by fours, twos and ones.
#if VECTORS == 4
#define SWITCH(function, R, Q, ...)                      \
  switch ((R) * 8 + (Q)) {                               \
    case 6 * 8 + 4: function(6, 4, __VA_ARGS__); break;  \
    case 4 * 8 + 4: function(4, 4, __VA_ARGS__); break;  \
    case 2 * 8 + 4: function(2, 4, __VA_ARGS__); break;  \
    case 1 * 8 + 4: function(1, 4, __VA_ARGS__); break;  \
    case 8 * 8 + 3: function(8, 3, __VA_ARGS__); break;  \
    case 4 * 8 + 3: function(4, 3, __VA_ARGS__); break;  \
    case 2 * 8 + 3: function(2, 3, __VA_ARGS__); break;  \
    case 1 * 8 + 3: function(1, 3, __VA_ARGS__); break;  \
    case 8 * 8 + 2: function(8, 2, __VA_ARGS__); break;  \
    case 4 * 8 + 2: function(4, 2, __VA_ARGS__); break;  \
    case 2 * 8 + 2: function(2, 2, __VA_ARGS__); break;  \
    case 1 * 8 + 2: function(1, 2, __VA_ARGS__); break;  \
    case 12 * 8 + 1: function(12, 1, __VA_ARGS__); break; \
    case 4 * 8 + 1: function(4, 1, __VA_ARGS__); break;  \
    case 2 * 8 + 1: function(2, 1, __VA_ARGS__); break;  \
    default: function(1, 1, __VA_ARGS__); break;         \
  }
CK_INLINE ptrdiff_t NAMED(block)(int q, ptrdiff_t remaining) {
  ptrdiff_t most = q == 4 ? 6 : q == 1 ? 12 : 8;
  return remaining >= most ? most : remaining >= 4 ? 4 : remaining >= 2 ? 2 : 1;
}
#else
#define SWITCH(function, R, Q, ...)                      \
  switch ((R) * 8 + (Q)) {                               \
    case 6 * 8 + 2: function(6, 2, __VA_ARGS__); break;  \
    case 4 * 8 + 2: function(4, 2, __VA_ARGS__); break;  \
    case 2 * 8 + 2: function(2, 2, __VA_ARGS__); break;  \
    case 1 * 8 + 2: function(1, 2, __VA_ARGS__); break;  \
    case 6 * 8 + 1: function(6, 1, __VA_ARGS__); break;  \
    case 4 * 8 + 1: function(4, 1, __VA_ARGS__); break;  \
    case 2 * 8 + 1: function(2, 1, __VA_ARGS__); break;  \
    default: function(1, 1, __VA_ARGS__); break;         \
  }
CK_INLINE ptrdiff_t NAMED(block)(int q, ptrdiff_t remaining) {
  ptrdiff_t most = q > 0 ? PIXELS : 0;
  return remaining >= most ? most : remaining >= 4 ? 4 : remaining >= 2 ? 2 : 1;
}
#endif

static TARGET void NAMED(rows)(
    const float *x, const ck_tile *tile, const float *packed, const float *next,
    const float *addend, float *y, int isRectified) {
  const ck_tile g = *tile;
  // Taps whose channels follow each other without a gap are one longer run.
  int isRun = g.tapStep == g.inputs;
  ptrdiff_t taps = isRun ? 1 : g.kernelWidth, inner = isRun ? g.kernelWidth * g.inputs : g.inputs;
  ptrdiff_t rows = 1 + g.kernelHeight * taps * inner, total = g.images * g.height * g.width;
  for (ptrdiff_t n = 0; n < g.outputs; n += WIDTH) {
    int q = NAMED(panel)(g.outputs - n);
    ptrdiff_t count = ck_min(q * LANES, g.outputs - n), image = 0, row = 0, column = 0, r = 0;
    // The next panel is asked for by the first blocks; the others ask for what is there.
    const float *following = n + WIDTH < g.outputs ? packed + rows * q * LANES : next;
    ptrdiff_t asked = 0, unasked = following ? rows * q * LANES : 0;
    for (ptrdiff_t p = 0; p < total; p += r) {
      r = NAMED(block)(q, total - p);
      const float *from[12];
      float *to[12], *place[12];
      float edge[12 * WIDTH];
      for (ptrdiff_t i = 0; i < r; i++) {
        from[i] = x + image * g.xImage + row * g.xRow + column * g.xStep;
        to[i] = y + image * g.yImage + row * g.yRow + column * g.yStep + n;
        // It comes in steps that the processor does not foresee.
        for (ptrdiff_t k = 0; addend && k < count; k += 16) {
          __builtin_prefetch(addend + (to[i] - y) + k);
        }
        if (++column == g.width) {
          column = 0;
          if (++row == g.height) { row = 0; image++; }
        }
        // A last vector that is not full, and what is not finished, go by way of the stack.
        place[i] = addend || count < q * LANES ? edge + i * WIDTH : to[i];
      }
      SWITCH(
          NAMED(rows_block), r, q, from, &g, taps, inner, packed,
          asked < unasked ? following + asked : packed, place, isRectified && !addend)
      asked += 16 * (rows - 1);
      for (ptrdiff_t i = 0; i < r && place[i] != to[i]; i++) {
        if (!addend) {
          for (ptrdiff_t k = 0; k < count; k++) to[i][k] = place[i][k];
        } else {
          for (ptrdiff_t k = 0; k < count; k++) {
            float sum = place[i][k] + addend[to[i] - y + k];
            to[i][k] = isRectified && sum < 0 ? 0 : sum;
          }
        }
      }
    }
    packed += rows * q * LANES;
  }
}

/// Sums of one panel, whose vectors all lie within memory.
static TARGET void NAMED(outer_panel)(
    const float *x, const float *dy, const ck_tile *g, int q, int adds, float *sums,
    ptrdiff_t stride) {
  int isRun = g->tapStep == g->inputs;
  ptrdiff_t taps = isRun ? 1 : g->kernelWidth;
  ptrdiff_t inner = isRun ? g->kernelWidth * g->inputs : g->inputs, r = 0;
  for (ptrdiff_t kh = 0; kh < g->kernelHeight; kh++) {
    for (ptrdiff_t kw = 0; kw < taps; kw++) {
      const float *value = x + kh * g->tapRow + kw * g->tapStep;
      for (ptrdiff_t i = 0; i < inner; i += r, sums += r * stride) {
        r = NAMED(block)(q, inner - i);
        SWITCH(NAMED(outer_block), r, q, value + i, dy, g, adds, sums, stride)
      }
    }
  }
}

static TARGET void NAMED(outer)(
    const float *x, const float *dy, const ck_tile *tile, float *scratch, int adds, float *sums) {
  const ck_tile g = *tile;
  for (ptrdiff_t n = 0; n < g.outputs; n += WIDTH) {
    int q = NAMED(panel)(g.outputs - n);
    ptrdiff_t width = q * LANES, count = ck_min(width, g.outputs - n);
    if (count == width) {
      NAMED(outer_panel)(x, dy + n, &g, q, adds, sums + n, g.outputs);
      continue;
    }
    // A last vector that is not full: its gradients are laid out anew, so that nothing beyond them
    // is read.
    ck_tile h = g;
    h.yStep = width;
    h.yRow = g.width * width;
    h.yImage = g.height * h.yRow;
    float *laid = scratch, *part = scratch + g.images * h.yImage;
    for (ptrdiff_t image = 0; image < g.images; image++) {
      for (ptrdiff_t row = 0; row < g.height; row++) {
        for (ptrdiff_t i = 0; i < g.width; i++, laid += width) {
          const float *d = dy + image * g.yImage + row * g.yRow + i * g.yStep + n;
          for (ptrdiff_t k = 0; k < width; k++) laid[k] = k < count ? d[k] : 0;
        }
      }
    }
    ptrdiff_t rows = g.kernelHeight * g.kernelWidth * g.inputs;
    NAMED(outer_panel)(x, scratch, &h, q, 0, part, width);
    for (ptrdiff_t k = 0; k < rows; k++) {
      float *to = sums + k * g.outputs + n;
      for (ptrdiff_t i = 0; i < count; i++) to[i] = part[k * width + i] + (adds ? to[i] : 0);
    }
  }
}

#undef NAMED_
#undef EXPANDED
#undef NAMED
#undef EACH_R
#undef EACH_Q
#undef WIDTH
#undef SWITCH
