/* Answers worked out by hand, expected of the plain evaluator and of the column store. */
#ifndef HETANG_ENGINE_ANSWER_H
#define HETANG_ENGINE_ANSWER_H

#include "engine/result.h"

/* `answer`: the JSON with single quotes for double ones, then the people there are: "{'people':2}
 * 1 7". What begins with a number is the people alone. `now`: noon of the tenth of March in
 * Shanghai, if none is given. */
struct answer_case {
    const char *history, *asked, *answer, *now;
};

void answers_are(const struct answer_case *cases, size_t count);
#define ANSWERS(cases) answers_are((cases), sizeof(cases) / sizeof *(cases))

/* One answer; `asked` is for who reads the failure. */
void answer_is(struct arena *a, const char *asked, const struct query *q, const struct result *r,
               const char *answer);

#endif
