/* special: functions of mathematics that the C library lacks, or has with hidden state. */
#ifndef HETANG_SPECIAL_H
#define HETANG_SPECIAL_H

/* ln Γ(x) for x > 0, without lgamma()'s global sign. */
double ln_gamma(double x);
/* The derivative of ln Γ(x) for x > 0, to 15 digits: recurrence up to 10, then the asymptotic
 * series (Abramowitz & Stegun 6.3.5, 6.3.18). */
double digamma(double x);
/* ln(1 + eˣ) for any x, and its derivative 1 / (1 + e⁻ˣ). */
double softplus(double x, double *ret_slope);

#endif
