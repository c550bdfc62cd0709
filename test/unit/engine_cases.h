/* Reports worked out by hand, as JSON: both the plain evaluator and the column store must answer
 * them. */
#ifndef HETANG_ENGINE_CASES_H
#define HETANG_ENGINE_CASES_H

#include "base/base.h"

/* Single quotes are double ones; `history` as of history_read(); `now`, none: noon of the tenth of
 * March, in Shanghai. */
struct report_case {
    const char *history, *asked, *answer, *now;
};
void reports_are(const struct report_case *cases, size_t n);
#define REPORTS(cases) reports_are((cases), COUNT(cases))

#endif
