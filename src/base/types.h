/* Value types: an int64 that says what it is. Passing one where another is meant does not compile.
 */
#ifndef HETANG_TYPES_H
#define HETANG_TYPES_H

#include <stdbool.h>
#include <stdint.h>

/* "No value" for the types whose zero is a value: whole numbers, money and days. */
#define NONE INT64_MIN

typedef int64_t i64;
typedef double f64;
typedef bool boolean;
typedef struct {
    i64 ms; /* milliseconds since 1970-01-01T00:00Z; 0 is "none" */
} instant;
typedef struct {
    i64 n; /* days since 1970-01-01 in the business time zone; NONE is "none" */
} day;
typedef struct {
    i64 fen; /* hundredths of the currency unit; NONE is "none" */
} money;

#define SECOND_MS INT64_C(1000)
#define MINUTE_MS (60 * SECOND_MS)
#define HOUR_MS   (60 * MINUTE_MS)
#define DAY_MS    (24 * HOUR_MS)
/* Largest integer a JSON reader written in JavaScript keeps exactly. */
#define I53_MAX ((INT64_C(1) << 53) - 1)

#endif
