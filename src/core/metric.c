#include "core/metric.h"

#include "core/app.h"
#include "core/event.h"
#include "core/job.h"

#define SUBSCRIBERS_MAX 200

void out_label(struct strbuf *sb, str value)
{
    out_c(sb, '"');
    for (size_t i = 0; i < value.len; i++) {
        char c = value.ptr[i];
        if (c == '"' || c == '\\')
            out_c(sb, '\\');
        if (c == '\n')
            out(sb, S("\\n"));
        else
            out_c(sb, c);
    }
    out_c(sb, '"');
}

void out_metric_head(struct strbuf *sb, const char *name, const char *kind, const char *help)
{
    out_fmt(sb, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind);
}

void metric_value(struct metric_out *to, str label, double value)
{
    out_z(to->sb, to->metric->name);
    if (to->metric->label) {
        out_fmt(to->sb, "{%s=", to->metric->label);
        out_label(to->sb, label);
        out_c(to->sb, '}');
    }
    out_c(to->sb, ' ');
    out_f64(to->sb, value);
    out_c(to->sb, '\n');
}

enum err out_metric(struct strbuf *sb, struct ctx *cx, const struct metric *m)
{
    struct metric_out to = { sb, m };
    out_metric_head(sb, m->name, m->counter ? "counter" : "gauge", m->help);
    return m->read(cx, &to);
}

static enum err read_size(struct ctx *cx, struct metric_out *to)
{
    metric_value(to, STR_NONE, (double)db_size_bytes(cx->app->db));
    return OK;
}

static enum err read_journal(struct ctx *cx, struct metric_out *to)
{
    struct db_stats s;
    db_stats(cx->app->db, &s);
    if (s.journal_bytes != NONE)
        metric_value(to, STR_NONE, (double)s.journal_bytes);
    return OK;
}

static enum err read_statements(struct ctx *cx, struct metric_out *to)
{
    (void)cx;
    metric_value(to, STR_NONE, (double)db_statements_run());
    return OK;
}

static enum err read_writes(struct ctx *cx, struct metric_out *to)
{
    struct db_stats s;
    db_stats(cx->app->db, &s);
    metric_value(to, STR_NONE, (double)s.writes);
    return OK;
}

static enum err read_commits(struct ctx *cx, struct metric_out *to)
{
    struct db_stats s;
    db_stats(cx->app->db, &s);
    metric_value(to, STR_NONE, (double)s.commits);
    return OK;
}

static enum err read_log(struct ctx *cx, struct metric_out *to)
{
    i64 last;
    TRY(event_last(cx, &last));
    metric_value(to, STR_NONE, (double)last);
    return OK;
}

static enum err read_behind(struct ctx *cx, struct metric_out *to)
{
    struct log_lag *lags = NEW_N(cx->arena, struct log_lag, SUBSCRIBERS_MAX);
    size_t count;
    TRY(log_lags(cx, lags, &count, SUBSCRIBERS_MAX));
    for (size_t i = 0; i < count; i++)
        metric_value(to, str_of(lags[i].name), (double)lags[i].behind);
    return OK;
}

static enum err read_failing(struct ctx *cx, struct metric_out *to)
{
    struct log_lag *lags = NEW_N(cx->arena, struct log_lag, SUBSCRIBERS_MAX);
    size_t count;
    TRY(log_lags(cx, lags, &count, SUBSCRIBERS_MAX));
    for (size_t i = 0; i < count; i++)
        metric_value(to, str_of(lags[i].name), lags[i].failing);
    return OK;
}

static enum err read_jobs(struct ctx *cx, struct metric_out *to)
{
    i64 n[JOB_STATES];
    TRY(job_counts(cx, n));
    for (size_t i = 0; i < JOB_STATES; i++)
        metric_value(to, str_of(job_states[i]), (double)n[i]);
    return OK;
}

static enum err read_oldest(struct ctx *cx, struct metric_out *to)
{
    i64 due;
    TRY(job_oldest_due(cx, &due));
    metric_value(to, STR_NONE,
                 due == NONE ? 0 : (double)MAX(cx->now.ms - due, 0) / (double)SECOND_MS);
    return OK;
}

const struct metric core_metrics[CORE_METRICS] = {
    { "hetang_db_size_bytes", false, NULL, "Size of the database", read_size },
    { "hetang_db_journal_bytes", false, NULL, "Size of the write-ahead log (SQLite)",
      read_journal },
    { "hetang_db_statements_total", true, NULL, "Statements run", read_statements },
    { "hetang_db_writes_total", true, NULL, "Units of work that were kept", read_writes },
    { "hetang_db_commits_total", true, NULL,
      "Commits; writes by commits is the size of a group (SQLite)", read_commits },
    { "hetang_log_last_seq", false, NULL, "Number of the newest fact of the log", read_log },
    { "hetang_subscriber_behind", false, "subscriber", "Facts a subscriber has yet to handle",
      read_behind },
    { "hetang_subscriber_failing", false, "subscriber",
      "1 while a subscriber cannot handle the fact before it", read_failing },
    { "hetang_jobs", false, "state", "Jobs by state", read_jobs },
    { "hetang_job_late_seconds", false, NULL, "How long the job that waits longest has been due",
      read_oldest },
};
