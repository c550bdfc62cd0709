-- What is to be done about people: follow-ups by hand, and care by rule.

CREATE TABLE care_rule (
    id          @id PRIMARY KEY,
    key         @text UNIQUE,             -- of an installed example
    name        @text NOT NULL,
    kind        @text NOT NULL CHECK (kind IN ('birthday', 'after_order', 'rhythm', 'dormant')),
    days        @int NOT NULL CHECK (days BETWEEN 0 AND 3650),
    hour        @int NOT NULL CHECK (hour BETWEEN 0 AND 23), -- of the business zone
    orders      @text NOT NULL CHECK (orders IN ('first', 'each')), -- after_order: of which
    condition   @text,                    -- for whom (domain/condition); NULL: everybody
    text        @text NOT NULL,           -- of the task, with {name}, {days} …
    gives_to    @text NOT NULL CHECK (gives_to IN ('owner', 'turn', 'store')),
    fallback_id @id REFERENCES department (id), -- whose manager gets it when that finds nobody
    overdue     @bool NOT NULL,           -- also for whom the time had passed when it was switched on
    active      @bool NOT NULL,
    since_at    @int NOT NULL,            -- when it was last switched on
    next_day    @int NOT NULL,            -- birthday: people born before this day of this year have been looked at …
    next_id     @int NOT NULL,            -- … and, of those born on it, up to this one
    made        @int NOT NULL DEFAULT 0,  -- how many tasks it made
    removed_at  @int,
    version     @int NOT NULL DEFAULT 1,
    created_at  @int NOT NULL
) @strict;
CREATE INDEX care_rule_active ON care_rule (kind, id) WHERE active;
CREATE INDEX care_rule_fallback ON care_rule (fallback_id) WHERE fallback_id IS NOT NULL;

CREATE TABLE task (
    id             @id PRIMARY KEY,
    kind           @text NOT NULL CHECK (kind IN ('follow_up', 'care')),
    what           @text NOT NULL,
    customer_id    @id REFERENCES customer (id),     -- about whom; NULL: about nobody
    holder_id      @id REFERENCES staff (id),        -- for whom; NULL: for any member of the department
    -- Whose customer it is about, kept up by task_sub.c, so that indexes serve lists within a scope; what the customer's own row
    -- says decides. Of a task about nobody: the holder and where they belong.
    department_id  @id REFERENCES department (id),
    staff_id       @id REFERENCES staff (id),
    due_at         @int NOT NULL,
    told           @bool NOT NULL DEFAULT @no,       -- task.due was written
    state          @text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'done', 'dismissed')),
    note           @text,                            -- what was said when it ended
    rule_id        @id REFERENCES care_rule (id),    -- which rule made it; NULL: by hand
    by_id          @id REFERENCES staff (id),
    by_name        @text NOT NULL,
    finished_at    @int,
    finished_name  @text,
    version        @int NOT NULL DEFAULT 1,
    created_at     @int NOT NULL,
    CHECK ((state = 'open') = (finished_at IS NULL)),
    CHECK (kind <> 'care' OR (rule_id IS NOT NULL AND customer_id IS NOT NULL))
) @strict;
-- Lists: what is open by when it is due, what is finished by when it was; of everybody, of a store, of an owner, of a holder, of
-- no holder.
CREATE INDEX task_open ON task (due_at, id) WHERE state = 'open';
CREATE INDEX task_open_department ON task (department_id, due_at, id) WHERE state = 'open';
CREATE INDEX task_open_staff ON task (staff_id, due_at, id) WHERE state = 'open';
CREATE INDEX task_open_holder ON task (holder_id, due_at, id) WHERE state = 'open' AND holder_id IS NOT NULL;
CREATE INDEX task_open_shared ON task (department_id, due_at, id) WHERE state = 'open' AND holder_id IS NULL;
CREATE INDEX task_finished ON task (finished_at, id) WHERE state <> 'open';
CREATE INDEX task_finished_department ON task (department_id, finished_at, id) WHERE state <> 'open';
CREATE INDEX task_finished_staff ON task (staff_id, finished_at, id) WHERE state <> 'open';
CREATE INDEX task_finished_holder ON task (holder_id, finished_at, id) WHERE state <> 'open';
CREATE INDEX task_customer ON task (customer_id, finished_at) WHERE customer_id IS NOT NULL;
CREATE INDEX task_rule ON task (rule_id, customer_id) WHERE state = 'open' AND rule_id IS NOT NULL;
CREATE INDEX task_due ON task (due_at) WHERE state = 'open' AND NOT told;

-- What was said about a task on the way.
CREATE TABLE task_comment (
    id          @id PRIMARY KEY,
    task_id     @id NOT NULL REFERENCES task (id),
    text        @text NOT NULL,
    by_id       @id REFERENCES staff (id),
    by_name     @text NOT NULL,
    created_at  @int NOT NULL
) @strict;
CREATE INDEX task_comment_task ON task_comment (task_id, id);

-- Who of a department got something by turn last. Only a hint: it keeps neither from being removed.
CREATE TABLE task_turn (
    department_id  @id NOT NULL PRIMARY KEY,
    staff_id       @id NOT NULL
) @strict;

-- When a rule looks at a person again: at the moment an occasion comes, or when time may change whether the condition holds.
CREATE TABLE care_timer (
    rule_id      @id NOT NULL REFERENCES care_rule (id),
    customer_id  @id NOT NULL REFERENCES customer (id),
    occasion     @text NOT NULL,          -- 'order:12'; '' for rules of one timer a person
    due_at       @int NOT NULL,
    PRIMARY KEY (rule_id, customer_id, occasion)
) @keyed;
CREATE INDEX care_timer_due ON care_timer (due_at);
CREATE INDEX care_timer_customer ON care_timer (customer_id);

-- What a rule has made: once a person and occasion, whatever happens.
CREATE TABLE care_made (
    id           @id PRIMARY KEY,
    rule_id      @id NOT NULL REFERENCES care_rule (id),
    customer_id  @id NOT NULL REFERENCES customer (id),
    occasion     @text NOT NULL,          -- 'year:2026', 'order:12', 'since:1767225600000', 'last:1767225600000'
    task_id      @id REFERENCES task (id),
    UNIQUE (rule_id, customer_id, occasion)
) @strict;
CREATE INDEX care_made_customer ON care_made (customer_id);
CREATE INDEX care_made_task ON care_made (task_id);
