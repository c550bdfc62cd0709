#include "core/sheet_parts.h"

#include "base/utf8.h"
#include "base/vec.h"

#define NAME_MAX_BYTES 1024 /* of what is kept of a workbook: names, paths, ids */
#define RELATIONS_MAX  4096
#define FORMATS_MAX    65536

struct relation {
    str id, type;
    const char *path;
};

/* What the handlers fill while one member is read. */
struct reading {
    struct book *book;
    struct xml *xml;
    const char *folder; /* of the part whose relations are read: "xl/" */
    VEC(struct relation) relations;
    VEC(struct custom {
        i64 id;
        struct number_format format;
    })
    customs;
    bool in_formats; /* <cellXfs> */
    bool collect, phonetic, full;
    size_t text_at;
};

static void no_end(void *owner, str name)
{
    (void)owner, (void)name;
}

/* Reads one member to its end. ERR_NOT_FOUND when it is not there. */
static enum err read_part(struct ctx *cx, struct reading *r, const char *path, struct xml handlers)
{
    struct xml x;
    bool more = false;
    TRY(xml_open(cx, &x, r->book->zip, path, r->book->allowance));
    r->xml = &x;
    x.owner = r;
    x.start = handlers.start;
    x.end = handlers.end ? handlers.end : no_end;
    x.text = handlers.text;
    enum err e = xml_run(cx, &x, &more);
    xml_done(&x);
    return e;
}

/* ── relations ── */

/* A target beside `folder`, or from the root when it begins with a slash. */
static const char *resolve(struct arena *a, const char *folder, str target)
{
    str base = str_of(folder);
    if (str_starts(target, S("/"))) {
        target = str_from(target, 1);
        base = S("");
    }
    while (str_starts(target, S("../"))) {
        target = str_from(target, 3);
        base.len -= base.len > 0;
        while (base.len && base.ptr[base.len - 1] != '/')
            base.len--;
    }
    return arena_fmt(a, "%.*s%.*s", STR_ARG(base), STR_ARG(target)).ptr;
}

static void on_relation(void *owner, str name, const char **attributes)
{
    struct reading *r = owner;
    str id = xml_attribute(attributes, "Id"), type = xml_attribute(attributes, "Type"),
        target = xml_attribute(attributes, "Target");
    if (!str_is(name, "Relationship") || r->relations.n == RELATIONS_MAX ||
        MAX(MAX(id.len, type.len), target.len) > NAME_MAX_BYTES || !id.ptr || !target.ptr)
        return;
    struct arena *a = &r->book->arena;
    *vec_push(a, &r->relations) =
        (struct relation) { arena_str(a, id), arena_str(a, type), resolve(a, r->folder, target) };
}

/* Types are URLs of one of two standards; their last part is the same. */
static const char *related(const struct reading *r, str id, const char *type)
{
    for (size_t i = 0; i < r->relations.n; i++) {
        const struct relation *x = &r->relations.at[i];
        if ((!id.ptr || str_eq(x->id, id)) && str_ends(x->type, str_of(type)))
            return x->path;
    }
    return NULL;
}

/* The relations of a part: folder/_rels/name.rels. */
static enum err read_relations(struct ctx *cx, struct reading *r, const char *path)
{
    struct arena *a = &r->book->arena;
    const char *slash = strrchr(path, '/');
    int folder_len = slash ? (int)(slash - path + 1) : 0;
    r->folder = arena_fmt(a, "%.*s", folder_len, path).ptr;
    r->relations.n = 0;
    const char *rels = arena_fmt(a, "%s_rels/%s.rels", r->folder, path + folder_len).ptr;
    enum err e = read_part(cx, r, rels, (struct xml) { .start = on_relation });
    return e == ERR_NOT_FOUND ? OK : e;
}

/* ── the list of sheets ── */

static bool is_true(str value)
{
    return str_is(value, "1") || str_is(value, "true");
}

static void on_workbook(void *owner, str name, const char **attributes)
{
    struct reading *r = owner;
    struct book *k = r->book;
    if (str_is(name, "workbookPr"))
        k->date1904 = is_true(xml_attribute(attributes, "date1904"));
    if (!str_is(name, "sheet") || k->count == SHEET_SHEETS_MAX)
        return;
    str title = xml_attribute(attributes, "name"), state = xml_attribute(attributes, "state");
    const char *path = related(r, xml_relation(attributes), "/worksheet");
    if (!path || title.len > NAME_MAX_BYTES) /* a sheet with a chart, a macro */
        return;
    bool hidden = str_is(state, "hidden") || str_is(state, "veryHidden");
    if (k->first == k->count && hidden)
        k->first++;
    k->names[k->count] = arena_str(&k->arena, title.ptr ? title : S(""));
    k->paths[k->count++] = path;
}

/* ── styles ── */

static void on_style(void *owner, str name, const char **attributes)
{
    struct reading *r = owner;
    struct book *k = r->book;
    i64 id = 0;
    bool has_id = str_to_i64(xml_attribute(attributes, "numFmtId"), &id);
    if (str_is(name, "cellXfs"))
        r->in_formats = true;
    if (str_is(name, "numFmt") && has_id && r->customs.n < FORMATS_MAX)
        *vec_push(&k->arena, &r->customs) =
            (struct custom) { id, number_format_read(xml_attribute(attributes, "formatCode")) };
    if (!r->in_formats || !str_is(name, "xf") || k->format_count == FORMATS_MAX)
        return;
    struct number_format format = number_format_builtin(id);
    for (size_t i = 0; i < r->customs.n; i++)
        if (r->customs.at[i].id == id)
            format = r->customs.at[i].format;
    k->formats[k->format_count++] = format;
}

static void on_style_end(void *owner, str name)
{
    struct reading *r = owner;
    if (str_is(name, "cellXfs"))
        r->in_formats = false;
}

/* ── shared texts ── */

static bool has_room(const struct book *k, size_t more)
{
    size_t used = k->texts_len + (k->text_count + 1) * sizeof(uint32_t);
    return used <= k->texts_max && more <= k->texts_max - used;
}

/* Where the text of this number ends. */
static uint32_t *text_end(const struct book *k, size_t number)
{
    return (uint32_t *)(void *)(k->texts + k->texts_max) - 1 - number;
}

static void on_shared(void *owner, str name, const char **attributes)
{
    struct reading *r = owner;
    (void)attributes;
    if (str_is(name, "si"))
        r->text_at = r->book->texts_len;
    else if (str_is(name, "rPh"))
        r->phonetic = true;
    else if (str_is(name, "t"))
        r->collect = !r->phonetic;
}

static void on_shared_text(void *owner, str text)
{
    struct reading *r = owner;
    struct book *k = r->book;
    if (!r->collect || r->full)
        return;
    /* One byte above the limit is kept, so that the cell is seen to be too long. */
    size_t room = SHEET_CELL_MAX + 1 - (k->texts_len - r->text_at), len = MIN(text.len, room);
    if (!has_room(k, len)) {
        r->full = r->xml->stop = true;
        return;
    }
    memcpy(k->texts + k->texts_len, text.ptr, len);
    k->texts_len += len;
}

static void on_shared_end(void *owner, str name)
{
    struct reading *r = owner;
    struct book *k = r->book;
    if (str_is(name, "t"))
        r->collect = false;
    else if (str_is(name, "rPh"))
        r->phonetic = false;
    if (!str_is(name, "si") || r->full)
        return;
    if (!has_room(k, 0)) {
        r->full = r->xml->stop = true;
        return;
    }
    size_t len = k->texts_len - r->text_at;
    if (len && len <= SHEET_CELL_MAX) /* one that was cut must not look whole afterwards */
        k->texts_len = r->text_at + book_unescape(k->texts + r->text_at, len);
    *text_end(k, k->text_count++) = (uint32_t)k->texts_len;
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

int book_escape_code(str text)
{
    int code = 0;
    if (text.len < 7 || text.ptr[0] != '_' || text.ptr[1] != 'x' || text.ptr[6] != '_')
        return -1;
    for (size_t i = 2; i < 6; i++) {
        int digit = hex_digit(text.ptr[i]);
        if (digit < 0)
            return -1;
        code = code << 4 | digit;
    }
    return code >= 0xd800 && code <= 0xdfff ? 0xfffd : code;
}

size_t book_unescape(char *text, size_t len)
{
    char *at = memchr(text, '_', len), *to = at;
    if (!at)
        return len;
    for (char *end = text + len; at < end;) {
        int code = book_escape_code((str) { at, (size_t)(end - at) });
        if (code < 0) {
            *to++ = *at++;
            continue;
        }
        char wide[4];
        size_t n = utf8_put(code ? (uint32_t)code : 0xfffd, wide);
        memcpy(to, wide, n);
        to += n;
        at += 7;
    }
    return (size_t)(to - text);
}

bool book_text(const struct book *k, i64 index, str *ret)
{
    if (index < 0 || (uint64_t)index >= k->text_count)
        return false;
    uint32_t from = index ? *text_end(k, (size_t)index - 1) : 0;
    *ret = (str) { k->texts + from, *text_end(k, (size_t)index) - from };
    return true;
}

enum err book_open(struct ctx *cx, struct book *k, zip_t *zip, struct allowance *allowance,
                   const struct sheet_options *o)
{
    struct reading r = { .book = k };
    *k = (struct book) { .zip = zip, .allowance = allowance };
    assert(o->texts_max >= 0);
    k->texts_max =
        (size_t)MIN(o->texts_max ? o->texts_max : SHEET_TEXTS_MAX, (i64)UINT32_MAX) & ~3UL;
    k->texts = xmalloc(k->texts_max);
    TRY(read_relations(cx, &r, ""));
    const char *workbook = related(&r, STR_NONE, "/officeDocument");
    if (!workbook)
        workbook = "xl/workbook.xml";
    TRY(read_relations(cx, &r, workbook));
    enum err e = read_part(cx, &r, workbook, (struct xml) { .start = on_workbook });
    if (e == ERR_NOT_FOUND || (e == OK && !k->count))
        return refuse(cx, "这不是 xlsx 工作簿，或其中没有工作表",
                      "It is not an xlsx workbook, or has no sheets");
    TRY(e);
    if (k->first >= k->count)
        k->first = 0;
    const char *styles = related(&r, STR_NONE, "/styles");
    k->formats = arena_alloc(&k->arena, FORMATS_MAX * sizeof *k->formats);
    e = styles ? read_part(cx, &r, styles, (struct xml) { .start = on_style, .end = on_style_end })
               : OK;
    if (e != ERR_NOT_FOUND)
        TRY(e);
    const char *texts = related(&r, STR_NONE, "/sharedStrings");
    e = texts ? read_part(cx, &r, texts,
                          (struct xml) {
                              .start = on_shared, .end = on_shared_end, .text = on_shared_text })
              : OK;
    if (e != ERR_NOT_FOUND)
        TRY(e);
    if (r.full)
        return refuse(cx, "工作簿里的文字太多，请另存为 CSV 再导入",
                      "There is too much text in the workbook: save it as CSV");
    return OK;
}

void book_done(struct book *k)
{
    arena_done(&k->arena);
    free(k->texts);
    *k = (struct book) { 0 };
}
