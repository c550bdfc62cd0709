-- Conditions name tags; a tag that is named somewhere cannot be removed.
CREATE TABLE condition_use (
    tag_id    @id NOT NULL REFERENCES tag (id),
    owner     @text NOT NULL,             -- 'rule', 'stage', 'view' …
    owner_id  @id NOT NULL,
    PRIMARY KEY (tag_id, owner, owner_id)
) @keyed;
CREATE INDEX condition_use_owner ON condition_use (owner, owner_id);

-- Who moved from which stage to which, and when: history, and the figures of a day.
CREATE TABLE stage_change (
    id           @id PRIMARY KEY,
    customer_id  @id NOT NULL REFERENCES customer (id),
    from_id      @id REFERENCES stage (id),
    to_id        @id REFERENCES stage (id),
    at           @int NOT NULL
) @strict;
CREATE INDEX stage_change_to ON stage_change (to_id, at);
CREATE INDEX stage_change_customer ON stage_change (customer_id, to_id, at);
