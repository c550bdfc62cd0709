-- Saved reports: questions to the column index that somebody keeps, alone or for everybody.
CREATE TABLE report (
    id          @id PRIMARY KEY,
    staff_id    @id NOT NULL REFERENCES staff (id),   -- whose it is
    shared      @bool NOT NULL,           -- everybody sees it
    name        @text NOT NULL,
    kind        @text NOT NULL,           -- of the question: funnel, retention …
    query       @text NOT NULL,           -- JSON, in the language of the engine
    options     @text NOT NULL,           -- JSON of the page: how the range was chosen, how it is drawn
    version     @int NOT NULL DEFAULT 1,
    created_at  @int NOT NULL,
    updated_at  @int NOT NULL,
    UNIQUE (staff_id, name)
) @strict;
CREATE INDEX report_shared ON report (id) WHERE shared;
CREATE INDEX report_staff ON report (staff_id, id);
