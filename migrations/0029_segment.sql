-- Segments: who is meant, kept up to date. The table of members is the truth that others read; who belongs to a live one is worked
-- out by the column index (domain/segment/keeper.c).
CREATE TABLE segment (
    id           @id PRIMARY KEY,
    name         @text NOT NULL UNIQUE,
    description  @text,
    kind         @text NOT NULL CHECK (kind IN ('live', 'list')),
    condition    @text,                   -- JSON, of a live one
    state        @text NOT NULL CHECK (state IN ('building', 'ready')),
    people       @int NOT NULL DEFAULT 0, -- members
    by_staff_id  @id REFERENCES staff (id),
    by_name      @text,
    version      @int NOT NULL DEFAULT 1,
    created_at   @int NOT NULL,
    changed_at   @int NOT NULL,
    CHECK ((kind = 'live') = (condition IS NOT NULL)),
    CHECK (kind = 'live' OR state = 'ready')
) @strict;

CREATE TABLE segment_member (
    segment_id   @id NOT NULL REFERENCES segment (id),
    customer_id  @id NOT NULL REFERENCES customer (id),
    since_at     @int NOT NULL,
    PRIMARY KEY (segment_id, customer_id)
) @keyed;
CREATE INDEX segment_member_customer ON segment_member (customer_id, segment_id);

-- How large it was at the end of a day, and who came and went; days on which nothing changed have no row.
CREATE TABLE segment_day (
    segment_id  @id NOT NULL REFERENCES segment (id),
    day         @int NOT NULL,
    people      @int NOT NULL,
    entered     @int NOT NULL,
    exited      @int NOT NULL,
    PRIMARY KEY (segment_id, day)
) @keyed;

-- What names a segment: it cannot be removed meanwhile.
CREATE TABLE segment_use (
    segment_id  @id NOT NULL REFERENCES segment (id),
    owner       @text NOT NULL,           -- 'segment', 'view', 'care' …
    owner_id    @id NOT NULL,
    PRIMARY KEY (segment_id, owner, owner_id)
) @keyed;
CREATE INDEX segment_use_owner ON segment_use (owner, owner_id);
