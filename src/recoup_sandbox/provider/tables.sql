-- The practice provider's own books. One file, so that a refund, its events and its movement of money are one commit.

CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS accounts (
    id TEXT PRIMARY KEY, secret_key TEXT NOT NULL UNIQUE, name TEXT NOT NULL, profile TEXT NOT NULL,
    key_lifetime_s INTEGER NOT NULL, when_short TEXT NOT NULL, reference_after_s REAL, created INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS balances (
    account TEXT NOT NULL, currency TEXT NOT NULL, available INTEGER NOT NULL, PRIMARY KEY (account, currency)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS charges (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, account TEXT NOT NULL, payment_intent TEXT NOT NULL UNIQUE,
    balance_transaction TEXT NOT NULL, amount INTEGER NOT NULL, amount_refunded INTEGER NOT NULL DEFAULT 0,
    currency TEXT NOT NULL, created INTEGER NOT NULL, payment_method TEXT NOT NULL, customer TEXT, description TEXT,
    receipt_email TEXT, metadata TEXT NOT NULL, disputed INTEGER NOT NULL DEFAULT 0,
    CHECK (amount > 0), CHECK (amount_refunded BETWEEN 0 AND amount)
);
CREATE INDEX IF NOT EXISTS charges_by_account ON charges (account, seq);

CREATE TABLE IF NOT EXISTS refunds (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, account TEXT NOT NULL, charge TEXT NOT NULL,
    payment_intent TEXT NOT NULL, created INTEGER NOT NULL, status TEXT NOT NULL, pending_reason TEXT, body BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS refunds_by_charge ON refunds (charge, seq);
CREATE INDEX IF NOT EXISTS refunds_by_payment_intent ON refunds (payment_intent, seq);
CREATE INDEX IF NOT EXISTS refunds_by_account ON refunds (account, seq);
CREATE INDEX IF NOT EXISTS refunds_waiting_for_funds ON refunds (account, seq) WHERE pending_reason = 'insufficient_funds';

CREATE TABLE IF NOT EXISTS balance_transactions (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, account TEXT NOT NULL, type TEXT NOT NULL, source TEXT NOT NULL,
    amount INTEGER NOT NULL, currency TEXT NOT NULL, created INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS balance_transactions_by_account ON balance_transactions (account, seq);

CREATE TABLE IF NOT EXISTS disputes (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, account TEXT NOT NULL, charge TEXT NOT NULL, body BLOB NOT NULL
);

CREATE TABLE IF NOT EXISTS events (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, account TEXT NOT NULL, type TEXT NOT NULL,
    created INTEGER NOT NULL, body BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS events_by_account ON events (account, seq);

CREATE TABLE IF NOT EXISTS endpoints (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, account TEXT NOT NULL, url TEXT NOT NULL, secret TEXT NOT NULL,
    enabled_events TEXT NOT NULL, status TEXT NOT NULL, api_version TEXT, description TEXT, metadata TEXT NOT NULL,
    created INTEGER NOT NULL
);

-- One row per promise to deliver an event to an endpoint; state: waiting, held, delivered, dropped, given_up.
CREATE TABLE IF NOT EXISTS deliveries (
    seq INTEGER PRIMARY KEY, event TEXT NOT NULL, endpoint TEXT NOT NULL, state TEXT NOT NULL, copies INTEGER NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0, next_at REAL NOT NULL, last_status INTEGER
);
CREATE INDEX IF NOT EXISTS deliveries_to_make ON deliveries (next_at) WHERE state = 'waiting';

CREATE TABLE IF NOT EXISTS saved_answers (
    seq INTEGER PRIMARY KEY, account TEXT NOT NULL, key TEXT NOT NULL, fingerprint BLOB NOT NULL,
    status INTEGER NOT NULL, body BLOB NOT NULL, request TEXT NOT NULL, at REAL NOT NULL, UNIQUE (key, account)
);
CREATE INDEX IF NOT EXISTS saved_answers_by_age ON saved_answers (at);

-- What will become of a refund later, on the provider's own clock.
CREATE TABLE IF NOT EXISTS steps_to_come (
    seq INTEGER PRIMARY KEY, at REAL NOT NULL, refund TEXT NOT NULL, step TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS steps_to_come_by_time ON steps_to_come (at);

-- THE ORACLE: money that moved. Positive: paid to the shopper. Negative: came back because the refund failed.
CREATE TABLE IF NOT EXISTS movements (
    id INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, account TEXT NOT NULL, charge TEXT NOT NULL,
    refund TEXT NOT NULL, amount_minor INTEGER NOT NULL, currency TEXT NOT NULL, recoup_payout TEXT,
    kind TEXT NOT NULL CHECK (kind IN ('refund', 'refund_reversal')),
    CHECK ((kind = 'refund') = (amount_minor > 0)), UNIQUE (refund, kind)
);
CREATE INDEX IF NOT EXISTS movements_by_payout ON movements (recoup_payout) WHERE recoup_payout IS NOT NULL;
CREATE TRIGGER IF NOT EXISTS movements_are_never_changed BEFORE UPDATE ON movements
BEGIN SELECT RAISE(ABORT, 'movements are append-only'); END;
CREATE TRIGGER IF NOT EXISTS movements_are_never_deleted BEFORE DELETE ON movements
BEGIN SELECT RAISE(ABORT, 'movements are append-only'); END;
-- INSERT OR REPLACE deletes without asking the trigger above.
CREATE TRIGGER IF NOT EXISTS movements_are_never_replaced BEFORE INSERT ON movements
WHEN EXISTS (SELECT 1 FROM movements WHERE id = NEW.id OR (refund = NEW.refund AND kind = NEW.kind))
BEGIN SELECT RAISE(ABORT, 'movements are append-only'); END;
