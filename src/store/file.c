/* An SQLite file looked at by itself: see db.h. */
#include "store/catalog.h"
#include "store/db_internal.h"

#include <sqlite3.h>

struct look {
    sqlite3 *handle;
    const char **reason;
};

static void look_done(struct look *l)
{
    sqlite3_close(l->handle);
}

static enum err refused(struct look *l, const char *what)
{
    *l->reason = db_reason("%s: %s", what, sqlite3_errmsg(l->handle));
    return ERR_STORAGE;
}

/* The first row of a check, which is "ok" or no row when all is well. */
static enum err check(struct look *l, const char *pragma, const char *what)
{
    sqlite3_stmt *s = NULL;
    if (sqlite3_prepare_v2(l->handle, pragma, -1, &s, NULL) != SQLITE_OK)
        return refused(l, what);
    int code = sqlite3_step(s);
    const char *said = code == SQLITE_ROW ? (const char *)sqlite3_column_text(s, 0) : "ok";
    enum err e = OK;
    if (code != SQLITE_ROW && code != SQLITE_DONE) {
        e = refused(l, what);
    } else if (!said || strcmp(said, "ok") != 0) {
        *l->reason = db_reason("%s: %s", what, said ? said : "nothing");
        e = ERR_STORAGE;
    }
    sqlite3_finalize(s);
    return e;
}

static enum err count_rows(struct look *l, const char *table, int64_t *ret)
{
    struct strbuf text CLEANUP(strbuf_done);
    sqlite3_stmt *s = NULL;
    strbuf_init(&text, NULL, 1000);
    out(&text, S("SELECT count(*) FROM "));
    out_identifier(&text, str_of(table));
    if (sqlite3_prepare_v2(l->handle, text.ptr, (int)text.len, &s, NULL) != SQLITE_OK)
        return refused(l, table);
    bool any = sqlite3_step(s) == SQLITE_ROW;
    int64_t n = any ? sqlite3_column_int64(s, 0) : 0;
    sqlite3_finalize(s);
    if (!any)
        return refused(l, table);
    *ret = n;
    return OK;
}

static enum err count_all(struct look *l, void (*each)(void *, str, int64_t), void *arg)
{
    sqlite3_stmt *s = NULL;
    if (sqlite3_prepare_v2(l->handle,
                           "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE "
                           "'sqlite\\_%' ESCAPE '\\' ORDER BY name",
                           -1, &s, NULL) != SQLITE_OK)
        return refused(l, "tables");
    enum err e = OK;
    while (e == OK && sqlite3_step(s) == SQLITE_ROW) {
        const char *table = (const char *)sqlite3_column_text(s, 0);
        int64_t rows = 0;
        e = count_rows(l, table, &rows);
        if (e == OK)
            each(arg, str_of(table), rows);
    }
    sqlite3_finalize(s);
    return e;
}

enum err db_file_check(const char *path, void (*each)(void *arg, str table, int64_t rows),
                       void *arg, const char **ret_reason)
{
    struct look l CLEANUP(look_done) = { .reason = ret_reason };
    struct strbuf uri CLEANUP(strbuf_done);
    strbuf_init(&uri, NULL, 20000);
    out(&uri, S("file:"));
    for (const char *p = path; *p; p++) { /* immutable: no locks, no files beside it */
        if (*p == '/')
            out_c(&uri, '/');
        else
            out_url(&uri, (str) { p, 1 });
    }
    out(&uri, S("?immutable=1"));
    out_c(&uri, '\0');
    if (sqlite3_open_v2(uri.ptr, &l.handle, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL) !=
        SQLITE_OK)
        return refused(&l, path);
    TRY(check(&l, "PRAGMA integrity_check(1)", "integrity"));
    TRY(check(&l,
              "SELECT 'a row of ' || \"table\" || ' refers to what is not there' FROM "
              "pragma_foreign_key_check LIMIT 1",
              "references"));
    return each ? count_all(&l, each, arg) : OK;
}
