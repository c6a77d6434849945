// GSL: quantiles of Student's t distribution. GSL wants some CBLAS; OpenBLAS is it (the slow
// libgslcblas must not be linked, its symbols would shadow OpenBLAS' own).
#include <gsl/gsl_cdf.h>
