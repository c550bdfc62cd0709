/* Telling a page: facts and people to their shards, then what is dropped, then how far it was. In
 * that order somebody's facts are nowhere twice for long and never missing, and a page of which a
 * part was lost is told again with larger versions. */
#include "base/base.h"
#include "connect/clickhouse/internal.h"

#define SEND_BYTES ((size_t)8 << 20)  /* a statement is sent when it has grown to this … */
#define BUFFER_MAX ((size_t)48 << 20) /* … and is never larger */
#define DROP_MAX   1000               /* people of one statement */

void tell_begin(void *store, const struct event *last)
{
    struct remote *r = store;
    arena_reset(&r->page);
    map_clear(&r->dropped);
    for (size_t i = 0; i < r->at.host_count; i++) {
        struct shard *s = &r->shards[i];
        memset(&s->dropped, 0, sizeof s->dropped);
        memset(&s->erased, 0, sizeof s->erased);
        strbuf_done(&s->facts);
        strbuf_done(&s->persons);
        strbuf_init(&s->facts, NULL, BUFFER_MAX);
        strbuf_init(&s->persons, NULL, BUFFER_MAX);
    }
    r->last = last;
    r->failed = OK;
    r->version++;
}

static struct shard *shard_of(struct remote *r, i64 person)
{
    return &r->shards[clickhouse_shard(person, (int)r->at.host_count)];
}

/* It was told this page before. */
static bool has_page(const struct remote *r, const struct shard *s)
{
    return r->last && s->seq >= r->last->seq;
}

static void send(struct remote *r, struct shard *s, struct strbuf *statement)
{
    struct arena a CLEANUP(arena_done) = { 0 };
    struct clickhouse_call c = { .host = (size_t)(s - r->shards),
                                 .statement = strbuf_str(statement),
                                 .timeout_ms = STATEMENT_MS };
    assert(!statement->overflow); /* a row is far smaller than what is left */
    if (r->failed == OK && clickhouse_say(r->http, &a, &c, 1) != OK)
        r->failed = said(r, &c, 1);
    strbuf_clear(statement);
}

void tell_forget(void *store, i64 person, bool erased)
{
    struct remote *r = store;
    struct shard *s = shard_of(r, person);
    if (has_page(r, s))
        return;
    *map_put(&r->dropped, person) = 1;
    *vec_push(&r->page, &s->dropped) = person;
    if (erased)
        *vec_push(&r->page, &s->erased) = person;
}

void tell_fact(void *store, const struct fact *f)
{
    struct remote *r = store;
    struct shard *s = shard_of(r, f->person);
    if (has_page(r, s) || (f->seq <= s->seq && !map_get(&r->dropped, f->person)))
        return;
    if (!s->facts.len)
        out_clickhouse_insert(&s->facts, "events", r->place.local);
    out_clickhouse_fact(&s->facts, f, r->version);
    if (s->facts.len > SEND_BYTES)
        send(r, s, &s->facts);
}

/* People are told as they stand, which is never wrong. */
void tell_person(void *store, const struct person *p)
{
    struct remote *r = store;
    struct shard *s = shard_of(r, p->id);
    if (!s->persons.len)
        out_clickhouse_insert(&s->persons, "persons", r->place.local);
    out_clickhouse_person(&s->persons, p, r->version);
    if (s->persons.len > SEND_BYTES)
        send(r, s, &s->persons);
}

/* What is left of the page's rows, to all shards at once. */
static enum err rows_send(struct remote *r, struct arena *a)
{
    struct clickhouse_call calls[2 * CLICKHOUSE_HOSTS_MAX];
    size_t count = 0;
    for (size_t i = 0; i < r->at.host_count; i++) {
        const struct strbuf *const statements[] = { &r->shards[i].facts, &r->shards[i].persons };
        for (size_t k = 0; k < COUNT(statements); k++)
            if (statements[k]->len)
                calls[count++] = (struct clickhouse_call) { .host = i,
                                                            .statement = strbuf_str(statements[k]),
                                                            .timeout_ms = STATEMENT_MS };
    }
    TRY(r->failed);
    return clickhouse_say(r->http, a, calls, count) == OK ? OK : said(r, calls, count);
}

static enum err lines_send(struct remote *r, struct arena *a, size_t host, const struct strbuf *sb)
{
    for (str rest = strbuf_str(sb), line; rest.len;) {
        line = str_cut(&rest, '\n');
        struct clickhouse_call c = { .host = host, .statement = line, .timeout_ms = STATEMENT_MS };
        if (line.len && clickhouse_say(r->http, a, &c, 1) != OK)
            return said(r, &c, 1);
    }
    return OK;
}

static enum err drop(struct remote *r, struct arena *a)
{
    for (size_t i = 0; i < r->at.host_count; i++) {
        const struct shard *s = &r->shards[i];
        for (size_t from = 0; from < s->dropped.n; from += DROP_MAX) {
            struct strbuf sb;
            strbuf_init(&sb, a, 1 << 20);
            out_clickhouse_drop(&sb, r->place.local, s->dropped.at + from,
                                MIN(s->dropped.n - from, (size_t)DROP_MAX), r->version);
            TRY(lines_send(r, a, i, &sb));
        }
        for (size_t from = 0; from < s->erased.n; from += DROP_MAX) {
            struct strbuf sb;
            strbuf_init(&sb, a, 1 << 20);
            out_clickhouse_erase(&sb, r->place.local, s->erased.at + from,
                                 MIN(s->erased.n - from, (size_t)DROP_MAX));
            TRY(lines_send(r, a, i, &sb));
        }
    }
    return OK;
}

enum err tell_end(void *store)
{
    struct remote *r = store;
    struct arena a CLEANUP(arena_done) = { 0 };
    TRY(rows_send(r, &a));
    TRY(drop(r, &a));
    if (r->last) {
        for (size_t i = 0; i < r->at.host_count; i++)
            if (!has_page(r, &r->shards[i])) {
                r->shards[i].seq = r->last->seq;
                r->shards[i].mark = r->last->received.ms;
            }
        TRY(told_write(r, &a));
    }
    all_is_well(r);
    return OK;
}

void tell_done(struct remote *r)
{
    for (size_t i = 0; i < COUNT(r->shards); i++) {
        strbuf_done(&r->shards[i].facts);
        strbuf_done(&r->shards[i].persons);
    }
    map_done(&r->dropped);
    arena_done(&r->page);
}
