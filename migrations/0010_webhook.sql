-- Webhooks: facts sent to addresses of the brand's choice.

CREATE TABLE webhook (
    id             @id PRIMARY KEY,
    name           @text NOT NULL,
    url            @text NOT NULL,
    types          @text NOT NULL,            -- patterns, one a line: 'order.paid', 'order.*', '*'
    secret_sealed  @blob NOT NULL,
    state          @text NOT NULL CHECK (state IN ('active', 'off', 'paused', 'gone')),
    from_seq       @int NOT NULL,             -- facts up to this one are none of its business
    since          @int NOT NULL,             -- when it was last switched on
    failures       @int NOT NULL DEFAULT 0,   -- attempts in a row
    failing_at     @int,                      -- when the first of them was
    last_error     @text,
    paused_at      @int,
    by_staff_id    @id,
    version        @int NOT NULL DEFAULT 1,
    created_at     @int NOT NULL,
    CHECK ((state = 'paused') = (paused_at IS NOT NULL)),
    CHECK ((failures = 0) = (failing_at IS NULL))
) @strict;

-- One fact for one webhook. What is sent is made of the fact itself, so that nothing about a person stands here twice.
CREATE TABLE delivery (
    webhook_id   @id NOT NULL REFERENCES webhook (id),
    event_seq    @int NOT NULL,
    customer_id  @id,
    state        @text NOT NULL CHECK (state IN ('queued', 'waiting', 'sending', 'done', 'dead')),
    due_at       @int,                        -- waiting: when; sending: until when it is the sender's
    lease_by     @text,
    attempts     @int NOT NULL,
    first_at     @int,                        -- of the first attempt
    created_at   @int NOT NULL,
    finished_at  @int,
    status       @int,                        -- of the last answer
    error        @text,
    detail       @text,
    response     @text,
    took_ms      @int,
    blanked      @bool NOT NULL,              -- the person it is about was erased
    PRIMARY KEY (webhook_id, event_seq),
    CHECK ((state IN ('waiting', 'sending')) = (due_at IS NOT NULL)),
    CHECK ((state = 'sending') = (lease_by IS NOT NULL)),
    CHECK ((state IN ('done', 'dead')) = (finished_at IS NOT NULL))
) @strict;
-- One fact of a person at a time within a webhook: the others are queued and cost nothing.
CREATE UNIQUE INDEX delivery_turn ON delivery (webhook_id, customer_id) WHERE state IN ('waiting', 'sending');
CREATE INDEX delivery_queue ON delivery (webhook_id, customer_id, event_seq) WHERE state = 'queued';
CREATE INDEX delivery_due ON delivery (webhook_id, due_at) WHERE state = 'waiting';
CREATE INDEX delivery_state ON delivery (state, webhook_id, event_seq);
CREATE INDEX delivery_customer ON delivery (customer_id) WHERE customer_id IS NOT NULL;
