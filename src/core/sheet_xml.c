#include "core/sheet_parts.h"

#define XML_CHUNK      (32 << 10)
#define XML_MEMORY_MAX ((size_t)4 << 20) /* of expat: names, attributes, text between two tags */
#define XML_DEPTH_MAX  64

/* expat's allocator is not told for whom it works: the reader of this thread that runs just now. */
static _Thread_local struct xml *working;

/* Before each block: its size. */
union block {
    size_t size;
    max_align_t align;
};

static void *block_resize(void *ptr, size_t size)
{
    union block *old = ptr ? (union block *)ptr - 1 : NULL;
    size_t was = old ? old->size : 0;
    if (size > XML_MEMORY_MAX || working->memory - was + size > XML_MEMORY_MAX)
        return NULL;
    union block *now = xrealloc(old, sizeof *now + size);
    working->memory += size - was;
    now->size = size;
    return now + 1;
}

static void *block_new(size_t size)
{
    return block_resize(NULL, size);
}

static void block_free(void *ptr)
{
    if (!ptr)
        return;
    union block *old = (union block *)ptr - 1;
    working->memory -= old->size;
    free(old);
}

/* The local part of a name: some programs write <x:row>. */
static str local(const char *name)
{
    const char *colon = strchr(name, ':');
    return str_of(colon ? colon + 1 : name);
}

static void on_start(void *user, const char *name, const char **attributes)
{
    struct xml *x = user;
    if (++x->depth > XML_DEPTH_MAX) {
        x->refused = true;
        XML_StopParser(x->parser, XML_FALSE);
        return;
    }
    if (!x->stop)
        x->start(x->owner, local(name), attributes);
}

static void on_end(void *user, const char *name)
{
    struct xml *x = user;
    x->depth--;
    if (!x->stop && !x->refused)
        x->end(x->owner, local(name));
    if (x->stop || x->pause)
        XML_StopParser(x->parser, x->stop ? XML_FALSE : XML_TRUE);
}

static void on_text(void *user, const char *text, int len)
{
    struct xml *x = user;
    if (x->text && !x->stop)
        x->text(x->owner, (str) { text, (size_t)len });
}

/* Entities are declared in a DTD, and no workbook has one. */
static void on_doctype(void *user, const char *name, const char *system, const char *public,
                       int internal)
{
    struct xml *x = user;
    (void)name, (void)system, (void)public, (void)internal;
    x->refused = true;
    XML_StopParser(x->parser, XML_FALSE);
}

static enum err damaged(struct ctx *cx)
{
    return refuse(cx, "工作簿已损坏", "The workbook is damaged");
}

enum err xml_open(struct ctx *cx, struct xml *x, zip_t *zip, const char *name,
                  struct allowance *allowance)
{
    static const XML_Memory_Handling_Suite memory = { block_new, block_resize, block_free };
    zip_stat_t st;
    if (zip_stat(zip, name, 0, &st) != 0)
        return ERR_NOT_FOUND;
    if (st.encryption_method != ZIP_EM_NONE)
        return refuse(cx, "工作簿有密码，请先去掉密码",
                      "The workbook has a password: take it off first");
    if (st.size > INT64_MAX / 2 || st.comp_size > INT64_MAX / 2)
        return damaged(cx);
    *x = (struct xml) { .allowance = allowance, .size = (i64)st.size };
    allowance->packed += (i64)st.comp_size;
    struct allowance said = *allowance; /* what it says of itself is refused before it is read */
    TRY(allowance_use(cx, &said, said.packed, x->size));
    x->member = zip_fopen_index(zip, st.index, 0);
    if (!x->member)
        return damaged(cx);
    working = x;
    x->parser = XML_ParserCreate_MM(NULL, &memory, NULL);
    assert(x->parser);
    return OK;
}

/* Handlers are set here and not in xml_open(): until it runs, the struct may still be moved. */
static void xml_begin(struct xml *x)
{
    XML_SetUserData(x->parser, x);
    XML_SetElementHandler(x->parser, on_start, on_end);
    XML_SetCharacterDataHandler(x->parser, on_text);
    XML_SetStartDoctypeDeclHandler(x->parser, on_doctype);
}

void xml_done(struct xml *x)
{
    working = x;
    if (x->parser)
        XML_ParserFree(x->parser);
    if (x->member)
        zip_fclose(x->member);
    *x = (struct xml) { 0 };
    working = NULL;
}

static enum err xml_failed(struct ctx *cx, const struct xml *x)
{
    if (x->refused)
        return refuse(cx, "工作簿含有不允许的 XML（DTD 或嵌套过深），已拒绝",
                      "The workbook has XML that is not allowed (a DTD, or too deep): refused");
    if (XML_GetErrorCode(x->parser) == XML_ERROR_NO_MEMORY)
        return refuse(cx, "工作簿的 XML 异常，占用内存过多，已拒绝",
                      "The workbook's XML would take too much memory: refused");
    return damaged(cx);
}

/* One chunk of the member into the parser. */
static enum err xml_feed(struct ctx *cx, struct xml *x, enum XML_Status *ret)
{
    void *to = XML_GetBuffer(x->parser, XML_CHUNK);
    if (!to)
        return xml_failed(cx, x);
    zip_int64_t n = zip_fread(x->member, to, XML_CHUNK);
    if (n < 0 || x->at + n > x->size)
        return damaged(cx);
    x->at += n;
    TRY(allowance_use(cx, x->allowance, x->allowance->packed, n));
    *ret = XML_ParseBuffer(x->parser, (int)n, n == 0);
    return OK;
}

enum err xml_run(struct ctx *cx, struct xml *x, bool *ret_more)
{
    enum XML_Status status = XML_STATUS_OK;
    working = x;
    xml_begin(x);
    x->pause = false;
    if (x->paused)
        status = XML_ResumeParser(x->parser);
    for (;;) {
        XML_ParsingStatus now;
        XML_GetParsingStatus(x->parser, &now);
        x->paused = status == XML_STATUS_SUSPENDED;
        *ret_more = x->paused;
        if (x->paused || x->stop)
            return OK;
        if (status == XML_STATUS_ERROR)
            return xml_failed(cx, x);
        if (now.parsing == XML_FINISHED)
            return OK;
        TRY(xml_feed(cx, x, &status));
    }
}

str xml_attribute(const char **attributes, const char *name)
{
    for (; attributes[0]; attributes += 2)
        if (strcmp(attributes[0], name) == 0)
            return str_of(attributes[1]);
    return STR_NONE;
}

str xml_relation(const char **attributes)
{
    for (; attributes[0]; attributes += 2)
        if (strchr(attributes[0], ':') && str_is(local(attributes[0]), "id"))
            return str_of(attributes[1]);
    return STR_NONE;
}
