/* The published schema of questions, as it stands in question.schema.json; test/engine/schema.test
 * holds it against the reader (engine/query_*.c). */
#include "domain/insight/insight.h"

__asm__(".section .rodata\n"
        "question_schema:\n"
        ".incbin \"src/domain/insight/question.schema.json\"\n"
        "question_schema_end:\n"
        ".byte 0\n"
        ".previous");
extern const char question_schema[], question_schema_end[];

str insight_schema(void)
{
    return (str) { (char *)question_schema, (size_t)(question_schema_end - question_schema) };
}
