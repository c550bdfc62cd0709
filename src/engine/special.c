#include "engine/special.h"

#include <math.h>

double ln_gamma(double x)
{
    int sign;
    return lgamma_r(x, &sign);
}

double digamma(double x)
{
    double below = 0;
    while (x < 10) {
        below += 1 / x;
        x += 1;
    }
    double s = 1 / (x * x);
    double series =
        s * (1 / 12.0 -
             s * (1 / 120.0 -
                  s * (1 / 252.0 -
                       s * (1 / 240.0 - s * (1 / 132.0 - s * (691 / 32760.0 - s * (1 / 12.0)))))));
    return log(x) - 0.5 / x - series - below;
}

double softplus(double x, double *ret_slope)
{
    double e = exp(-fabs(x)); /* never overflows */
    *ret_slope = x >= 0 ? 1 / (1 + e) : e / (1 + e);
    return fmax(x, 0) + log1p(e);
}
