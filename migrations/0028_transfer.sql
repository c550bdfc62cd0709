-- Tables of other systems on their way in, and ours on their way out (domain/transfer).

CREATE TABLE import (
    id           @id PRIMARY KEY,
    kind         @text NOT NULL CHECK (kind IN ('orders', 'customers')),
    name         @text NOT NULL,          -- of the file, as its owner calls it
    path         @text NOT NULL,          -- where it lies
    ours         @bool NOT NULL,          -- it was uploaded: removed with the row
    print        @text,                   -- of a file that is not ours: changes when the file does
    size         @int NOT NULL,
    uploaded     @int NOT NULL,           -- bytes that are here
    mapping      @text NOT NULL,          -- JSON (mapping.c)
    state        @text NOT NULL CHECK (state IN ('uploading', 'ready', 'running', 'paused', 'done', 'failed', 'cancelled')),
    dry          @bool NOT NULL,          -- what is counted would happen, but did not
    run_no       @int NOT NULL,           -- grows when it is started, paused or resumed: older jobs stop
    rows         @int NOT NULL,           -- rows of the file that are done …
    bytes        @int NOT NULL,           -- … and how far into the file that is
    took_ms      @int NOT NULL,
    counts       @text NOT NULL,          -- JSON (count.c)
    error        @text,
    staff_id     @id REFERENCES staff (id),
    by_name      @text NOT NULL,
    created_at   @int NOT NULL,
    started_at   @int,
    finished_at  @int,
    expires_at   @int NOT NULL,
    version      @int NOT NULL DEFAULT 1
) @strict;
CREATE INDEX import_expires ON import (expires_at);
CREATE INDEX import_print ON import (print) WHERE print IS NOT NULL;

-- Rows that were left out, with the reason.
CREATE TABLE import_line (
    import_id  @id NOT NULL REFERENCES import (id),
    row_no     @int NOT NULL,
    line       @int NOT NULL,             -- where it starts in the file
    line_no    @int NOT NULL,             -- its number within its document; 0 where there is none
    code       @text NOT NULL,            -- a row of the table in count.c
    field      @text,                     -- which field is at fault
    sealed     @blob NOT NULL,            -- its cells, a JSON list, or its text
    PRIMARY KEY (import_id, row_no)
) @keyed;

CREATE TABLE import_preset (
    id          @id PRIMARY KEY,
    kind        @text NOT NULL CHECK (kind IN ('orders', 'customers')),
    name        @text NOT NULL,
    mapping     @text NOT NULL,
    by_name     @text NOT NULL,
    version     @int NOT NULL DEFAULT 1,
    created_at  @int NOT NULL,
    UNIQUE (kind, name)
) @strict;

CREATE TABLE export (
    id           @id PRIMARY KEY,
    kind         @text NOT NULL CHECK (kind IN ('customers', 'orders', 'tasks')),
    format       @text NOT NULL CHECK (format IN ('csv', 'xlsx')),
    request      @text NOT NULL,          -- JSON: what was asked for
    state        @text NOT NULL CHECK (state IN ('running', 'done', 'failed', 'cancelled', 'expired')),
    rows         @int NOT NULL,
    size         @int NOT NULL,
    error        @text,
    staff_id     @id REFERENCES staff (id),
    by_name      @text NOT NULL,
    open_values  @bool NOT NULL,          -- private values as they are
    created_at   @int NOT NULL,
    finished_at  @int,
    expires_at   @int NOT NULL
) @strict;
CREATE INDEX export_staff ON export (coalesce(staff_id, 0), id);
CREATE INDEX export_expires ON export (expires_at);
