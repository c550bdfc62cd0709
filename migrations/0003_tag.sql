-- Tags: groups, tags, who has which and why.

CREATE TABLE tag_group (
    id          @id PRIMARY KEY,
    key         @text UNIQUE,             -- of an installed preset
    name        @text NOT NULL UNIQUE,
    color       @text NOT NULL,
    single      @bool NOT NULL,           -- a person has at most one tag of the group
    sort        @int NOT NULL DEFAULT 0,
    department_id @id REFERENCES department (id), -- whose group it is; NULL everybody's
    version     @int NOT NULL DEFAULT 1,
    created_at  @int NOT NULL
) @strict;

CREATE TABLE tag (
    id          @id PRIMARY KEY,
    group_id    @id NOT NULL REFERENCES tag_group (id),
    key         @text UNIQUE,             -- 'spend:over-900': how rules, imports and the API name it
    name        @text NOT NULL,
    sort        @int NOT NULL DEFAULT 0,
    removed_at  @int,                     -- hidden; a job takes it from everybody, then it is gone
    version     @int NOT NULL DEFAULT 1,
    created_at  @int NOT NULL,
    UNIQUE (group_id, name)
) @strict;
