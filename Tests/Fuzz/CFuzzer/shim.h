// SPDX-License-Identifier: Apache-2.0

// libFuzzer's own entry, which LLVM documents for programs that have a `main` of their own.
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerRunDriver(int *count, char ***words, int (*callback)(const uint8_t *, size_t));
