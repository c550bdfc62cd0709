-- Lists of people: saved views, and what a bulk change did, so that it can be undone.
CREATE TABLE view (
    id          @id PRIMARY KEY,
    staff_id    @id NOT NULL REFERENCES staff (id),   -- whose it is
    shared      @bool NOT NULL,           -- everybody sees it; only its owner changes it
    name        @text NOT NULL,
    condition   @text NOT NULL,
    options     @text NOT NULL,           -- JSON of the page: columns, sort
    version     @int NOT NULL DEFAULT 1,
    created_at  @int NOT NULL,
    UNIQUE (staff_id, name)
) @strict;
CREATE INDEX view_shared ON view (shared) WHERE shared;

CREATE TABLE bulk_change (
    id           @id PRIMARY KEY,
    job_id       @id NOT NULL,
    customer_id  @id NOT NULL REFERENCES customer (id),
    tag_id       @id NOT NULL,
    added        @bool NOT NULL,
    at           @int NOT NULL
) @strict;
CREATE INDEX bulk_change_job ON bulk_change (job_id, id);
CREATE INDEX bulk_change_at ON bulk_change (at);

CREATE INDEX customer_seen_order ON customer (coalesce(seen_at, 0), id) WHERE merged_into IS NULL AND erased_at IS NULL;
CREATE INDEX customer_sales_last_order ON customer_sales (coalesce(last_at, 0), customer_id);
