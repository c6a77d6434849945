// SPDX-License-Identifier: Apache-2.0

// GSL: distributions, random numbers, eigenvalues and singular values. GSL wants some CBLAS; OpenBLAS is
// it (the slow libgslcblas must not be linked, its symbols would shadow OpenBLAS' own).
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_eigen.h>
#include <gsl/gsl_linalg.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>

// The kinds of generators are variables in C, which Swift does not let in.
static inline gsl_rng *continuum_mt19937(unsigned long seed) {
  gsl_rng *generator = gsl_rng_alloc(gsl_rng_mt19937);
  gsl_rng_set(generator, seed);
  return generator;
}
