// SPDX-License-Identifier: Apache-2.0

// The levels of processors, best first, and which of them this processor has.
#include "ck.h"

#if defined(__x86_64__)
extern const ck_kernels ck_avx512, ck_avx2;
#elif defined(__aarch64__)
extern const ck_kernels ck_neon;
#endif
extern const ck_kernels ck_portable;

const ck_kernels *ck_level(ptrdiff_t index) {
  const ck_kernels *levels[] = {
#if defined(__x86_64__)
    __builtin_cpu_supports("x86-64-v4") ? &ck_avx512 : 0,
    __builtin_cpu_supports("x86-64-v3") ? &ck_avx2 : 0,
#elif defined(__aarch64__)
    &ck_neon,
#endif
    &ck_portable,
  };
  for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
    if (levels[i] && index-- == 0) return levels[i];
  }
  return 0;
}

void ck_pause(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}
