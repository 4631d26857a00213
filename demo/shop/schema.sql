-- The shop's books. Money is in cents, times are ISO 8601 in UTC.
CREATE TABLE customers (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    postcode TEXT NOT NULL
) STRICT;

CREATE TABLE orders (
    id TEXT PRIMARY KEY,
    customer TEXT NOT NULL REFERENCES customers (id),
    placed_at TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('processing', 'shipped', 'delivered', 'cancelled')),
    paid_minor INTEGER NOT NULL,
    paid_with TEXT NOT NULL,
    ship_to TEXT NOT NULL
) STRICT;
CREATE INDEX orders_of_customer ON orders (customer, placed_at);

CREATE TABLE items (
    order_id TEXT NOT NULL REFERENCES orders (id),
    good TEXT NOT NULL,
    title TEXT NOT NULL,
    variant TEXT NOT NULL,
    quantity INTEGER NOT NULL,
    price_minor INTEGER NOT NULL
) STRICT;
CREATE INDEX items_of_order ON items (order_id);

CREATE TABLE shipments (
    order_id TEXT PRIMARY KEY REFERENCES orders (id),
    carrier TEXT NOT NULL,
    tracking TEXT NOT NULL,
    status TEXT NOT NULL,
    expected_on TEXT NOT NULL,
    delivered_at TEXT
) STRICT;

CREATE TABLE scans (
    order_id TEXT NOT NULL REFERENCES orders (id),
    at TEXT NOT NULL,
    place TEXT NOT NULL,
    what TEXT NOT NULL
) STRICT;
CREATE INDEX scans_of_order ON scans (order_id, at);

CREATE TABLE refunds (
    id TEXT PRIMARY KEY,
    order_id TEXT NOT NULL REFERENCES orders (id),
    at TEXT NOT NULL,
    amount_minor INTEGER NOT NULL CHECK (amount_minor > 0)
) STRICT;
CREATE INDEX refunds_of_order ON refunds (order_id);

-- Every effect a tool call had, in the order they happened.
CREATE TABLE ledger (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    tool TEXT NOT NULL,
    key TEXT NOT NULL UNIQUE,
    conversation TEXT NOT NULL,
    order_id TEXT NOT NULL REFERENCES orders (id),
    amount_minor INTEGER NOT NULL
) STRICT;

-- The answer each idempotency key was given, repeated for as long as the shop lives.
CREATE TABLE answers (
    key TEXT PRIMARY KEY,
    digest TEXT NOT NULL,
    status INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;
