-- What people will be worth: runs of the value model, where everybody stands by one, what is bought together, back-tests.

CREATE TABLE value_run (
    id            @id PRIMARY KEY,
    -- The newest finished one is current; one may be being written; what a stopped process left is removed by the next run.
    state         @text NOT NULL CHECK (state IN ('writing', 'current', 'past', 'left')),
    reference_at  @int NOT NULL,          -- as of when
    people        @int NOT NULL,          -- with at least one order
    repeaters     @int NOT NULL,          -- of them, with orders on more than one day
    reason        @text CHECK (reason IN ('few_repeaters', 'no_buying_model', 'no_spending_model')), -- why there are no figures; NULL: there are
    model         @text NOT NULL,         -- JSON: parameters and likelihoods of what was fitted
    baskets       @int NOT NULL DEFAULT 0, -- people whose purchases say what goes together
    products      @int NOT NULL DEFAULT 0, -- in them
    kept          @bool NOT NULL DEFAULT @yes, -- it may still have rows in the tables below
    by_name       @text,
    created_at    @int NOT NULL,
    finished_at   @int
) @strict;
CREATE UNIQUE INDEX value_run_current ON value_run (state) WHERE state = 'current';
CREATE UNIQUE INDEX value_run_writing ON value_run (state) WHERE state = 'writing';
CREATE INDEX value_run_over ON value_run (id) WHERE kept AND state IN ('past', 'left');

-- Where a person stands by a run. A run writes rows of its own, seen by nobody; then one row in value_run changes, and all of it
-- is seen at once. Shares are in millionths.
CREATE TABLE value_person (
    run_id          @id NOT NULL REFERENCES value_run (id),
    customer_id     @id NOT NULL REFERENCES customer (id),
    repeats         @int NOT NULL CHECK (repeats >= 0), -- days with an order after the first one
    first_at        @int NOT NULL,
    last_at         @int NOT NULL,
    net_fen         @int NOT NULL CHECK (net_fen >= 0), -- spent so far, less what was given back
    mean_fen        @int NOT NULL,        -- what a day with an order is worth in the long run
    alive_ppm       @int NOT NULL CHECK (alive_ppm BETWEEN 0 AND 1000000),
    orders_30_ppm   @int NOT NULL,        -- days with an order expected within 30 days, in millionths …
    orders_90_ppm   @int NOT NULL,
    orders_365_ppm  @int NOT NULL,
    amount_30_fen   @int NOT NULL,        -- … and their money
    amount_90_fen   @int NOT NULL,
    amount_365_fen  @int NOT NULL,
    year_fen        @int NOT NULL,        -- what was spent, by years if they bought for longer than one
    at_risk_fen     @int NOT NULL,        -- that times the probability that they have left
    decile          @int NOT NULL CHECK (decile BETWEEN 1 AND 10), -- by amount_365_fen among everybody, 1 the best
    cell            @int NOT NULL,        -- decile × 100 + the twentieth of alive, 0 … 19; 20: with orders on one day only
    PRIMARY KEY (run_id, customer_id)
) @keyed;
CREATE INDEX value_person_risk ON value_person (run_id, at_risk_fen, customer_id) WHERE at_risk_fen > 0;
-- All that counting needs, in the order of what is counted: a million people are summed without sorting them.
CREATE INDEX value_person_cell ON value_person (run_id, cell, customer_id, orders_30_ppm, orders_90_ppm, orders_365_ppm,
    amount_30_fen, amount_90_fen, amount_365_fen, at_risk_fen);
CREATE INDEX value_person_customer ON value_person (customer_id);

CREATE VIEW value_current AS
SELECT v.customer_id, v.repeats, v.first_at, v.last_at, v.net_fen, v.mean_fen, v.alive_ppm, v.orders_30_ppm, v.orders_90_ppm,
    v.orders_365_ppm, v.amount_30_fen, v.amount_90_fen, v.amount_365_fen, v.year_fen, v.at_risk_fen, v.decile, v.cell
FROM value_person v WHERE v.run_id = (SELECT c.id FROM value_run c WHERE c.state = 'current');

-- What people who bought a product bought, too: the best few of each product.
CREATE TABLE value_pair (
    run_id          @id NOT NULL REFERENCES value_run (id),
    product_id      @id NOT NULL REFERENCES product (id),
    place           @int NOT NULL,        -- from 1
    other_id        @id NOT NULL REFERENCES product (id),
    buyers          @int NOT NULL,        -- who have both
    support_ppm     @int NOT NULL,        -- share of the weight of all buyers that have both
    confidence_ppm  @int NOT NULL,        -- of those that have the product
    lift_ppm        @int NOT NULL,        -- how many times likelier than by chance, in millionths
    PRIMARY KEY (run_id, product_id, place),
    CHECK (product_id <> other_id)
) @keyed;

-- What the model would have expected on an earlier day, and what came.
CREATE TABLE value_backtest (
    id          @id PRIMARY KEY,
    split_day   @int NOT NULL,            -- the last day that was known, days since 1970
    end_day     @int NOT NULL,            -- the last day compared
    result      @text NOT NULL,           -- JSON
    by_name     @text,
    created_at  @int NOT NULL
) @strict;
