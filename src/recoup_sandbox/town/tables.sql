-- What the town remembers: the merchants' order systems and the mail that was caught.

CREATE TABLE IF NOT EXISTS shops (name TEXT PRIMARY KEY, api_key TEXT NOT NULL UNIQUE) WITHOUT ROWID;

-- One row per version of an order; the newest is what the shop answers, an older one what a stale copy answers.
CREATE TABLE IF NOT EXISTS orders (
    seq INTEGER PRIMARY KEY, shop TEXT NOT NULL, number TEXT NOT NULL, email TEXT NOT NULL, updated_at TEXT NOT NULL,
    is_newest INTEGER NOT NULL, body BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS orders_by_number ON orders (shop, number, seq);
CREATE INDEX IF NOT EXISTS orders_by_email ON orders (shop, email, seq) WHERE is_newest;
CREATE INDEX IF NOT EXISTS orders_by_update ON orders (shop, updated_at, number) WHERE is_newest;

CREATE TABLE IF NOT EXISTS mails (
    id INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, sender TEXT NOT NULL, recipients TEXT NOT NULL,
    subject TEXT NOT NULL, raw BLOB NOT NULL
);

-- The authenticator app on the phone of somebody who works for a shop.
CREATE TABLE IF NOT EXISTS phones (email TEXT PRIMARY KEY, name TEXT NOT NULL, secret TEXT NOT NULL) WITHOUT ROWID;

-- What people's phones were sent.
CREATE TABLE IF NOT EXISTS texts (
    id INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, number TEXT NOT NULL, words TEXT NOT NULL, ref TEXT NOT NULL UNIQUE
);

-- A shop's own server: the secret that its webhooks are signed with, what it answers, and what came in.
CREATE TABLE IF NOT EXISTS servers (shop TEXT PRIMARY KEY, secret TEXT NOT NULL, answer INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS hooks (
    id INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, shop TEXT NOT NULL, message TEXT NOT NULL,
    body BLOB NOT NULL, problem TEXT NOT NULL
);
