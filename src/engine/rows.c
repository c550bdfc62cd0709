#include "engine/rows.h"

#include "engine/engine_internal.h"

static void buffer_done(struct rows_buffer *b)
{
    free(b->who);
    free(b->type);
    free(b->time);
    free(b->row);
}

void rows_done(struct rows *r)
{
    buffer_done(&r->made);
    buffer_done(&r->merged);
    free(r->order);
    free(r->other_order);
    *r = (struct rows) { 0 };
}

static void buffer_room(struct rows_buffer *b, size_t n)
{
    if (b->cap >= n)
        return;
    b->cap = MAX(2 * b->cap, n);
    b->who = xrealloc(b->who, b->cap * sizeof *b->who);
    b->type = xrealloc(b->type, b->cap * sizeof *b->type);
    b->time = xrealloc(b->time, b->cap * sizeof *b->time);
    b->row = xrealloc(b->row, b->cap * sizeof *b->row);
}

/* --- conditions: each leaves fewer of the rows; a row is always written, and kept by counting it
 */

static bool where_holds(const struct ready_where *w, uint32_t row)
{
    const struct column *c = w->columns[w->test.kind];
    if (w->test.op == COMPARE_EXISTS) {
        bool there = false;
        for (size_t k = 0; k < COUNT(w->columns); k++)
            there |= w->columns[k] && table_value(w->columns[k], row) != NONE;
        return there == w->test.yes;
    }
    return test_holds(&w->test, c ? table_value(c, row) : NONE);
}

static bool fits(const struct ready_type *t, uint32_t row)
{
    for (size_t i = 0; i < t->where_count; i++)
        if (!where_holds(&t->where[i], row))
            return false;
    return true;
}

/* Of rows first … first + n - 1, or of those in `rows` when they are some already. */
static size_t where_keep(const struct ready_where *w, bool some, uint32_t first, size_t n,
                         uint32_t *rows)
{
    const struct packed *p = w->columns[w->test.kind] ? &w->columns[w->test.kind]->base : NULL;
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t row = some ? rows[i] : first + (uint32_t)i;
        rows[kept] = row;
        if (w->pass)
            kept += w->pass[packed_raw(p, row)];
        else if (w->raw)
            kept += (packed_raw(p, row) - w->raw_low <= w->raw_span) != w->raw_not;
        else
            kept += where_holds(w, row);
    }
    return kept;
}

/* --- parts: of a type the base, then the tail; each is sorted */

/* Times of n rows; true if some are not in the range. */
static bool times_of(const struct ready *m, const struct packed *p, const uint32_t *rows,
                     uint32_t first, size_t n, i64 *ret)
{
    uint64_t from = (uint64_t)m->from, length = (uint64_t)m->to - from;
    bool out = m->to <= m->from;
    if (rows || p->step != 1 || p->holes) {
        for (size_t i = 0; i < n; i++) {
            ret[i] = packed_get(p, rows ? rows[i] : first + i);
            out |= (uint64_t)ret[i] - from >= length;
        }
        return out;
    }
    const uint8_t *bytes = p->bytes + (size_t)first * p->width;
    for (size_t i = 0; i < n; i++, bytes += p->width) { /* mostly it is this */
        uint64_t raw;
        memcpy(&raw, bytes, sizeof raw);
        ret[i] = p->low + (i64)(raw & p->mask);
        out |= (uint64_t)ret[i] - from >= length;
    }
    return out;
}

/* Of n rows from `first`: those in a range that begins in the midst, and their times. Most of a
 * table is often outside, so that is looked at first, and alone. */
static size_t times_keep(const struct ready *m, const struct packed *p, uint32_t first, size_t n,
                         uint32_t *ret_rows, i64 *ret)
{
    const uint8_t *bytes = p->bytes + (size_t)first * p->width;
    uint64_t from = (uint64_t)m->from - (uint64_t)p->low,
             length = (uint64_t)m->to - (uint64_t)m->from;
    size_t kept = 0;
    for (size_t i = 0; i < n; i++, bytes += p->width) {
        uint64_t raw;
        memcpy(&raw, bytes, sizeof raw);
        ret_rows[kept] = first + (uint32_t)i;
        kept += (raw & p->mask) - from < length;
    }
    for (size_t i = 0; i < kept; i++)
        ret[i] = p->low + (i64)packed_raw(p, ret_rows[i]);
    return kept;
}

static bool is_near(const struct rows_near *near, uint16_t who, i64 time)
{
    return (uint64_t)time - (uint64_t)near->from[who] < near->span;
}

/* Of n rows from `first`: those that are near. */
static size_t near_keep(const struct rows_near *near, const struct table *t, uint32_t first,
                        size_t n, uint32_t *rows)
{
    const struct packed *p = &t->time;
    const uint8_t *bytes = p->bytes + (size_t)first * p->width;
    const uint16_t *who = t->who + first;
    bool plain = p->step == 1 && !p->holes; /* mostly it is */
    size_t kept = 0;
    for (size_t i = 0; plain && i < n; i++, bytes += p->width) {
        uint64_t raw;
        memcpy(&raw, bytes, sizeof raw);
        rows[kept] = first + (uint32_t)i;
        kept += is_near(near, who[i], p->low + (i64)(raw & p->mask));
    }
    for (size_t i = 0; !plain && i < n; i++) {
        rows[kept] = first + (uint32_t)i;
        kept += is_near(near, who[i], packed_get(p, first + i));
    }
    return kept;
}

/* The first row of those that is of this person of the block or a later one. */
static uint32_t base_before(const struct table *t, uint32_t first, uint32_t end, uint32_t who)
{
    while (first < end) {
        uint32_t mid = first + (end - first) / 2;
        if (t->who[mid] < who)
            first = mid + 1;
        else
            end = mid;
    }
    return first;
}

static size_t base_part(const struct ready *m, size_t type, size_t block,
                        const struct rows_near *near, struct rows *to, bool *ret_as_it_stands)
{
    const struct ready_type *rt = &m->types[type];
    const struct table *t = rt->table;
    struct rows_buffer *b = &to->made;
    if (block >= t->block_count)
        return 0;
    uint32_t first = t->block_start[block], end = t->block_start[block + 1];
    if (m->who_first > 0)
        first = base_before(t, first, end, m->who_first);
    if (m->who_last < BLOCK - 1)
        end = base_before(t, first, end, m->who_last + UINT32_C(1));
    size_t n = end - first, at = to->n;
    buffer_room(b, at + n);
    bool some = near != NULL;
    if (near)
        n = near_keep(near, t, first, n, b->row + at);
    for (size_t i = 0; i < rt->where_count; i++, some = true)
        n = where_keep(&rt->where[i], some, first, n, b->row + at);
    if (!some && m->from > t->time.low && m->from < m->to && t->time.step == 1 && !t->time.holes) {
        size_t kept = times_keep(m, &t->time, first, n, b->row + at, b->time + at);
        some = kept < n;
        n = kept;
    } else if (times_of(m, &t->time, some ? b->row + at : NULL, first, n, b->time + at)) {
        size_t kept = 0;
        for (size_t i = 0; i < n; i++) {
            i64 time = b->time[at + i];
            b->time[at + kept] = time;
            b->row[at + kept] = some ? b->row[at + i] : first + (uint32_t)i;
            kept += time >= m->from && time < m->to;
        }
        n = kept;
        some = true;
    }
    if (!some && !at && n) {
        to->who = t->who + first;
        to->first_row = first;
        *ret_as_it_stands = true;
        return n;
    }
    for (size_t i = 0; i < n; i++) {
        uint32_t row = some ? b->row[at + i] : first + (uint32_t)i;
        b->row[at + i] = row;
        b->who[at + i] = t->who[row];
    }
    return n;
}

static size_t tail_part(const struct ready *m, size_t type, size_t block,
                        const struct rows_near *near, struct rows *to)
{
    const struct ready_type *rt = &m->types[type];
    const struct table *t = rt->table;
    struct rows_buffer *b = &to->made;
    size_t from, end, n = 0;
    table_tail_of(t, block, &from, &end);
    buffer_room(b, to->n + end - from);
    for (size_t i = from; i < end; i++) {
        const struct row *row = &t->tail[t->order[i]];
        uint16_t who = (uint16_t)(row->ordinal % BLOCK);
        if (who < m->who_first || who > m->who_last || row->time < m->from || row->time >= m->to ||
            (near && !is_near(near, who, row->time)) || !fits(rt, t->order[i] | ROW_TAIL))
            continue;
        b->who[to->n + n] = who;
        b->time[to->n + n] = row->time;
        b->row[to->n + n++] = t->order[i] | ROW_TAIL;
    }
    return n;
}

/* --- several parts become one */

static i64 row_seq(const struct ready *m, size_t type, uint32_t row)
{
    return table_seq(m->types[type].table, row);
}

static size_t type_of(const struct ready *m, const struct rows_buffer *b, uint32_t at)
{
    return m->count > 1 ? b->type[at] : 0;
}

static bool made_before(const struct ready *m, const struct rows_buffer *b, uint32_t one,
                        uint32_t two)
{
    if (b->who[one] != b->who[two])
        return b->who[one] < b->who[two];
    if (b->time[one] != b->time[two])
        return b->time[one] < b->time[two];
    return row_seq(m, type_of(m, b, one), b->row[one]) <
           row_seq(m, type_of(m, b, two), b->row[two]);
}

static void merge_two(const struct ready *m, const struct rows_buffer *b, const uint32_t *from,
                      size_t start, size_t mid, size_t end, uint32_t *to)
{
    size_t one = start, two = mid;
    for (size_t i = start; i < end; i++) {
        bool first = one < mid && (two == end || !made_before(m, b, from[two], from[one]));
        to[i] = from[first ? one++ : two++];
    }
}

/* ends[]: of each part. */
static void parts_merge(const struct ready *m, struct rows *r, size_t *ends, size_t parts)
{
    if (r->merged.cap < r->n) {
        buffer_room(&r->merged, r->n);
        r->order = xrealloc(r->order, r->merged.cap * sizeof *r->order);
        r->other_order = xrealloc(r->other_order, r->merged.cap * sizeof *r->other_order);
    }
    for (size_t i = 0; i < r->n; i++)
        r->order[i] = (uint32_t)i;
    for (; parts > 1; parts = (parts + 1) / 2) {
        for (size_t i = 0; i < parts; i += 2) {
            size_t start = i ? ends[i - 1] : 0, end = ends[MIN(i + 1, parts - 1)];
            merge_two(m, &r->made, r->order, start, ends[i], end, r->other_order);
        }
        for (size_t i = 0; i < parts; i += 2)
            ends[i / 2] = ends[MIN(i + 1, parts - 1)];
        uint32_t *order = r->order;
        r->order = r->other_order;
        r->other_order = order;
    }
    for (size_t i = 0; i < r->n; i++) {
        uint32_t at = r->order[i];
        r->merged.who[i] = r->made.who[at];
        r->merged.time[i] = r->made.time[at];
        r->merged.row[i] = r->made.row[at];
        if (m->count > 1)
            r->merged.type[i] = r->made.type[at];
    }
}

/* What stood in the table is copied, since other parts come behind it. */
static void own(struct rows *r, size_t n)
{
    memcpy(r->made.who, r->who, n * sizeof *r->who);
    for (size_t i = 0; i < n; i++)
        r->made.row[i] = r->first_row + (uint32_t)i;
}

/* Whether the question may have as much as all of the block take. */
static bool room_for(const struct ready *m, size_t block)
{
    const struct rows_buffer *b = NULL;
    size_t n = 0, from, end;
    for (size_t i = 0; i < m->count; i++) {
        const struct table *t = m->types[i].table;
        table_tail_of(t, block, &from, &end);
        n += end - from;
        if (block < t->block_count)
            n += t->block_start[block + 1] - t->block_start[block];
    }
    return work_room(n * (sizeof *b->who + sizeof *b->type + sizeof *b->time + sizeof *b->row));
}

void rows_of(const struct ready *m, size_t block, struct rows *ret)
{
    rows_of_near(m, block, NULL, ret);
}

void rows_of_near(const struct ready *m, size_t block, const struct rows_near *near,
                  struct rows *ret)
{
    size_t ends[2 * QUERY_EVENTS_MAX], parts = 0;
    bool as_it_stands = false;
    ret->n = 0;
    for (size_t i = 0; i < 2 * m->count && (i || room_for(m, block)); i++) {
        size_t n = i % 2 ? tail_part(m, i / 2, block, near, ret)
                         : base_part(m, i / 2, block, near, ret, &as_it_stands);
        if (!n)
            continue;
        for (size_t k = ret->n; m->count > 1 && k < ret->n + n; k++)
            ret->made.type[k] = (uint16_t)(i / 2);
        ret->n += n;
        ends[parts++] = ret->n;
    }
    if (parts > 1 && as_it_stands)
        own(ret, ends[0]);
    if (parts > 1)
        parts_merge(m, ret, ends, parts);
    const struct rows_buffer *b = parts > 1 ? &ret->merged : &ret->made;
    bool made = parts > 1 || !as_it_stands;
    ret->who = made ? b->who : ret->who;
    ret->row = made ? b->row : NULL;
    ret->time = b->time;
    ret->type = m->count > 1 ? b->type : NULL;
}

/* A word of bits is written once; a fact that is not its person's first writes where nobody looks.
 */
void rows_index(const struct rows *r, struct rows_index *ret)
{
    const uint16_t *at = r->who, *end = r->who + r->n;
    uint32_t i = 0, last = BLOCK;
    memset(ret->has, 0, sizeof ret->has);
    while (at < end) {
        uint32_t word = *at / 64;
        uint64_t bits = 0;
        for (; at < end && *at / 64 == word; at++) {
            uint32_t who = *at;
            ret->first[who == last ? BLOCK : who] = i;
            ret->end[who] = ++i;
            bits |= UINT64_C(1) << (who % 64);
            last = who;
        }
        ret->has[word] = bits;
    }
}
