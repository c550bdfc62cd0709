/* GET /metrics: the figures of the process, the server and the routes, then those of the modules.
 * Prometheus text format 0.0.4. */
#include "api/internal.h"

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/time.h"
#include "base/version.h"
#include "core/metric.h"

static void one(struct strbuf *sb, const char *name, const char *kind, const char *help,
                double value)
{
    out_metric_head(sb, name, kind, help);
    out_fmt(sb, "%s ", name);
    out_f64(sb, value);
    out_c(sb, '\n');
}

double resident_bytes(void)
{
    long total = 0, resident = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    if (f && fscanf(f, "%ld %ld", &total, &resident) != 2)
        resident = 0;
    if (f)
        fclose(f);
    return (double)resident * (double)sysconf(_SC_PAGESIZE);
}

static double open_files(void)
{
    double count = 0;
    DIR *dir = opendir("/proc/self/fd");
    for (struct dirent *e; dir && (e = readdir(dir));)
        count += e->d_name[0] != '.';
    if (dir)
        closedir(dir);
    return MAX(count - 1, 0); /* but for the one it is read through */
}

/* Their usual names, so that the usual dashboards find them. */
static void out_process(struct strbuf *sb, const struct api *api)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    double cpu_s = (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
                   (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
    out_metric_head(sb, "hetang_build_info", "gauge", "The version that runs");
    out(sb, S("hetang_build_info{version=\"" HETANG_VERSION "\"} 1\n"));
    one(sb, "process_cpu_seconds_total", "counter", "Processor time used", cpu_s);
    one(sb, "process_resident_memory_bytes", "gauge", "Memory in use", resident_bytes());
    one(sb, "process_open_fds", "gauge", "Open files and sockets", open_files());
    one(sb, "process_start_time_seconds", "gauge", "When it was started",
        (double)api->started.ms / 1000);
}

static void out_server(struct strbuf *sb, const struct api *api)
{
    struct http_stats s = { 0 };
    if (!api->server)
        return;
    http_stats(api->server, &s);
    one(sb, "hetang_http_connections", "gauge", "Open connections", (double)s.connections);
    one(sb, "hetang_http_received_total", "counter", "Requests received, files of the console too",
        (double)s.requests);
    one(sb, "hetang_http_queue", "gauge", "Requests that wait for a worker", (double)s.queued);
    one(sb, "hetang_http_workers_busy", "gauge", "Workers that run a request",
        (double)s.busy_workers);
    one(sb, "hetang_http_rejected_total", "counter", "Requests refused because the queue was full",
        (double)s.rejected);
}

static void out_class(struct strbuf *sb, const char *route, size_t class, i64 count)
{
    if (count)
        out_fmt(sb, "hetang_http_requests_total{route=\"%s\",class=\"%zuxx\"} %lld\n", route, class,
                (long long)count);
}

static void out_routes(struct strbuf *sb, const struct api *api)
{
    out_metric_head(sb, "hetang_http_requests_total", "counter",
                    "Replies by route and class of status");
    for (size_t i = 0; i < api->count; i++)
        for (size_t k = 0; k < COUNT(api->routes[i].classes); k++)
            out_class(sb, api->routes[i].route->id, k, api->routes[i].classes[k]);
    for (size_t k = 0; k < COUNT(api->unrouted); k++)
        out_class(sb, "none", k, api->unrouted[k]);
}

/* The number of replies is read after the buckets, and grows before them: so a bucket never has
 * more than all. */
static void out_times(struct strbuf *sb, const struct compiled *c)
{
    const char *id = c->route->id;
    i64 sum_us = c->sum_us, upto[COUNT(api_bucket_s)], all = 0;
    for (size_t i = 0; i < COUNT(api_bucket_s); i++)
        upto[i] = (i ? upto[i - 1] : 0) + c->buckets[i];
    for (size_t k = 0; k < COUNT(c->classes); k++)
        all += c->classes[k];
    if (!all)
        return;
    for (size_t i = 0; i < COUNT(api_bucket_s); i++)
        out_fmt(sb, "hetang_http_request_seconds_bucket{route=\"%s\",le=\"%g\"} %lld\n", id,
                api_bucket_s[i], (long long)upto[i]);
    out_fmt(sb, "hetang_http_request_seconds_bucket{route=\"%s\",le=\"+Inf\"} %lld\n", id,
            (long long)all);
    out_fmt(sb, "hetang_http_request_seconds_sum{route=\"%s\"} %.6f\n", id, (double)sum_us / 1e6);
    out_fmt(sb, "hetang_http_request_seconds_count{route=\"%s\"} %lld\n", id, (long long)all);
}

enum err metrics_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct api *api = api_of(cx);
    struct strbuf *sb = &out->body;
    (void)input;
    out->media = "text/plain; version=0.0.4; charset=utf-8";
    out_process(sb, api);
    out_server(sb, api);
    out_routes(sb, api);
    out_metric_head(sb, "hetang_http_request_seconds", "histogram",
                    "Time from a request to its reply, by route");
    for (size_t i = 0; i < api->count; i++)
        out_times(sb, &api->routes[i]);
    for (size_t i = 0; i < cx->app->module_count; i++)
        for (size_t k = 0; k < cx->app->modules[i]->metric_count; k++)
            TRY(out_metric(sb, cx, &cx->app->modules[i]->metrics[k]));
    return OK;
}
