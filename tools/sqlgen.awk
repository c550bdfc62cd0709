# Makes C of the named statements of .sql files (src/store/sql.h).
#   awk -v out=header  -f tools/sqlgen.awk FILE.sql      declarations: FILE.sql.h
#   awk -v out=objects -f tools/sqlgen.awk FILE.sql …    definitions and the list of all of them: sql_all.c
# What several statements of a file begin with stands once, above them, as "-- part: NAME", and is written @NAME in each.
function quoted(s) { gsub(/\\/, "\\\\", s); gsub(/"/, "\\\"", s); return s }
function expanded(line,  head, word) {
    head = ""
    while (match(line, /@[a-z][a-z0-9_]*/)) {
        word = substr(line, RSTART + 1, RLENGTH - 1)
        head = head substr(line, 1, RSTART - 1) (word in part ? part[word] : "@" word)
        line = substr(line, RSTART + RLENGTH)
    }
    return head line
}
function finish() {
    if (name == "") return
    sub(/[ \t\n;]+$/, "", text)
    if (text == "") { print FILENAME ": " name " is empty" > "/dev/stderr"; exit 1 }
    if (variant == "@part") { if (name in part) { print FILENAME ": part " name " twice" > "/dev/stderr"; exit 1 } part[name] = text; name = ""; return }
    gsub(/\n/, "\\n", text)
    if (variant == "@pg") pg[name] = text
    else { if (name in plain) { print FILENAME ": " name " twice" > "/dev/stderr"; exit 1 } plain[name] = text; order[++n] = name }
    name = ""
}
FNR == 1 { finish(); delete part }
/^-- part: [a-z][a-z0-9_]*$/ { finish(); name = $3; variant = "@part"; text = ""; next }
/^-- name: / {
    finish(); name = $3; variant = $4; text = ""
    if (name !~ /^[a-z][a-z0-9_]*$/ || (variant != "" && variant != "@pg")) { print FILENAME ":" FNR ": bad name" > "/dev/stderr"; exit 1 }
    next
}
/^[ \t]*--/ || /^[ \t]*$/ { next }
{
    if (name == "") { print FILENAME ":" FNR ": a statement without a name" > "/dev/stderr"; exit 1 }
    sub(/[ \t]+-- .*$/, ""); text = text expanded(quoted($0)) "\n"
}
END {
    finish()
    print "/* Made by tools/sqlgen.awk. */"
    if (out == "header") {
        print "#pragma once\n#include \"store/sql.h\""
        for (i = 1; i <= n; i++) print "extern struct sql SQL_" order[i] ";"
    } else {
        print "#include <stddef.h>\n#include \"store/sql.h\""
        for (i = 1; i <= n; i++) {
            print "extern struct sql SQL_" order[i] ";"
            print "struct sql SQL_" order[i] " = { \"" order[i] "\", \"" plain[order[i]] "\", " (order[i] in pg ? "\"" pg[order[i]] "\"" : "NULL") ", 0 };"
            delete pg[order[i]]
        }
        for (k in pg) { print k ": only for PostgreSQL" > "/dev/stderr"; exit 1 }
        print "struct sql *const sql_all[] = {"
        for (i = 1; i <= n; i++) print "    &SQL_" order[i] ","
        print "    NULL\n};\nconst unsigned sql_all_count = " n ";"
    }
}
