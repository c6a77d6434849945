// SPDX-License-Identifier: Apache-2.0

// Activations and their derivatives for one run of N channels; included once per vector width with N,
// V and I. An activation is added here, in `ck_activation` and in the enumeration of Kernels.

/// x where a mask is set, y elsewhere.
#define PICK(mask, x, y) ((V)(((I)(x) & (mask)) | ((I)(y) & ~(mask))))
#define SPLAT(number) ((V){} + (number))

/// e to the power x as power · (1 + rest), the power being one of two; accurate near 0 and within the
/// range of normal numbers, to whose ends x is cut.
CK_INLINE void BY_WIDTH(exponential)(const V *x, V *power, V *rest) {
  V low = PICK(*x >= -87.0f, *x, SPLAT(-87.0f));
  V cut = PICK(low <= 88.0f, low, SPLAT(88.0f));
  V k = __builtin_elementwise_floor(cut * 1.44269504f + 0.5f);
  V r = (cut - k * 0.693145752f) - k * 1.42860677e-6f;
  V tail = 1.0f / 720 + r * (1.0f / 5040);
  V series = 0.5f + r * (1.0f / 6 + r * (1.0f / 24 + r * (1.0f / 120 + r * tail)));
  *rest = r + r * r * series;
  *power = (V)((__builtin_convertvector(k, I) + 127) << 23);
}

/// 1 / (1 + e^−x); NaN stays NaN.
CK_INLINE void BY_WIDTH(logistic)(const V *x, V *y) {
  V opposite = -*x, power, rest;
  BY_WIDTH(exponential)(&opposite, &power, &rest);
  *y = PICK(*x != *x, *x, 1.0f / (1.0f + (power * rest + power)));
}

/// The normal distribution up to x, to 2e-7 (Abramowitz and Stegun, 7.1.26), and its density; NaN
/// stays NaN.
CK_INLINE void BY_WIDTH(normal)(const V *x, V *distribution, V *density) {
  V size = PICK(*x < 0.0f, -*x, *x), exponent = size * size * -0.5f, power, rest;
  BY_WIDTH(exponential)(&exponent, &power, &rest);
  V bell = power * rest + power;
  V t = 1.0f / (1.0f + 0.2316418882f * size);
  V series = t
      * (0.254829592f
         + t * (-0.284496736f + t * (1.421413741f + t * (-1.453152027f + t * 1.061405429f))));
  V beyond = 0.5f * series * bell;
  V value = PICK(*x < 0.0f, beyond, 1.0f - beyond);
  *distribution = PICK(*x != *x, *x, value);
  *density = PICK(*x != *x, *x, bell * 0.3989422804f);
}

/// x = the activation of x.
static __attribute__((noinline, unused)) void BY_WIDTH(activate)(ck_activation activation, V *x) {
  V value = *x, first, second;
  switch (activation) {
    case ck_linear: break;
    case ck_relu: value = CK_RECTIFIED(V, value); break;
    case ck_elu:
      first = PICK(value < 0.0f, value, SPLAT(0.0f));
      BY_WIDTH(exponential)(&first, &second, &first);
      value = PICK(value < 0.0f, second * first + (second - 1.0f), value);
      break;
    case ck_gelu:
      BY_WIDTH(normal)(&value, &first, &second);
      value *= first;
      break;
    case ck_silu:
      BY_WIDTH(logistic)(&value, &first);
      value *= first;
      break;
    case ck_hard_swish:
      first = value + 3.0f;
      first = PICK(first < 0.0f, SPLAT(0.0f), first);
      value *= PICK(first > 6.0f, SPLAT(6.0f), first) * (1.0f / 6);
      break;
  }
  *x = value;
}

/// d *= the derivative of the activation at x.
static __attribute__((noinline, unused)) void BY_WIDTH(derive)(
    ck_activation activation, const V *x, V *d) {
  V value = *x, first, second;
  switch (activation) {
    case ck_linear: break;
    case ck_relu: *d = CK_WHERE_POSITIVE(V, *d, value); break;
    case ck_elu:
      first = PICK(value < 0.0f, value, SPLAT(0.0f));
      BY_WIDTH(exponential)(&first, &second, &first);
      *d *= PICK(value < 0.0f, second * first + second, SPLAT(1.0f));
      break;
    case ck_gelu:
      BY_WIDTH(normal)(&value, &first, &second);
      *d *= first + value * second;
      break;
    case ck_silu:
      BY_WIDTH(logistic)(&value, &first);
      *d *= first * (1.0f + value * (1.0f - first));
      break;
    case ck_hard_swish:
      first = value * (1.0f / 3) + 0.5f;
      first = PICK(value <= -3.0f, SPLAT(0.0f), first);
      *d *= PICK(value >= 3.0f, SPLAT(1.0f), first);
      break;
  }
}

#undef PICK
#undef SPLAT
