/* What the files of api share. */
#ifndef HETANG_API_INTERNAL_H
#define HETANG_API_INTERNAL_H

#include <stdatomic.h>

#include "api/api.h"
#include "core/module.h"

#define SEGMENTS_MAX    10
#define PATH_PARAMS_MAX 4

struct compiled {
    const struct route *route;
    str segments[SEGMENTS_MAX]; /* {name} without the braces when param */
    bool param[SEGMENTS_MAX];
    int count;
    _Atomic i64 classes[6]; /* replies 1xx … 5xx */
    _Atomic i64 buckets[12], sum_us;
    _Atomic bool exercised;
};

struct api {
    struct app *app;
    struct http_server *server;
    instant started;
    struct compiled
        *routes; /* fixed segments before {params}, so the first match is the right one */
    size_t count;
    size_t
        from[SEGMENTS_MAX + 2]; /* of `routes`: those of k segments are from[k] … from[k + 1] - 1 */
    uint32_t boot;              /* prefix of request ids */
    bool serves;                /* with streams: a server's, not the contract's */
    _Atomic uint64_t requests;
    _Atomic i64 unrouted[6]; /* replies by class where there was no route */
};

extern const double api_bucket_s[12];

/* Fills the values of {params} in order. NULL: no such path (*ret_other_method: there is, for
 * another method). */
struct compiled *api_match(struct api *api, str method, str path, struct arena *a,
                           str values[PATH_PARAMS_MAX], bool *ret_other_method);
const char *method_name(enum method m);
str url_decode(struct arena *a, str s, bool plus_is_space);
/* problem+json (RFC 9457) from the failure in cx. */
void out_problem(struct strbuf *sb, struct ctx *cx, enum err e);
/* Of the call this ctx belongs to; only for routes of the engine itself. */
struct api *api_of(struct ctx *cx);
route_run metrics_run;       /* metrics.c */
double resident_bytes(void); /* metrics.c: memory in use */
route_run status_run;        /* status.c */
extern const struct schema system_status_schema;
route_run setting_put_run, setting_reset_run; /* settings.c */
extern const struct schema system_setting_schema, setting_put_schema, setting_name_schema;
struct settings_shown {
    list rows;
    str problem; /* of hetang.ini; or none */
};
struct settings_shown settings_show(struct ctx *cx);
bool asset_answer(struct http_exchange *x); /* static.c; false: there is none */

#endif
