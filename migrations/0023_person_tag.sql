-- Who has which tag and why; rules that tag.

CREATE TABLE tag_rule (
    id            @id PRIMARY KEY,
    tag_id        @id NOT NULL UNIQUE REFERENCES tag (id),
    condition     @text NOT NULL,         -- domain/condition
    active        @bool NOT NULL,
    ending        @text CHECK (ending IN ('keep', 'take')), -- deleted; a job does this with the tags it has given
    added         @int NOT NULL DEFAULT 0, -- how often it added and removed
    removed       @int NOT NULL DEFAULT 0,
    applied_at    @int,                   -- when everybody had been looked at
    version       @int NOT NULL DEFAULT 1,
    created_at    @int NOT NULL,
    CHECK (ending IS NULL OR NOT active)
) @strict;

CREATE TABLE customer_tag (
    customer_id  @id NOT NULL REFERENCES customer (id),
    tag_id       @id NOT NULL REFERENCES tag (id),
    source       @text NOT NULL CHECK (source IN ('manual', 'rule', 'import', 'api')),
    by_name      @text,
    at           @int NOT NULL,
    PRIMARY KEY (customer_id, tag_id)
) @keyed;
CREATE INDEX customer_tag_tag ON customer_tag (tag_id, customer_id);

-- Taken away by hand: no rule gives it again until somebody does.
CREATE TABLE tag_block (
    customer_id  @id NOT NULL REFERENCES customer (id),
    tag_id       @id NOT NULL REFERENCES tag (id),
    at           @int NOT NULL,
    PRIMARY KEY (customer_id, tag_id)
) @keyed;

CREATE TABLE tag_rule_hit (
    id           @id PRIMARY KEY,
    rule_id      @id NOT NULL REFERENCES tag_rule (id),
    customer_id  @id NOT NULL REFERENCES customer (id),
    added        @bool NOT NULL,
    reason       @text NOT NULL,          -- which leaves held, with the values looked at
    at           @int NOT NULL
) @strict;
CREATE INDEX tag_rule_hit_rule ON tag_rule_hit (rule_id, id);
CREATE INDEX tag_rule_hit_customer ON tag_rule_hit (customer_id, id);
CREATE INDEX tag_rule_hit_at ON tag_rule_hit (at);

-- The next moment at which time alone may change what a rule says of a person.
CREATE TABLE rule_timer (
    customer_id  @id NOT NULL PRIMARY KEY REFERENCES customer (id),
    due_at       @int NOT NULL
) @strict;
CREATE INDEX rule_timer_due ON rule_timer (due_at);
