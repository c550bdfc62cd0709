-- Where facts from SDKs come from: each source has a write key.
CREATE TABLE source (
    id             @id PRIMARY KEY,
    name           @text NOT NULL UNIQUE,
    key_sealed     @blob NOT NULL,        -- shown to those who manage sources
    key_index      @text NOT NULL UNIQUE,
    user_scope     @text NOT NULL,        -- whose user ids: sources of one scope know the same people by the same ids
    trusted        @bool NOT NULL,        -- identifiers it sends count as verified
    department_id  @id REFERENCES department (id),  -- whose the people it brings are
    active         @bool NOT NULL DEFAULT @yes,
    version        @int NOT NULL DEFAULT 1,
    created_at     @int NOT NULL,
    seen_at        @int                   -- when it last brought a fact, to the minute
) @strict;
