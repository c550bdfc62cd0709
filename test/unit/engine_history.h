/* What the tests of the executors ask about: persons and their facts as plain lists, in any order.
 * Everybody a fact names is among the persons. */
#ifndef HETANG_ENGINE_HISTORY_H
#define HETANG_ENGINE_HISTORY_H

#include "engine/fact.h"

struct history {
    struct person *persons;
    size_t person_count;
    struct fact *facts;
    size_t fact_count;
};

/* A history written by hand, as a list; single quotes are double ones. Facts in the order of their
 * sequence numbers: [1, 'order.paid', '03-01 10:30', { 'amount': 12.5 }], the time in Shanghai in
 * 2026, or an instant in full. Persons where there is more to say than their number:
 *     { 'id': 1, 'city': '上海', 'likes': ['a'], 'born': { 'day': '2000-02-29' },
 *       'joined': { 'instant': '03-01 08:00' }, 'sets': { 'tag': ['1', '2'] } }
 * Ends the test if it cannot be read. */
struct history history_read(struct arena *a, const char *text);
instant history_time(struct arena *a, str text);
struct json *history_json(struct arena *a, const char *text); /* single quotes are double ones */

#endif
