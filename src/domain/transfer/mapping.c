#include "domain/transfer/internal.h"

#include "mapping.sql.h"

const char *const mapping_negatives[] = { "refuse", "skip", "refund", NULL };

SCHEMA_TABLE(mapping_column, MAPPING_COLUMN);
SCHEMA_TABLE(mapping, MAPPING);

/* A UK shop whose file is public (Online Retail, UCI Machine Learning Repository). */
static const struct mapping_column online_retail[] = {
    { .field = { "number", 6 }, .column = { "InvoiceNo", 9 } },
    { .field = { "product_code", 12 }, .column = { "StockCode", 9 } },
    { .field = { "product_name", 12 }, .column = { "Description", 11 } },
    { .field = { "quantity", 8 }, .column = { "Quantity", 8 } },
    { .field = { "at", 2 }, .column = { "InvoiceDate", 11 } },
    { .field = { "price", 5 }, .column = { "UnitPrice", 9 } },
    { .field = { "external", 8 }, .column = { "CustomerID", 10 } },
};

const struct mapping_preset mapping_presets[] = {
    { "online-retail",
      "Online Retail（UCI）",
      "Online Retail (UCI)",
      "orders",
      { .source = { "online-retail", 13 },
        .columns = { (void *)(uintptr_t)online_retail, COUNT(online_retail) },
        .refund_prefix = { "C", 1 },
        .skip_prefix = { "A", 1 },
        .negative = { "skip", 4 },
        .first_line = NONE } },
};
const size_t mapping_preset_count = COUNT(mapping_presets);

const struct mapping_preset *mapping_preset_find(str key)
{
    for (size_t i = 0; i < mapping_preset_count; i++)
        if (str_is(key, mapping_presets[i].key))
            return &mapping_presets[i];
    return NULL;
}

enum err mapping_preset_get(struct ctx *cx, const struct transfer_kind *kind, str name,
                            struct mapping *ret)
{
    const struct mapping_preset *built_in = mapping_preset_find(name);
    struct rows r CLEANUP(rows_close) = { 0 };
    if (built_in && strcmp(built_in->kind, kind->key) == 0) {
        *ret = built_in->mapping;
        return OK;
    }
    TRY(sql_query(cx, import_preset_by_name, &r, V(kind->key), V(name)));
    str text = rows_next(&r) ? arena_str(cx->arena, col_str(&r, 0)) : STR_NONE;
    TRY(rows_end(&r));
    if (!text.len)
        return fail_rule(cx, ERR_INVALID, "preset", "没有这个预设", "there is no such preset");
    return mapping_read(cx, text, ret);
}

str mapping_text(struct ctx *cx, const struct mapping *m)
{
    struct strbuf text;
    strbuf_init(&text, cx->arena, 1 << 20);
    struct json_writer w = json_writer(&text);
    schema_write(&w, NULL, &mapping_schema, m);
    return strbuf_str(&text);
}

enum err mapping_read(struct ctx *cx, str text, struct mapping *ret)
{
    struct json_error bad;
    const struct json *j = json_read(cx->arena, arena_str(cx->arena, text), &bad);
    return j ? schema_read(cx, &mapping_schema, j, ret) : ERR_INTERNAL; /* we wrote it ourselves */
}

enum err mapping_options(struct ctx *cx, const struct mapping *m, struct sheet_options *ret)
{
    *ret = (struct sheet_options) { .headless = m->headless,
                                    .first_line = m->first_line == NONE ? 0 : m->first_line,
                                    .sheet = m->sheet };
    if (m->charset.len && !sheet_charset_read(m->charset, &ret->charset))
        return fail(cx, ERR_BAD_CHOICE, "mapping.charset",
                    P("choices", "UTF-8, UTF-16LE, UTF-16BE, GB18030, Windows-1252"));
    if (m->separator.len > 1 && !str_is(m->separator, "tab"))
        return fail(cx, ERR_BAD_CHOICE, "mapping.separator", P("choices", ", ; | tab"));
    if (m->separator.len)
        ret->separator = str_is(m->separator, "tab") ? '\t' : m->separator.ptr[0];
    if (ret->separator && !strchr(",;|\t", ret->separator))
        return fail(cx, ERR_BAD_CHOICE, "mapping.separator", P("choices", ", ; | tab"));
    return OK;
}

static int column_of(const struct sheet_info *info, bool headless, str name)
{
    i64 n;
    if (name.len > 1 && name.ptr[0] == '#' && str_to_i64(str_from(name, 1), &n) && n >= 1 &&
        n <= (i64)SHEET_COLUMNS_MAX && (headless || n <= (i64)info->column_count))
        return (int)n - 1;
    for (size_t i = 0; i < info->column_count; i++)
        if (str_eq(str_trim(info->columns[i]), str_trim(name)))
            return (int)i;
    for (size_t i = 0; i < info->column_count; i++)
        if (str_ieq(str_trim(info->columns[i]), str_trim(name)))
            return (int)i;
    return -1;
}

enum err mapping_bind(struct ctx *cx, const struct mapping *m, const struct transfer_field *fields,
                      size_t field_count, const struct sheet_info *info, int *ret)
{
    const struct mapping_column *columns = m->columns.at;
    for (size_t i = 0; i < field_count; i++)
        ret[i] = -1;
    for (size_t i = 0; i < m->columns.n; i++) {
        size_t f = 0;
        while (f < field_count && !str_is(columns[i].field, fields[f].key))
            f++;
        if (f == field_count)
            return fail(
                cx, ERR_INVALID, "mapping.columns",
                P("reason_zh", arena_fmt(cx->arena, "没有字段 %.*s", STR_ARG(columns[i].field))),
                P("reason",
                  arena_fmt(cx->arena, "there is no field %.*s", STR_ARG(columns[i].field))));
        ret[f] = column_of(info, m->headless, columns[i].column);
        if (ret[f] < 0)
            return fail(cx, ERR_INVALID, "mapping.columns",
                        P("reason_zh",
                          arena_fmt(cx->arena, "文件中没有列 %.*s", STR_ARG(columns[i].column))),
                        P("reason", arena_fmt(cx->arena, "the file has no column %.*s",
                                              STR_ARG(columns[i].column))));
    }
    for (size_t f = 0; f < field_count; f++) {
        if (str_is(str_of(fields[f].key), "line_no") && ret[f] < 0)
            ret[f] = column_of(info, m->headless, S(LINE_NO_COLUMN));
        if (fields[f].required && ret[f] < 0)
            return fail(
                cx, ERR_INVALID, "mapping.columns",
                P("reason_zh", arena_fmt(cx->arena, "没有指定“%s”是哪一列", fields[f].zh)),
                P("reason", arena_fmt(cx->arena, "no column is given for %s", fields[f].key)));
    }
    return OK;
}

/* As headers are compared: ASCII in lower case, without blanks, marks and what is in brackets. */
static str normal_header(struct arena *a, str name)
{
    char *to = arena_alloc(a, name.len + 1);
    size_t len = 0;
    name = str_head(name, str_find(name, '('));
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        if (str_starts(str_from(name, i), S("（")))
            break;
        if (c >= 'A' && c <= 'Z')
            c = (char)(c + 32);
        if (!strchr(" _-./*:#\t", c) || !c)
            to[len++] = c;
    }
    return (str) { to, len };
}

static bool named(const struct transfer_field *f, str header, bool loosely)
{
    str rest = str_of(f->names);
    while (rest.len) {
        str name = str_cut(&rest, '|');
        if (loosely ? name.len >= 6 && str_has(header, name) : str_eq(header, name))
            return true;
    }
    return false;
}

void mapping_guess(struct ctx *cx, const struct transfer_field *fields, size_t field_count,
                   const struct sheet_info *info, struct mapping *ret)
{
    VEC(struct mapping_column) columns = { 0 };
    bool *taken_by = NEW_N(cx->arena, bool, info->column_count + 1);
    bool *has = NEW_N(cx->arena, bool, field_count + 1);
    for (int loosely = 0; loosely < 2; loosely++)
        for (size_t f = 0; f < field_count; f++)
            for (size_t i = 0; i < info->column_count && !has[f]; i++) {
                str header = normal_header(cx->arena, info->columns[i]);
                if (taken_by[i] || !header.len || !named(&fields[f], header, loosely))
                    continue;
                taken_by[i] = has[f] = true;
                *vec_push(cx->arena, &columns) =
                    (struct mapping_column) { .field = str_of(fields[f].key),
                                              .column = arena_str(cx->arena, info->columns[i]) };
            }
    schema_clear(&mapping_schema, ret);
    ret->columns = (list) { columns.at, columns.n };
}
