-- What was sold and given back, from whatever system it was sold in.

CREATE TABLE product (
    id          @id PRIMARY KEY,
    code        @text NOT NULL UNIQUE,
    name        @text,
    category    @text,
    version     @int NOT NULL DEFAULT 1,
    created_at  @int NOT NULL
) @strict;
CREATE INDEX product_name ON product (name);

CREATE TABLE sales_order (
    id             @id PRIMARY KEY,
    source         @text NOT NULL,        -- the system the number is from
    number         @text NOT NULL,        -- its document number there
    customer_id    @id REFERENCES customer (id),   -- NULL: nobody known
    department_id  @id REFERENCES department (id),
    staff_id       @id REFERENCES staff (id),
    channel        @text,
    ordered_at     @int NOT NULL,
    amount_fen     @int NOT NULL,         -- the sum of its lines
    line_count     @int NOT NULL,
    created_at     @int NOT NULL,
    UNIQUE (source, number)
) @strict;
CREATE INDEX sales_order_customer ON sales_order (customer_id, ordered_at, amount_fen);
CREATE INDEX sales_order_time ON sales_order (ordered_at, department_id, staff_id, customer_id, amount_fen);

CREATE TABLE order_line (
    order_id        @id NOT NULL REFERENCES sales_order (id),
    line_no         @int NOT NULL,
    product_id      @id NOT NULL REFERENCES product (id),
    quantity_milli  @int NOT NULL,        -- thousandths
    price_micro     @int NOT NULL,        -- millionths of the currency unit
    amount_fen      @int NOT NULL,
    PRIMARY KEY (order_id, line_no)
) @keyed;

CREATE TABLE refund (
    id             @id PRIMARY KEY,
    source         @text NOT NULL,
    number         @text NOT NULL,
    order_number   @text,                 -- of the same source: what it takes back, known here or not (yet)
    customer_id    @id REFERENCES customer (id),
    department_id  @id REFERENCES department (id),
    staff_id       @id REFERENCES staff (id),
    channel        @text,
    refunded_at    @int NOT NULL,
    amount_fen     @int NOT NULL,         -- what was given back: positive
    line_count     @int NOT NULL,
    created_at     @int NOT NULL,
    UNIQUE (source, number)
) @strict;
CREATE INDEX refund_customer ON refund (customer_id, refunded_at);
CREATE INDEX refund_time ON refund (refunded_at, department_id, amount_fen);

CREATE TABLE refund_line (
    refund_id       @id NOT NULL REFERENCES refund (id),
    line_no         @int NOT NULL,
    product_id      @id NOT NULL REFERENCES product (id),
    quantity_milli  @int NOT NULL,
    price_micro     @int NOT NULL,
    amount_fen      @int NOT NULL,
    PRIMARY KEY (refund_id, line_no)
) @keyed;

-- A person's figures, made of the tables above whenever those change (order.c: sales_recount), for lists, rules and sorting.
CREATE TABLE customer_sales (
    customer_id   @id NOT NULL PRIMARY KEY REFERENCES customer (id),
    order_count   @int NOT NULL,
    order_fen     @int NOT NULL,
    refund_count  @int NOT NULL,
    refund_fen    @int NOT NULL,
    first_at      @int,
    last_at       @int,
    last_order_id @id
) @strict;
CREATE INDEX customer_sales_amount ON customer_sales (order_fen, customer_id);
CREATE INDEX customer_sales_count ON customer_sales (order_count, customer_id);
CREATE INDEX customer_sales_last ON customer_sales (last_at, customer_id);
