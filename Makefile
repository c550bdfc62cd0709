# Hetang. `./run` is the door; this file only knows how to build.
#   make            the binary, build/release/hetang (console inside when web/console/dist exists)
#   make unit       the unit tests, built with sanitizers: build/test/unit
#   make MODE=test  everything with sanitizers
# Sources, statements and migrations are found by wildcard: adding a file edits nothing here.
MODE ?= release
CC := gcc
B := build/$(MODE)
G := build/gen

PKGS := libh2o-evloop sqlite3 libpq libcurl openssl libargon2 inih liblzma libzip expat xlsxwriter zlib nlopt
WARN := -Wall -Wextra -Wno-missing-field-initializers -Wshadow -Wconversion -Wswitch-enum -Wvla -Wstrict-prototypes -Wmissing-prototypes -Werror
BASE := -std=gnu2x -D_GNU_SOURCE -DH2O_USE_LIBUV=0 -pthread -g $(WARN) -Isrc -Itest/unit -I$(G) $(shell pkg-config --cflags $(PKGS) | tr ' ' '\n' | grep -v '^-std' | tr '\n' ' ')
FLAGS_release := -O2 -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fPIE
LINK_release := -pie -Wl,-z,relro,-z,now
FLAGS_test := -O1 -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
LINK_test := -fsanitize=address,undefined
FLAGS_tsan := -O1 -fsanitize=thread -fno-omit-frame-pointer
LINK_tsan := -fsanitize=thread
FLAGS_fuzz := -O1 -fsanitize=address,undefined,fuzzer-no-link -fno-omit-frame-pointer
LINK_fuzz := -fsanitize=address,undefined
ifeq ($(MODE),fuzz)
CC := clang
WARN += -Wno-sign-conversion -Wno-unknown-warning-option -Wno-gnu-folding-constant
endif
CFLAGS := $(BASE) $(FLAGS_$(MODE))
LIBS := $(shell pkg-config --libs $(PKGS)) -lm

SQL := $(shell find src -name '*.sql')
SOURCES := $(shell find src -name '*.c' ! -name '*_test.c')
TESTS := $(shell find src test/unit -name '*_test.c')
TEST_SUPPORT := $(filter-out $(TESTS),$(wildcard test/unit/*.c))
MIGRATIONS := $(sort $(wildcard migrations/*.sql))
GENERATED := $(G)/sql_all.c $(G)/migrations.c $(G)/assets.c
HEADERS := $(patsubst %,$(G)/%.h,$(notdir $(SQL)))
OBJECTS := $(SOURCES:%.c=$(B)/%.o) $(GENERATED:%.c=$(B)/%.o)
LIBRARY := $(filter-out $(B)/src/app/main.o,$(OBJECTS))

all: $(B)/hetang
unit:
	@$(MAKE) --no-print-directory MODE=test build/test/unit

$(B)/hetang: $(OBJECTS)
	@echo "  link $@"; $(CC) $(CFLAGS) $(LINK_$(MODE)) -o $@ $^ $(LIBS)

$(B)/unit: $(LIBRARY) $(TESTS:%.c=$(B)/%.o) $(TEST_SUPPORT:%.c=$(B)/%.o) $(B)/$(G)/unit_main.o
	@echo "  link $@"; $(CC) $(CFLAGS) $(LINK_$(MODE)) -o $@ $^ $(LIBS) -lcmocka

# What test/engine drives: ClickHouse and the plain evaluator asked the same; what the reader of questions takes.
$(B)/engine_clickhouse $(B)/engine_questions: $(B)/engine_%: $(B)/test/engine/%_main.o $(TEST_SUPPORT:%.c=$(B)/%.o) $(LIBRARY)
	@echo "  link $@"; $(CC) $(CFLAGS) $(LINK_$(MODE)) -o $@ $^ $(LIBS) -lcmocka

# What `./run bench engine` measures: facts of a fixed generator, questions on standard input.
$(B)/engine: $(B)/bench/engine.o $(LIBRARY)
	@echo "  link $@"; $(CC) $(CFLAGS) $(LINK_$(MODE)) -o $@ $^ $(LIBS)

# The fuzz targets: with libFuzzer (MODE=fuzz), or driven over their corpus by test/fuzz/replay.c.
FUZZ_MAIN_fuzz := -fsanitize=fuzzer
FUZZ_MAIN_test := $(B)/test/fuzz/replay.o
FUZZ := $(patsubst test/fuzz/%.c,$(B)/%,$(wildcard test/fuzz/fuzz_*.c))
fuzz: $(FUZZ)
$(B)/fuzz_%: $(B)/test/fuzz/fuzz_%.o $(LIBRARY) | $(B)/test/fuzz/replay.o
	@echo "  link $@"; $(CC) $(CFLAGS) $(LINK_$(MODE)) -o $@ $^ $(FUZZ_MAIN_$(MODE)) $(LIBS)

# What the compiler is told, for those who read the source as it does.
flags:
	@echo $(BASE)

$(B)/%.o: %.c | $(HEADERS)
	@mkdir -p $(@D)
	@$(if $(findstring s,$(firstword -$(MAKEFLAGS))),,echo "  cc $<";) $(CC) $(CFLAGS) -MMD -MP -c -o $@ $<

$(B)/$(G)/%.o: $(G)/%.c
	@mkdir -p $(@D)
	@$(CC) $(CFLAGS) -Wno-missing-prototypes -Wno-overlength-strings -MMD -MP -c -o $@ $<

# .incbin is not in the compiler's list of what a file depends on.
$(B)/$(G)/migrations.o: $(MIGRATIONS)
$(B)/src/domain/insight/schema.o: src/domain/insight/question.schema.json

# Rewritten only when the content changes, so that a change of one statement does not build the world again.
define replace_if_changed
cmp -s $@.new $@ && rm $@.new || mv $@.new $@
endef

$(G):
	@mkdir -p $@

define sql_header
$(G)/$(notdir $(1)).h: $(1) tools/sqlgen.awk | $(G)
	@awk -v out=header -f tools/sqlgen.awk $$< > $$@.new && { $$(replace_if_changed); touch $$@; }
endef
$(foreach s,$(SQL),$(eval $(call sql_header,$(s))))

$(G)/sql_all.c: $(SQL) tools/sqlgen.awk | $(G)
	@awk -v out=objects -f tools/sqlgen.awk $(SQL) > $@.new && mv $@.new $@

$(G)/migrations.c: $(MIGRATIONS) tools/embed-migrations | $(G)
	@tools/embed-migrations $(MIGRATIONS) > $@.new && mv $@.new $@

# tools/assets.mjs writes it after a build of the console; without one the binary serves the API alone.
$(G)/assets.c: | $(G)
	@test -e $@ || printf '#include "api/assets.h"\nconst struct asset assets[1];\nconst unsigned assets_count = 0;\n' > $@

$(G)/unit_main.c: $(TESTS) tools/unit-main | $(G)
	@tools/unit-main $(TESTS) > $@.new && mv $@.new $@

clean:
	rm -rf build

.PHONY: all unit fuzz flags clean
.SECONDARY:
-include $(shell find $(B) -name '*.d' 2>/dev/null)
