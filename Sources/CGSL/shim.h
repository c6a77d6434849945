// GSL: quantiles of distributions, eigenvalues and singular values. GSL wants some CBLAS; OpenBLAS is
// it (the slow libgslcblas must not be linked, its symbols would shadow OpenBLAS' own).
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_eigen.h>
#include <gsl/gsl_linalg.h>
