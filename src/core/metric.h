/* metric: figures of the running house for whoever watches it, in the text format of Prometheus.
 *
 * A module says what it has in a table (module.h); the figures are read when somebody asks, all in
 * one snapshot. What is cheap to count is counted, nothing is kept up to date for its own sake. */
#ifndef HETANG_METRIC_H
#define HETANG_METRIC_H

#include "core/ctx.h"

struct metric_out {
    struct strbuf *sb;
    const struct metric *metric;
};

struct metric {
    const char *name;  /* "hetang_jobs"; a counter's ends in _total */
    bool counter;      /* only grows while the process lives; else a gauge */
    const char *label; /* the one thing its values differ in, or NULL */
    const char *help;
    enum err (*read)(struct ctx *cx, struct metric_out *to);
};

/* A value of the metric being read; `label` is none where it has no label. */
void metric_value(struct metric_out *to, str label, double value);
/* One whole metric: its head, and what it reads. */
enum err out_metric(struct strbuf *sb, struct ctx *cx, const struct metric *m);
void out_metric_head(struct strbuf *sb, const char *name, const char *kind, const char *help);
/* A value of a label: between quotes. */
void out_label(struct strbuf *sb, str value);

/* The database, the log and its subscribers, jobs. */
#define CORE_METRICS 10
extern const struct metric core_metrics[CORE_METRICS];

#endif
