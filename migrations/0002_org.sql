-- People who work here and what they may do.

CREATE TABLE department (
    id          @id PRIMARY KEY,
    parent_id   @id REFERENCES department (id),
    kind        @text NOT NULL CHECK (kind IN ('head', 'region', 'store', 'team')),
    name        @text NOT NULL,
    code        @text UNIQUE,
    path        @text NOT NULL,           -- '/1/4/17/': the ids from the root, so that "and below" is a prefix
    sort        @int NOT NULL DEFAULT 0,
    closed      @bool NOT NULL DEFAULT @no,
    version     @int NOT NULL DEFAULT 1,
    created_at  @int NOT NULL,
    CHECK (parent_id IS NOT NULL OR kind = 'head'),
    CHECK (parent_id <> id)
) @strict;
CREATE UNIQUE INDEX department_one_root ON department ((parent_id IS NULL)) WHERE parent_id IS NULL;
CREATE INDEX department_parent ON department (parent_id);
CREATE INDEX department_path ON department (path);

CREATE TABLE role (
    id          @id PRIMARY KEY,
    key         @text UNIQUE,             -- of the built-in ones
    name        @text NOT NULL UNIQUE,
    name_en     @text,
    scope       @text NOT NULL CHECK (scope IN ('self', 'department', 'below', 'all', 'chosen')),
    version     @int NOT NULL DEFAULT 1,
    created_at  @int NOT NULL
) @strict;

CREATE TABLE role_permission (
    role_id     @id NOT NULL REFERENCES role (id),
    permission  @text NOT NULL,
    PRIMARY KEY (role_id, permission)
) @keyed;

-- Of roles whose scope is 'chosen': these and what is below them.
CREATE TABLE role_department (
    role_id        @id NOT NULL REFERENCES role (id),
    department_id  @id NOT NULL REFERENCES department (id),
    PRIMARY KEY (role_id, department_id)
) @keyed;
CREATE INDEX role_department_where ON role_department (department_id);

CREATE TABLE staff (
    id               @id PRIMARY KEY,
    login            @text NOT NULL UNIQUE CHECK (login = lower(login)),
    name             @text NOT NULL,
    mobile_sealed    @blob,
    department_id    @id NOT NULL REFERENCES department (id), -- the primary one
    state            @text NOT NULL CHECK (state IN ('active', 'suspended', 'left')),
    password         @text NOT NULL,      -- argon2id, encoded
    password_change  @bool NOT NULL,
    totp_sealed      @blob,               -- set while one is being enrolled, too
    totp_on          @bool NOT NULL DEFAULT @no,
    totp_step        @int NOT NULL DEFAULT 0, -- the last one used, so that a code serves once
    perms            @int NOT NULL DEFAULT 0, -- made of the roles (rights.c)
    scope            @int NOT NULL DEFAULT 2, -- enum scope, made of the roles
    created_at       @int NOT NULL,
    signed_in_at     @int,
    version          @int NOT NULL DEFAULT 1,
    CHECK (NOT totp_on OR totp_sealed IS NOT NULL)
) @strict;
CREATE INDEX staff_department_home ON staff (department_id);

-- Every department a member belongs to, the primary one among them.
CREATE TABLE staff_department (
    staff_id       @id NOT NULL REFERENCES staff (id),
    department_id  @id NOT NULL REFERENCES department (id),
    PRIMARY KEY (staff_id, department_id)
) @keyed;
CREATE INDEX staff_department_where ON staff_department (department_id);

CREATE TABLE staff_role (
    staff_id  @id NOT NULL REFERENCES staff (id),
    role_id   @id NOT NULL REFERENCES role (id),
    PRIMARY KEY (staff_id, role_id)
) @keyed;
CREATE INDEX staff_role_who ON staff_role (role_id);

-- Every department whose rows a member may see, unless it is all of them: made of roles, departments and the tree (rights.c).
CREATE TABLE staff_scope (
    staff_id       @id NOT NULL REFERENCES staff (id),
    department_id  @id NOT NULL REFERENCES department (id),
    PRIMARY KEY (staff_id, department_id)
) @keyed;
CREATE INDEX staff_scope_where ON staff_scope (department_id);

CREATE TABLE session (
    id           @id PRIMARY KEY,
    token_hash   @text NOT NULL UNIQUE,
    staff_id     @id NOT NULL REFERENCES staff (id),
    ip           @text,
    agent        @text,
    created_at   @int NOT NULL,
    seen_at      @int NOT NULL,
    expires_at   @int NOT NULL
) @strict;
CREATE INDEX session_staff ON session (staff_id);
CREATE INDEX session_expires ON session (expires_at);

-- Browsers that signed a member in before: a limit on strangers does not hold for them (attempt.h).
CREATE TABLE staff_browser (
    id          @id PRIMARY KEY,
    staff_id    @id NOT NULL REFERENCES staff (id),
    token_hash  @text NOT NULL,
    created_at  @int NOT NULL,
    seen_at     @int NOT NULL,
    UNIQUE (token_hash, staff_id)
) @strict;
CREATE INDEX staff_browser_staff ON staff_browser (staff_id);
CREATE INDEX staff_browser_seen ON staff_browser (seen_at);

CREATE TABLE token (
    id          @id PRIMARY KEY,
    staff_id    @id NOT NULL REFERENCES staff (id),
    name        @text NOT NULL,
    token_hash  @text NOT NULL UNIQUE,
    hint        @text NOT NULL,           -- its first characters, to recognise it by
    permissions @text NOT NULL,           -- keys separated by spaces
    expires_at  @int,
    seen_at     @int,
    created_at  @int NOT NULL
) @strict;
CREATE INDEX token_staff ON token (staff_id);

-- Attempts at passwords that were wrong or are under way, by what they have in common (attempt.c). Names that were typed are
-- kept as HMACs alone, since what is typed into that field is now and then the password.
CREATE TABLE sign_in_failure (
    key         @text NOT NULL PRIMARY KEY,
    login       @text,                    -- whose sign-in it slows; NULL not one person's
    count       @int NOT NULL,
    until       @int NOT NULL,            -- the next attempt is not looked at before
    changed_at  @int NOT NULL
) @strict;
CREATE INDEX sign_in_failure_login ON sign_in_failure (login);
CREATE INDEX sign_in_failure_changed ON sign_in_failure (changed_at);
