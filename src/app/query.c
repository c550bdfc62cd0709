/* hetang query FILE: one question of the engine, answered from an index made for it. */
#include "app/commands.h"

#include "domain/insight/insight.h"

#define QUESTION_MAX ((size_t)4 << 20)
#define ANSWER_MAX   ((size_t)1 << 30)

static bool question_load(struct arena *a, const char *name, str *ret)
{
    bool input = strcmp(name, "-") == 0;
    FILE *f = input ? stdin : fopen(name, "rb");
    char *text = arena_alloc(a, QUESTION_MAX);
    size_t n = f ? fread(text, 1, QUESTION_MAX, f) : 0;
    bool good = f && !ferror(f) && n < QUESTION_MAX;
    if (f && !input)
        fclose(f);
    *ret = (str) { text, n };
    return good;
}

static void told(void *arg, i64 done, i64 total)
{
    progress(arg, "reading the log", done, total);
}

struct asking {
    doc question;
    i64 people;
    struct insight_answer answer;
};

static enum err ask(struct ctx *cx, void *arg)
{
    struct asking *a = arg;
    return insight_ask(cx, "query", a->question, &a->answer);
}

static bool answer_print(struct arena *arena, const struct asking *a)
{
    struct strbuf text, result;
    strbuf_init(&text, arena, ANSWER_MAX);
    strbuf_init(&result, arena, ANSWER_MAX);
    out_result(&result, &a->answer.query, &a->answer.result);
    struct json_writer w = json_writer(&text);
    json_open(&w, NULL);
    json_raw(&w, "result", strbuf_str(&result));
    if (a->people && a->answer.result.people) {
        json_list(&w, "people");
        for (size_t i = 0; i < a->answer.result.people_count && (i64)i < a->people; i++)
            json_put(&w, NULL, a->answer.result.people[i]);
        json_list_end(&w);
    }
    json_put(&w, "seq", a->answer.seq);
    json_time(&w, "upto_at", a->answer.upto);
    json_put(&w, "took_us", a->answer.took_us);
    json_close(&w);
    out_c(&text, '\n');
    return fwrite(text.ptr, 1, text.len, stdout) == text.len;
}

int run_query(struct invocation *in)
{
    struct arena arena CLEANUP(arena_done) = { 0 };
    struct app app = { .config = in->config, .modules = modules, .module_count = modules_count };
    struct json_error bad;
    struct asking a = { 0 };
    const char *why;
    str text;
    if (!option_i64(in, "people", 0, 0, INT64_C(1) << 40, &a.people))
        return EXIT_USAGE;
    if (!question_load(&arena, in->arguments[0], &text))
        return complain("%s cannot be read, or is larger than 4 MB", in->arguments[0]);
    a.question = json_read(&arena, text, &bad);
    if (!a.question)
        return complain("%s, line %u, column %u: %s", in->arguments[0], bad.line, bad.column,
                        bad.reason);
    if (app_open(&app, APP_LOOK, &why) != OK)
        return complain("%s", why);
    struct ctx cx = system_ctx(&app, &arena, S("query"));
    cx.lang = LANG_EN;
    enum err e = insight_build(&app, told, in);
    progress_end(in);
    if (e == OK)
        e = in_read(&cx, ask, &a);
    int code = EXIT_OK;
    if (e != OK)
        code = complain("%.*s%s%.*s", STR_ARG(cx.failure.field), cx.failure.field.len ? ": " : "",
                        STR_ARG(fail_text(&cx, e)));
    else if (!answer_print(&arena, &a))
        code = complain("the answer cannot be written");
    app_close(&app);
    return code;
}

int run_engine(struct invocation *in)
{
    if (strcmp(in->arguments[0], "schema") != 0)
        return complain("hetang engine schema: what is \"%s\"?", in->arguments[0]), EXIT_USAGE;
    str schema = insight_schema();
    return fwrite(schema.ptr, 1, schema.len, stdout) == schema.len ? EXIT_OK : EXIT_FAILED;
}
