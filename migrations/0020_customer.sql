-- People: one row a person, however many identifiers and channels know them.

-- Stages of the life cycle; which people are in which follows from rules (domain/rule).
CREATE TABLE stage (
    id          @id PRIMARY KEY,
    key         @text NOT NULL UNIQUE,
    name        @text NOT NULL,
    name_en     @text NOT NULL,
    color       @text NOT NULL,
    sort        @int NOT NULL,
    condition   @text,                    -- who is in it (domain/condition); NULL: nobody by rule
    version     @int NOT NULL DEFAULT 1,
    created_at  @int NOT NULL
) @strict;

CREATE TABLE customer (
    id              @id PRIMARY KEY,
    name            @text,
    gender          @text CHECK (gender IN ('female', 'male')),
    birthday        @int,                 -- day
    birth_md        @int,                 -- its month × 100 + day, for birthdays to come
    city            @text,
    address_sealed  @blob,
    remark          @text,
    attrs           @json NOT NULL,       -- custom attributes by key (attribute_def)
    stage_id        @id REFERENCES stage (id),
    department_id   @id REFERENCES department (id),  -- whose customer: the store …
    staff_id        @id REFERENCES staff (id),       -- … and the person in it
    channel         @text,                -- how they came: a channel's key
    joined_at       @int NOT NULL,        -- first known contact
    seen_at         @int,                 -- last known activity
    merged_into     @id REFERENCES customer (id),
    erased_at       @int,
    version         @int NOT NULL DEFAULT 1,
    created_at      @int NOT NULL
) @strict;
-- The lists of the console: living people, newest first, of all, of a store, of a member of staff, of a stage, by name.
CREATE INDEX customer_erased ON customer (id) WHERE erased_at IS NOT NULL;
CREATE INDEX customer_department ON customer (department_id, id) WHERE merged_into IS NULL AND erased_at IS NULL;
CREATE INDEX customer_staff ON customer (staff_id, id) WHERE merged_into IS NULL AND erased_at IS NULL;
CREATE INDEX customer_stage ON customer (stage_id, id) WHERE merged_into IS NULL AND erased_at IS NULL;
CREATE INDEX customer_joined ON customer (joined_at, id) WHERE merged_into IS NULL AND erased_at IS NULL;
CREATE INDEX customer_birth ON customer (birth_md) WHERE merged_into IS NULL AND erased_at IS NULL;
CREATE INDEX customer_name ON customer (name) WHERE merged_into IS NULL AND erased_at IS NULL;
CREATE INDEX customer_city ON customer (city, id) WHERE merged_into IS NULL AND erased_at IS NULL;
CREATE INDEX customer_merged ON customer (merged_into) WHERE merged_into IS NOT NULL;

CREATE TABLE identity (
    id           @id PRIMARY KEY,
    customer_id  @id NOT NULL REFERENCES customer (id),
    kind         @text NOT NULL,          -- a row of the table in identity.c
    scope        @text NOT NULL,          -- of an openid its app, of an external id its source; else ''
    value_key    @text NOT NULL,          -- the normalised value; of a private kind its HMAC index
    sealed       @blob,                   -- the value of a private kind
    verified     @bool NOT NULL,
    origin       @text NOT NULL,          -- where it was learnt: 'manual', 'import', 'api', 'source:3'
    created_at   @int NOT NULL,
    UNIQUE (kind, scope, value_key)
) @strict;
CREATE INDEX identity_customer ON identity (customer_id);

-- Values that say nothing about who somebody is (domain/customer/identity.c has the obvious ones).
CREATE TABLE identity_block (
    id          @id PRIMARY KEY,
    kind        @text NOT NULL,
    value_key   @text NOT NULL,
    shown       @text NOT NULL,           -- masked where the kind is private
    reason      @text,
    created_at  @int NOT NULL,
    UNIQUE (kind, value_key)
) @strict;

-- What could not be joined, for a person to look at.
CREATE TABLE identity_conflict (
    id              @id PRIMARY KEY,
    customer_id     @id NOT NULL REFERENCES customer (id),
    other_id        @id REFERENCES customer (id),    -- who has the identifier now
    kind            @text NOT NULL,
    scope           @text NOT NULL,
    sealed          @blob,                -- the value, always sealed
    reason          @text NOT NULL CHECK (reason IN ('limit', 'unverified', 'blocked', 'merge_limit')),
    origin          @text NOT NULL,
    created_at      @int NOT NULL,
    resolved_at     @int,
    resolution      @text CHECK (resolution IN ('merged', 'dismissed'))
) @strict;
CREATE INDEX identity_conflict_open ON identity_conflict (id) WHERE resolved_at IS NULL;
CREATE INDEX identity_conflict_customer ON identity_conflict (customer_id);
CREATE INDEX identity_conflict_other ON identity_conflict (other_id);

CREATE TABLE merge (
    id           @id PRIMARY KEY,
    survivor_id  @id NOT NULL REFERENCES customer (id),
    merged_id    @id NOT NULL REFERENCES customer (id),
    reason       @text NOT NULL CHECK (reason IN ('identity', 'manual')),
    identity_kind @text,                  -- of the identifier that showed it
    survivor_before @blob,                -- the survivor's profile as it was, sealed
    by_name      @text,
    created_at   @int NOT NULL,
    undone_at    @int
) @strict;
CREATE INDEX merge_survivor ON merge (survivor_id);
CREATE INDEX merge_merged ON merge (merged_id);

-- Which rows a merge moved or set aside, so that undoing it puts each back.
CREATE TABLE merge_move (
    id        @id PRIMARY KEY,
    merge_id  @id NOT NULL REFERENCES merge (id),
    kind      @text NOT NULL,             -- of the module that wrote it: 'identity', 'tag', 'order' …
    row_id    @id NOT NULL,
    data      @text                       -- the row, where it was set aside instead of moved
) @strict;
CREATE INDEX merge_move_merge ON merge_move (merge_id, kind);

CREATE TABLE attribute_def (
    id          @id PRIMARY KEY,
    key         @text NOT NULL UNIQUE,
    name        @text NOT NULL,
    name_en     @text,
    type        @text NOT NULL CHECK (type IN ('text', 'number', 'money', 'date', 'choice', 'choices', 'bool')),
    choices     @json NOT NULL,           -- list of texts
    sort        @int NOT NULL,
    archived    @bool NOT NULL DEFAULT @no,
    version     @int NOT NULL DEFAULT 1,
    created_at  @int NOT NULL
) @strict;

CREATE TABLE note (
    id           @id PRIMARY KEY,
    customer_id  @id NOT NULL REFERENCES customer (id),
    staff_id     @id REFERENCES staff (id),
    by_name      @text NOT NULL,
    text         @text NOT NULL,
    pinned       @bool NOT NULL DEFAULT @no,
    version      @int NOT NULL DEFAULT 1,
    created_at   @int NOT NULL
) @strict;
CREATE INDEX note_customer ON note (customer_id, id);

CREATE TABLE consent (
    customer_id  @id NOT NULL REFERENCES customer (id),
    channel      @text NOT NULL CHECK (channel IN ('wecom', 'sms', 'call', 'mail', 'official_account', 'mini_program', 'app')),
    state        @text NOT NULL CHECK (state IN ('granted', 'refused')),
    origin       @text NOT NULL,
    changed_at   @int NOT NULL,
    PRIMARY KEY (customer_id, channel)
) @keyed;
