// What the processor offers.
#include "Vectors.h"

int ck_has_avx512(void) {
#if defined(__x86_64__)
  return __builtin_cpu_supports("x86-64-v4");
#else
  return 0;
#endif
}

int ck_has_avx2(void) {
#if defined(__x86_64__)
  return __builtin_cpu_supports("x86-64-v3");
#else
  return 0;
#endif
}

CK_INLINE void name_avx512(const char **name) { *name = "AVX-512"; }
CK_INLINE void name_avx2(const char **name) { *name = "AVX2"; }
CK_INLINE void name_portable(const char **name) { *name = "portable"; }

const char *ck_level(void) {
  const char *level;
  CK_BY_LEVEL(name, &level);
  return level;
}

void ck_pause(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}
