-- The floor: settings, the log, jobs, audit.

CREATE TABLE setting (
    key         @text NOT NULL PRIMARY KEY,
    value       @text NOT NULL,
    changed_at  @int NOT NULL
) @strict;

CREATE TABLE event_type (
    id             @id PRIMARY KEY,
    name           @text NOT NULL UNIQUE,
    declared       @bool NOT NULL,
    first_seen_at  @int NOT NULL
) @strict;

-- The log. No index but its sequence number: facts of one person are found by the index that src/engine keeps beside the
-- database, since a second B-tree here costs five times what the fact itself costs (docs/decisions/0003).
CREATE TABLE event (
    xid          @xid,               -- first: a write has its number before it takes one of a fact (event.c)
    seq          @seq PRIMARY KEY,
    customer_id  @id,
    type_id      @id NOT NULL,
    at_ms        @int NOT NULL,
    received_ms  @int NOT NULL,
    source_id    @id NOT NULL,
    actor        @text,
    dedupe_key   @int,
    props        @json NOT NULL
) @strict;

CREATE TABLE subscriber (
    name        @text NOT NULL PRIMARY KEY,
    cursor_seq  @int NOT NULL
) @strict;

CREATE TABLE job (
    id           @id PRIMARY KEY,
    kind         @text NOT NULL,
    payload      @json NOT NULL,
    state        @text NOT NULL CHECK (state IN ('waiting', 'running', 'paused', 'done', 'dead', 'cancelled')),
    due_at       @int NOT NULL,
    dedupe_key   @text UNIQUE,
    by_staff_id  @id,
    attempts     @int NOT NULL,
    last_error   @text,
    progress     @json,
    done         @int NOT NULL,
    total        @int NOT NULL,
    result       @json,
    created_at   @int NOT NULL,
    started_at   @int,
    finished_at  @int
) @strict;
CREATE INDEX job_due ON job (due_at) WHERE state IN ('waiting', 'running');
CREATE INDEX job_finished ON job (finished_at);
CREATE INDEX job_state ON job (state, id);
CREATE INDEX job_kind ON job (kind, state, id);

CREATE TABLE audit (
    seq          @int NOT NULL PRIMARY KEY,
    at           @int NOT NULL,
    actor_kind   @int NOT NULL,
    actor_id     @id NOT NULL,
    actor_name   @text,
    ip           @text,
    request_id   @text,
    action       @text NOT NULL,
    entity       @text,
    entity_id    @id,
    customer_id  @id,
    detail_hash  @text,
    hash         @text NOT NULL
) @strict;
CREATE INDEX audit_customer ON audit (customer_id, seq) WHERE customer_id IS NOT NULL;
CREATE INDEX audit_actor ON audit (actor_id, seq);
CREATE INDEX audit_entity ON audit (entity, entity_id, seq);
CREATE INDEX audit_action ON audit (action, seq);
CREATE INDEX audit_ip ON audit (ip, seq);
CREATE INDEX audit_at ON audit (at, seq);

CREATE TABLE audit_detail (
    seq     @int NOT NULL PRIMARY KEY,
    before  @text,
    after   @text
) @strict;

CREATE TABLE audit_head (
    id   @int NOT NULL PRIMARY KEY CHECK (id = 1),
    seq  @int NOT NULL,
    mac  @text NOT NULL
) @strict;

CREATE TABLE idempotency (
    actor_key   @text NOT NULL,
    key         @text NOT NULL,
    body_hash   @text NOT NULL,
    status      @int NOT NULL,
    reply       @blob,
    created_at  @int NOT NULL,
    PRIMARY KEY (actor_key, key)
) @strict;
CREATE INDEX idempotency_created ON idempotency (created_at);

-- Messages seen, where several nodes write (PostgreSQL); SQLite keeps them in files (src/core/dedupe.h).
CREATE TABLE event_seen (
    key          @int NOT NULL PRIMARY KEY,
    received_ms  @int NOT NULL
) @strict;
CREATE INDEX event_seen_received ON event_seen (received_ms);
