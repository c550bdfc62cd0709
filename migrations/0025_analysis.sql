-- What is worked out of people and orders. RFM: runs, and where everybody stood by which.

CREATE TABLE rfm_run (
    id            @id PRIMARY KEY,
    -- The newest finished one is current; one may be being written; what a stopped process left is undone by the next run.
    state         @text NOT NULL CHECK (state IN ('writing', 'current', 'past', 'left')),
    reference_at  @int NOT NULL,          -- as of when
    options       @text NOT NULL,         -- JSON: the settings it was made by
    cuts          @text NOT NULL,         -- JSON: the cut points of r, f, m
    means         @text NOT NULL,         -- JSON: the mean scores, which part the classes
    people        @int NOT NULL,          -- with at least one order
    whole         @bool NOT NULL DEFAULT @yes, -- no: some of what was true then has been removed with the history
    by_name       @text,
    created_at    @int NOT NULL,
    finished_at   @int
) @strict;
CREATE UNIQUE INDEX rfm_run_current ON rfm_run (state) WHERE state = 'current';
CREATE UNIQUE INDEX rfm_run_writing ON rfm_run (state) WHERE state = 'writing';
CREATE INDEX rfm_run_left ON rfm_run (id) WHERE state = 'left';

-- What is true of a person from the run that found it (since_run) until the one that found something else (until_run).
-- A run adds rows and closes others without touching what readers of the run before see; then one row in rfm_run changes,
-- and all of it is seen at once.
CREATE TABLE rfm_score (
    customer_id    @id NOT NULL REFERENCES customer (id),
    since_run      @id NOT NULL REFERENCES rfm_run (id),
    until_run      @id NOT NULL,          -- 9007199254740991: still true
    last_at        @int NOT NULL,
    frequency      @int NOT NULL,
    monetary_fen   @int NOT NULL,
    r              @int NOT NULL CHECK (r BETWEEN 1 AND 5),
    f              @int NOT NULL CHECK (f BETWEEN 1 AND 5),
    m              @int NOT NULL CHECK (m BETWEEN 1 AND 5),
    class          @text NOT NULL,        -- '111' … '000': r, f, m above their means
    tier           @text NOT NULL,        -- a tier's key
    untold         @bool NOT NULL,        -- class or tier is another, and the fact of it is still to be written
    PRIMARY KEY (customer_id, since_run),
    CHECK (since_run < until_run)
) @keyed;
-- By the number of the person within each cell, class and tier: a run writes people in that order, so that its rows lie
-- side by side in the indexes, too. The first one has all that counting needs.
CREATE INDEX rfm_score_cell ON rfm_score (r, f, m, customer_id, since_run, until_run, monetary_fen);
CREATE INDEX rfm_score_class ON rfm_score (class, customer_id);
CREATE INDEX rfm_score_tier ON rfm_score (tier, customer_id);
CREATE INDEX rfm_score_since ON rfm_score (since_run, customer_id);
CREATE INDEX rfm_score_closed ON rfm_score (until_run, customer_id) WHERE until_run < 9007199254740991;
CREATE INDEX rfm_score_untold ON rfm_score (customer_id) WHERE untold;

-- What was true before: rows closed by a run that has become current.
CREATE TABLE rfm_past (
    customer_id    @id NOT NULL REFERENCES customer (id),
    since_run      @id NOT NULL REFERENCES rfm_run (id),
    until_run      @id NOT NULL REFERENCES rfm_run (id),
    last_at        @int NOT NULL,
    frequency      @int NOT NULL,
    monetary_fen   @int NOT NULL,
    r              @int NOT NULL,
    f              @int NOT NULL,
    m              @int NOT NULL,
    class          @text NOT NULL,
    tier           @text NOT NULL,
    PRIMARY KEY (customer_id, since_run)
) @keyed;
CREATE INDEX rfm_past_since ON rfm_past (since_run);
CREATE INDEX rfm_past_until ON rfm_past (until_run, customer_id);

-- Where everybody stands by the current run. Scalar subqueries, so that SQLite can look through the view at the right of
-- a LEFT JOIN.
CREATE VIEW rfm_current AS
SELECT s.customer_id, (SELECT c.id FROM rfm_run c WHERE c.state = 'current') AS run_id,
    ((SELECT c.reference_at FROM rfm_run c WHERE c.state = 'current') - s.last_at) / 86400000 AS recency_days,
    s.frequency, s.monetary_fen, s.r, s.f, s.m, s.r + s.f + s.m AS total, s.class, s.tier
FROM rfm_score s
WHERE s.since_run <= (SELECT c.id FROM rfm_run c WHERE c.state = 'current')
    AND s.until_run > (SELECT c.id FROM rfm_run c WHERE c.state = 'current');

-- The dashboard counts people by when they were first known, and orders by sales_order_time.
CREATE INDEX customer_known ON customer (joined_at, department_id, staff_id) WHERE merged_into IS NULL AND erased_at IS NULL;
