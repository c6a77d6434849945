// SPDX-License-Identifier: Apache-2.0

// Functions of each number alone, for every width of a run.
#pragma once
#include "vectors.h"

// No wider, so that a formula stays in registers.
#define WIDEST 16
#define CK_TEMPLATE "activation_width.h"
#include "each_width.h"
#define activate_32(activation, x) ((void)(x), __builtin_unreachable())
#define activate_64 activate_32
#define derive_32(activation, x, d) ((void)(x), (void)(d), __builtin_unreachable())
#define derive_64 derive_32

// Within a template by width. Loops are compiled twice: for the ReLU alone, which is one instruction,
// and, where `any` is 1, for the others, which are calls.

/// value = the activation of value.
#define ACTIVATE(any, activation, value)          \
  do {                                            \
    if (any) {                                    \
      V activated = (value);                      \
      BY_WIDTH(activate)(activation, &activated); \
      (value) = activated;                        \
    } else if (activation) {                      \
      (value) = CK_RECTIFIED(V, value);           \
    }                                             \
  } while (0)

/// value *= the derivative of the activation at `seen`.
#define DERIVE(any, activation, seen, value)       \
  do {                                             \
    if (any) {                                     \
      V at = (seen), derived = (value);            \
      BY_WIDTH(derive)(activation, &at, &derived); \
      (value) = derived;                           \
    } else if (activation) {                       \
      (value) = CK_WHERE_POSITIVE(V, value, seen); \
    }                                              \
  } while (0)

/// Calls a template over runs of channels, its last argument being `any`.
#define OVER_RUNS_BY_ACTIVATION(activation, function, channels, ...) \
  do {                                                               \
    if ((activation) > ck_relu) {                                    \
      ptrdiff_t c = 0;                                               \
      OVER_RUNS_OF_16(function, channels, __VA_ARGS__, 1);           \
    } else {                                                         \
      OVER_RUNS_OF_64(function, channels, __VA_ARGS__, 0);           \
    }                                                                \
  } while (0)
