-- The wallet, payouts and four eyes. What one person must not be able to do alone is refused by the tables themselves.
-- A stranger's shell has foreign_keys and recursive_triggers off, INSERT OR REPLACE then deletes past delete triggers, and
-- OR IGNORE in a statement also holds inside of the triggers it fires. So: no table here has a rowid to collide with,
-- guards before an insert refuse keys that exist and parents that don't, and whatever a trigger did is looked at again.
-- Deadlines compare the instant that was handed in; money_clock bounds how far that may be from the machine's.

CREATE TABLE money_clock (
  id          INTEGER PRIMARY KEY CHECK (id = 1),
  -- Empty: any. A demo moves its clock, and tests stand still.
  max_skew_ms INTEGER CHECK (max_skew_ms > 0)
) STRICT;
INSERT INTO money_clock (id, max_skew_ms) VALUES (1, 300000);

-- ── Accounts, transfers, entries ───────────────────────────────────────────────────────────────

CREATE TABLE wallet_accounts (
  id              BLOB NOT NULL PRIMARY KEY,
  tenant_id       BLOB NOT NULL REFERENCES tenants (id),
  kind            TEXT NOT NULL CHECK (kind IN ('wallet', 'clearing', 'payments', 'fees', 'adjustments')),
  currency        TEXT NOT NULL CHECK (length(currency) = 3),
  -- How many entries it has. It and the sums below are those of its newest entry.
  entries         INTEGER NOT NULL DEFAULT 0 CHECK (entries >= 0),
  debits_pending  INTEGER NOT NULL DEFAULT 0 CHECK (debits_pending >= 0),
  debits_posted   INTEGER NOT NULL DEFAULT 0 CHECK (debits_posted >= 0),
  credits_pending INTEGER NOT NULL DEFAULT 0 CHECK (credits_pending >= 0),
  credits_posted  INTEGER NOT NULL DEFAULT 0 CHECK (credits_posted >= 0),
  created_at      INTEGER NOT NULL,
  UNIQUE (tenant_id, id),
  UNIQUE (tenant_id, id, currency),
  UNIQUE (tenant_id, currency, kind),
  -- What is held counts at once. Payments and adjustments stand for the world outside.
  CHECK (kind IN ('payments', 'adjustments') OR debits_pending + debits_posted <= credits_posted)
) STRICT, WITHOUT ROWID;

CREATE TABLE wallet_transfers (
  id                BLOB NOT NULL PRIMARY KEY,
  tenant_id         BLOB NOT NULL REFERENCES tenants (id),
  currency          TEXT NOT NULL,
  kind              TEXT NOT NULL CHECK (kind IN ('credit', 'refund', 'platform_fee', 'adjustment', 'withdrawal', 'reversal')),
  phase             TEXT NOT NULL CHECK (phase IN ('single', 'pending', 'post', 'void')),
  debit_account_id  BLOB NOT NULL,
  credit_account_id BLOB NOT NULL,
  amount_minor      INTEGER NOT NULL CHECK (amount_minor > 0),
  -- The hold that is posted or given back.
  pending_id        BLOB,
  approval_id       BLOB,
  payout_id         BLOB,
  -- What it is for, by whoever brought it: it moves money once.
  reference         TEXT CHECK (length(reference) BETWEEN 1 AND 200),
  memo              TEXT NOT NULL DEFAULT '' CHECK (length(memo) <= 500),
  made_by           BLOB,
  created_at        INTEGER NOT NULL,
  UNIQUE (tenant_id, id),
  CHECK (debit_account_id <> credit_account_id),
  CHECK ((kind = 'withdrawal') = (phase <> 'single')),
  CHECK ((phase IN ('post', 'void')) = (pending_id IS NOT NULL)),
  CHECK ((kind IN ('withdrawal', 'adjustment')) = (approval_id IS NOT NULL)),
  CHECK (CASE kind WHEN 'reversal' THEN payout_id IS NOT NULL WHEN 'platform_fee' THEN 1 ELSE payout_id IS NULL END),
  CHECK ((kind IN ('credit', 'refund', 'platform_fee') AND payout_id IS NULL) = (reference IS NOT NULL)),
  FOREIGN KEY (tenant_id, debit_account_id, currency) REFERENCES wallet_accounts (tenant_id, id, currency),
  FOREIGN KEY (tenant_id, credit_account_id, currency) REFERENCES wallet_accounts (tenant_id, id, currency),
  FOREIGN KEY (tenant_id, pending_id) REFERENCES wallet_transfers (tenant_id, id),
  FOREIGN KEY (tenant_id, approval_id) REFERENCES approval_requests (tenant_id, id),
  FOREIGN KEY (tenant_id, payout_id) REFERENCES payouts (tenant_id, request_id),
  FOREIGN KEY (tenant_id, made_by) REFERENCES members (tenant_id, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX wallet_transfers_settled_once ON wallet_transfers (tenant_id, pending_id) WHERE pending_id IS NOT NULL;
CREATE UNIQUE INDEX wallet_transfers_held_once ON wallet_transfers (tenant_id, approval_id) WHERE phase = 'pending';
CREATE UNIQUE INDEX wallet_transfers_adjusted_once ON wallet_transfers (tenant_id, approval_id) WHERE kind = 'adjustment';
CREATE UNIQUE INDEX wallet_transfers_for_payout ON wallet_transfers (tenant_id, payout_id, kind) WHERE payout_id IS NOT NULL;
CREATE UNIQUE INDEX wallet_transfers_by_reference ON wallet_transfers (tenant_id, kind, reference) WHERE reference IS NOT NULL;

-- Both sides of every transfer, counted in each account, with the account's sums after it.
CREATE TABLE wallet_entries (
  tenant_id       BLOB NOT NULL,
  account_id      BLOB NOT NULL,
  seq             INTEGER NOT NULL CHECK (seq > 0),
  transfer_id     BLOB NOT NULL,
  side            TEXT NOT NULL CHECK (side IN ('debit', 'credit')),
  debits_pending  INTEGER NOT NULL,
  debits_posted   INTEGER NOT NULL,
  credits_pending INTEGER NOT NULL,
  credits_posted  INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, account_id, seq),
  UNIQUE (tenant_id, transfer_id, side),
  FOREIGN KEY (tenant_id, account_id) REFERENCES wallet_accounts (tenant_id, id),
  FOREIGN KEY (tenant_id, transfer_id) REFERENCES wallet_transfers (tenant_id, id)
) STRICT, WITHOUT ROWID;

-- ── Where money may be paid out to ─────────────────────────────────────────────────────────────

CREATE TABLE payout_destinations (
  id         BLOB NOT NULL PRIMARY KEY,
  tenant_id  BLOB NOT NULL REFERENCES tenants (id),
  label      TEXT NOT NULL CHECK (length(label) BETWEEN 1 AND 60),
  currency   TEXT NOT NULL CHECK (length(currency) = 3),
  -- The newest version that two people agreed on; 0 before.
  version    INTEGER NOT NULL DEFAULT 0,
  -- Not before this, a day after the agreement.
  usable_at  INTEGER,
  retired_at INTEGER,
  created_by BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  UNIQUE (tenant_id, id),
  UNIQUE (tenant_id, id, currency),
  FOREIGN KEY (tenant_id, created_by) REFERENCES members (tenant_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE payout_destination_versions (
  id             BLOB NOT NULL PRIMARY KEY,
  tenant_id      BLOB NOT NULL,
  destination_id BLOB NOT NULL,
  version        INTEGER NOT NULL CHECK (version > 0),
  method         TEXT NOT NULL CHECK (method IN ('bank', 'mpesa', 'webhook')),
  -- Encrypted: whom and where exactly.
  sealed         TEXT NOT NULL CHECK (sealed LIKE 'wk1.%'),
  -- As people see it.
  masked         TEXT NOT NULL CHECK (length(masked) BETWEEN 1 AND 120),
  -- The member whose own account it is: who gains does not approve.
  beneficiary_id BLOB,
  approval_id    BLOB NOT NULL,
  created_at     INTEGER NOT NULL,
  UNIQUE (tenant_id, id),
  UNIQUE (tenant_id, destination_id, version),
  UNIQUE (tenant_id, approval_id),
  FOREIGN KEY (tenant_id, destination_id) REFERENCES payout_destinations (tenant_id, id),
  FOREIGN KEY (tenant_id, beneficiary_id) REFERENCES members (tenant_id, id),
  FOREIGN KEY (tenant_id, approval_id) REFERENCES approval_requests (tenant_id, id)
) STRICT, WITHOUT ROWID;

-- ── Approvals ──────────────────────────────────────────────────────────────────────────────────

CREATE TABLE approval_transitions (
  from_state TEXT NOT NULL,
  to_state   TEXT NOT NULL,
  PRIMARY KEY (from_state, to_state)
) STRICT, WITHOUT ROWID;
INSERT INTO approval_transitions (from_state, to_state) VALUES
  ('pending', 'pending'), ('pending', 'approved'), ('pending', 'rejected'), ('pending', 'cancelled'), ('pending', 'expired'),
  ('pending', 'invalidated'), ('approved', 'executing'), ('approved', 'cancelled'), ('approved', 'expired'),
  ('approved', 'invalidated'), ('executing', 'executed'), ('executing', 'failed');

CREATE TABLE approval_requests (
  id                  BLOB NOT NULL PRIMARY KEY,
  tenant_id           BLOB NOT NULL REFERENCES tenants (id),
  kind                TEXT NOT NULL CHECK (kind IN ('withdrawal', 'adjustment', 'sensitive_deletion', 'role_change',
                                                    'key_rotation', 'payout_destination', 'policy_change')),
  subject             TEXT NOT NULL CHECK (length(subject) BETWEEN 1 AND 200),
  subject_version     INTEGER NOT NULL,
  initiator_id        BLOB NOT NULL,
  -- Exactly what is approved: JSON with sorted keys, and its SHA-256 in hexadecimal (checked by the program here).
  payload_canonical   TEXT NOT NULL CHECK (json_valid(payload_canonical)),
  payload_hash        TEXT NOT NULL CHECK (length(payload_hash) = 64),
  -- The policy as it was; 0: the one that comes with the program.
  policy_version      INTEGER NOT NULL CHECK (policy_version >= 0),
  policy              TEXT NOT NULL CHECK (json_valid(policy)),
  required            INTEGER NOT NULL CHECK (required BETWEEN 1 AND 5),
  approve_by          INTEGER NOT NULL,
  execute_within_ms   INTEGER NOT NULL CHECK (execute_within_ms > 0),
  -- What the second factor was shown for; used once.
  step_up             TEXT NOT NULL CHECK (length(step_up) = 64),
  state               TEXT NOT NULL CHECK (state IN ('pending', 'approved', 'executing', 'executed', 'failed', 'rejected',
                                                     'cancelled', 'expired', 'invalidated')),
  approvals           INTEGER NOT NULL DEFAULT 0,
  execute_by          INTEGER,
  -- Why it ended, where there is something to say.
  outcome             TEXT CHECK (length(outcome) BETWEEN 1 AND 500),
  row_version         INTEGER NOT NULL DEFAULT 1,
  lease               BLOB,
  lease_until         INTEGER,
  created_at          INTEGER NOT NULL,
  changed_at          INTEGER NOT NULL,
  changed_by          BLOB,
  -- Where money moves. A hold has the request's own id; closing_id is the transfer that settles it.
  debit_account_id    BLOB,
  credit_account_id   BLOB,
  amount_minor        INTEGER CHECK (amount_minor > 0),
  fee_minor           INTEGER CHECK (fee_minor >= 0),
  currency            TEXT,
  destination_id      BLOB,
  destination_version INTEGER,
  closing_id          BLOB,
  UNIQUE (tenant_id, id),
  UNIQUE (tenant_id, id, initiator_id, payload_hash),
  UNIQUE (tenant_id, step_up),
  CHECK (approve_by > created_at),
  CHECK (state NOT IN ('approved', 'executing', 'executed', 'failed') OR execute_by IS NOT NULL),
  CHECK ((kind IN ('withdrawal', 'adjustment')) = (amount_minor IS NOT NULL)),
  CHECK ((amount_minor IS NULL) = (currency IS NULL) AND (amount_minor IS NULL) = (fee_minor IS NULL)
     AND (amount_minor IS NULL) = (debit_account_id IS NULL) AND (amount_minor IS NULL) = (credit_account_id IS NULL)),
  CHECK ((kind = 'withdrawal') = (destination_id IS NOT NULL) AND (kind = 'withdrawal') = (destination_version IS NOT NULL)),
  CHECK (amount_minor IS NULL OR fee_minor < amount_minor),
  CHECK (json_extract(payload_canonical, '$.kind') IS kind),
  CHECK (amount_minor IS NULL OR (json_extract(payload_canonical, '$.amount_minor') IS amount_minor
     AND json_extract(payload_canonical, '$.fee_minor') IS fee_minor
     AND json_extract(payload_canonical, '$.currency') IS currency
     AND json_extract(payload_canonical, '$.from') IS 'acct_' || lower(hex(debit_account_id))
     AND json_extract(payload_canonical, '$.to') IS 'acct_' || lower(hex(credit_account_id)))),
  CHECK (kind <> 'withdrawal' OR (json_extract(payload_canonical, '$.destination') IS 'dst_' || lower(hex(destination_id))
     AND json_extract(payload_canonical, '$.destination_version') IS destination_version
     AND subject = 'acct_' || lower(hex(debit_account_id)) || ':dst_' || lower(hex(destination_id)))),
  CHECK (closing_id IS NULL OR state IN ('executed', 'failed', 'rejected', 'cancelled', 'expired', 'invalidated')),
  CHECK (kind <> 'withdrawal' OR closing_id IS NOT NULL OR state IN ('pending', 'approved', 'executing')),
  CHECK (kind <> 'adjustment' OR (closing_id IS NOT NULL) = (state = 'executed')),
  CHECK (kind IN ('withdrawal', 'adjustment') OR closing_id IS NULL),
  FOREIGN KEY (tenant_id, initiator_id) REFERENCES members (tenant_id, id),
  FOREIGN KEY (tenant_id, changed_by) REFERENCES members (tenant_id, id),
  FOREIGN KEY (tenant_id, debit_account_id, currency) REFERENCES wallet_accounts (tenant_id, id, currency),
  FOREIGN KEY (tenant_id, credit_account_id, currency) REFERENCES wallet_accounts (tenant_id, id, currency),
  FOREIGN KEY (tenant_id, destination_id, destination_version)
    REFERENCES payout_destination_versions (tenant_id, destination_id, version),
  FOREIGN KEY (tenant_id, closing_id) REFERENCES wallet_transfers (tenant_id, id) DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX approval_requests_open ON approval_requests (tenant_id, kind, subject)
  WHERE state IN ('pending', 'approved', 'executing');
CREATE INDEX approval_requests_due ON approval_requests (state, approve_by) WHERE state IN ('pending', 'approved', 'executing');
CREATE INDEX approval_requests_by_time ON approval_requests (tenant_id, created_at, id);

CREATE TABLE approval_decisions (
  id           BLOB NOT NULL PRIMARY KEY,
  tenant_id    BLOB NOT NULL,
  request_id   BLOB NOT NULL,
  -- Copied from the request, and pinned to it.
  initiator_id BLOB NOT NULL,
  payload_hash TEXT NOT NULL,
  approver_id  BLOB NOT NULL,
  -- In whose name. There is no delegation: the same.
  principal_id BLOB NOT NULL,
  verdict      TEXT NOT NULL CHECK (verdict IN ('approve', 'reject')),
  reason       TEXT CHECK (length(reason) BETWEEN 10 AND 500),
  -- The version of the request that was on the screen.
  seen_version INTEGER NOT NULL,
  step_up      TEXT CHECK (length(step_up) = 64),
  -- What the two had in common, such as a device: told, not refused.
  shared       TEXT NOT NULL DEFAULT '' CHECK (length(shared) <= 100),
  closing_id   BLOB,
  decided_at   INTEGER NOT NULL,
  UNIQUE (tenant_id, id),
  UNIQUE (tenant_id, request_id, approver_id),
  UNIQUE (tenant_id, request_id, principal_id),
  UNIQUE (tenant_id, step_up),
  CHECK (approver_id <> initiator_id AND principal_id <> initiator_id),
  CHECK (principal_id = approver_id),
  CHECK ((verdict = 'approve') = (step_up IS NOT NULL)),
  CHECK (verdict = 'approve' OR reason IS NOT NULL),
  CHECK (verdict = 'reject' OR closing_id IS NULL),
  FOREIGN KEY (tenant_id, request_id, initiator_id, payload_hash)
    REFERENCES approval_requests (tenant_id, id, initiator_id, payload_hash),
  FOREIGN KEY (tenant_id, approver_id) REFERENCES members (tenant_id, id),
  FOREIGN KEY (tenant_id, principal_id) REFERENCES members (tenant_id, id),
  FOREIGN KEY (tenant_id, closing_id) REFERENCES wallet_transfers (tenant_id, id) DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;

CREATE TABLE approval_executions (
  request_id  BLOB NOT NULL PRIMARY KEY,
  tenant_id   BLOB NOT NULL,
  worker      TEXT NOT NULL CHECK (length(worker) BETWEEN 1 AND 60),
  lease       BLOB NOT NULL,
  lease_until INTEGER NOT NULL,
  claimed_at  INTEGER NOT NULL,
  FOREIGN KEY (tenant_id, request_id) REFERENCES approval_requests (tenant_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE approval_policies (
  id           BLOB NOT NULL PRIMARY KEY,
  tenant_id    BLOB NOT NULL REFERENCES tenants (id),
  kind         TEXT NOT NULL,
  version      INTEGER NOT NULL CHECK (version > 0),
  rules        TEXT NOT NULL CHECK (json_valid(rules)),
  approval_id  BLOB NOT NULL,
  created_at   INTEGER NOT NULL,
  -- Later than created_at for what became looser.
  effective_at INTEGER NOT NULL,
  UNIQUE (tenant_id, id),
  UNIQUE (tenant_id, kind, version),
  UNIQUE (tenant_id, approval_id),
  CHECK (effective_at >= created_at),
  FOREIGN KEY (tenant_id, approval_id) REFERENCES approval_requests (tenant_id, id)
) STRICT, WITHOUT ROWID;

-- ── Payouts ────────────────────────────────────────────────────────────────────────────────────

CREATE TABLE payout_transitions (
  from_state TEXT NOT NULL,
  to_state   TEXT NOT NULL,
  PRIMARY KEY (from_state, to_state)
) STRICT, WITHOUT ROWID;
INSERT INTO payout_transitions (from_state, to_state) VALUES
  ('queued', 'submitted'), ('submitted', 'paid'), ('submitted', 'failed'), ('submitted', 'unknown'),
  ('unknown', 'paid'), ('unknown', 'failed'), ('paid', 'returned');

CREATE TABLE payouts (
  -- The request's id; the provider's idempotency key too.
  request_id          BLOB NOT NULL PRIMARY KEY,
  tenant_id           BLOB NOT NULL,
  destination_id      BLOB NOT NULL,
  destination_version INTEGER NOT NULL,
  currency            TEXT NOT NULL,
  amount_minor        INTEGER NOT NULL CHECK (amount_minor > 0),
  fee_minor           INTEGER NOT NULL CHECK (fee_minor >= 0),
  state               TEXT NOT NULL CHECK (state IN ('queued', 'submitted', 'unknown', 'paid', 'failed', 'returned')),
  row_version         INTEGER NOT NULL DEFAULT 1,
  provider            TEXT CHECK (length(provider) BETWEEN 1 AND 60),
  provider_reference  TEXT CHECK (length(provider_reference) BETWEEN 1 AND 200),
  -- How often the provider was asked what became of it.
  polls               INTEGER NOT NULL DEFAULT 0 CHECK (polls >= 0),
  next_at             INTEGER NOT NULL,
  lease               BLOB,
  lease_until         INTEGER,
  note                TEXT NOT NULL DEFAULT '' CHECK (length(note) <= 500),
  fee_id              BLOB,
  reversal_id         BLOB,
  created_at          INTEGER NOT NULL,
  changed_at          INTEGER NOT NULL,
  UNIQUE (tenant_id, request_id),
  CHECK (fee_minor < amount_minor),
  CHECK ((state IN ('paid', 'returned') AND fee_minor > 0) = (fee_id IS NOT NULL)),
  CHECK ((state IN ('failed', 'returned')) = (reversal_id IS NOT NULL)),
  FOREIGN KEY (tenant_id, request_id) REFERENCES approval_requests (tenant_id, id),
  FOREIGN KEY (tenant_id, destination_id, destination_version)
    REFERENCES payout_destination_versions (tenant_id, destination_id, version),
  FOREIGN KEY (tenant_id, fee_id) REFERENCES wallet_transfers (tenant_id, id) DEFERRABLE INITIALLY DEFERRED,
  FOREIGN KEY (tenant_id, reversal_id) REFERENCES wallet_transfers (tenant_id, id) DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;
CREATE INDEX payouts_open ON payouts (next_at) WHERE state IN ('queued', 'submitted', 'unknown');

CREATE TABLE payout_events (
  tenant_id          BLOB NOT NULL,
  payout_id          BLOB NOT NULL,
  seq                INTEGER NOT NULL,
  from_state         TEXT,
  to_state           TEXT NOT NULL,
  provider_reference TEXT,
  note               TEXT NOT NULL,
  at                 INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, payout_id, seq),
  FOREIGN KEY (tenant_id, payout_id) REFERENCES payouts (tenant_id, request_id)
) STRICT, WITHOUT ROWID;

-- ── What was asked with money before ───────────────────────────────────────────────────────────

CREATE TABLE money_keys (
  tenant_id   BLOB NOT NULL,
  member_id   BLOB NOT NULL,
  route       TEXT NOT NULL CHECK (length(route) BETWEEN 1 AND 100),
  key         TEXT NOT NULL CHECK (length(key) BETWEEN 16 AND 255),
  -- SHA-256 of the canonical body.
  fingerprint TEXT NOT NULL CHECK (length(fingerprint) = 64),
  status      INTEGER NOT NULL CHECK (status BETWEEN 100 AND 599),
  response    TEXT NOT NULL,
  created_at  INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, member_id, route, key),
  FOREIGN KEY (tenant_id, member_id) REFERENCES members (tenant_id, id)
) STRICT, WITHOUT ROWID;

-- ── Accounts only follow their entries ─────────────────────────────────────────────────────────

CREATE TRIGGER wallet_accounts_guard BEFORE INSERT ON wallet_accounts
BEGIN
  SELECT RAISE(ABORT, 'wallet_accounts: exists') WHERE EXISTS (SELECT 1 FROM wallet_accounts
    WHERE id = NEW.id OR (tenant_id = NEW.tenant_id AND currency = NEW.currency AND kind = NEW.kind));
  SELECT RAISE(ABORT, 'wallet_accounts: no such business') WHERE NOT EXISTS (SELECT 1 FROM tenants WHERE id = NEW.tenant_id);
  SELECT RAISE(ABORT, 'wallet_accounts: an account starts empty') WHERE NEW.entries <> 0 OR NEW.debits_pending <> 0
    OR NEW.debits_posted <> 0 OR NEW.credits_pending <> 0 OR NEW.credits_posted <> 0;
END;
CREATE TRIGGER wallet_accounts_follow BEFORE UPDATE ON wallet_accounts
BEGIN
  SELECT RAISE(ABORT, 'wallet_accounts: an account stays what it is') WHERE NEW.id IS NOT OLD.id
    OR NEW.tenant_id IS NOT OLD.tenant_id OR NEW.kind IS NOT OLD.kind OR NEW.currency IS NOT OLD.currency
    OR NEW.created_at IS NOT OLD.created_at;
  SELECT RAISE(ABORT, 'wallet_accounts: balances move with transfers only') WHERE NEW.entries IS NOT OLD.entries + 1
    OR NOT EXISTS (SELECT 1 FROM wallet_entries e WHERE e.tenant_id = OLD.tenant_id AND e.account_id = OLD.id
      AND e.seq = NEW.entries AND e.debits_pending = NEW.debits_pending AND e.debits_posted = NEW.debits_posted
      AND e.credits_pending = NEW.credits_pending AND e.credits_posted = NEW.credits_posted);
END;
CREATE TRIGGER wallet_accounts_no_delete BEFORE DELETE ON wallet_accounts
BEGIN SELECT RAISE(ABORT, 'wallet_accounts is append-only'); END;

CREATE TRIGGER wallet_entries_guard BEFORE INSERT ON wallet_entries
BEGIN
  SELECT RAISE(ABORT, 'wallet_entries is append-only') WHERE EXISTS (SELECT 1 FROM wallet_entries
    WHERE tenant_id = NEW.tenant_id AND (account_id = NEW.account_id AND seq = NEW.seq
      OR transfer_id = NEW.transfer_id AND side = NEW.side));
  SELECT RAISE(ABORT, 'wallet_entries: made by transfers only') WHERE NOT EXISTS (
    SELECT 1 FROM wallet_transfers t JOIN wallet_accounts a ON a.tenant_id = t.tenant_id
      AND a.id = CASE NEW.side WHEN 'debit' THEN t.debit_account_id ELSE t.credit_account_id END
    WHERE t.tenant_id = NEW.tenant_id AND t.id = NEW.transfer_id AND a.id = NEW.account_id AND NEW.seq = a.entries + 1
      AND NEW.debits_pending = a.debits_pending + CASE WHEN NEW.side = 'credit' THEN 0
        WHEN t.phase = 'pending' THEN t.amount_minor WHEN t.phase = 'single' THEN 0 ELSE -t.amount_minor END
      AND NEW.debits_posted = a.debits_posted + CASE WHEN NEW.side = 'debit' AND t.phase IN ('single', 'post')
        THEN t.amount_minor ELSE 0 END
      AND NEW.credits_pending = a.credits_pending + CASE WHEN NEW.side = 'debit' THEN 0
        WHEN t.phase = 'pending' THEN t.amount_minor WHEN t.phase = 'single' THEN 0 ELSE -t.amount_minor END
      AND NEW.credits_posted = a.credits_posted + CASE WHEN NEW.side = 'credit' AND t.phase IN ('single', 'post')
        THEN t.amount_minor ELSE 0 END);
END;
CREATE TRIGGER wallet_entries_no_update BEFORE UPDATE ON wallet_entries
BEGIN SELECT RAISE(ABORT, 'wallet_entries is append-only'); END;
CREATE TRIGGER wallet_entries_no_delete BEFORE DELETE ON wallet_entries
BEGIN SELECT RAISE(ABORT, 'wallet_entries is append-only'); END;

CREATE TRIGGER wallet_transfers_guard BEFORE INSERT ON wallet_transfers
BEGIN
  SELECT RAISE(ABORT, 'wallet_transfers is append-only') WHERE EXISTS (SELECT 1 FROM wallet_transfers t
    WHERE t.id = NEW.id OR t.tenant_id = NEW.tenant_id AND (t.pending_id = NEW.pending_id
      OR t.kind = NEW.kind AND t.reference = NEW.reference OR t.kind = NEW.kind AND t.payout_id = NEW.payout_id
      OR t.approval_id = NEW.approval_id AND (NEW.phase = 'pending' AND t.phase = 'pending' OR NEW.kind = 'adjustment')));
  -- Both accounts are this tenant's, in this currency, and of kinds that this goes between.
  SELECT RAISE(ABORT, 'wallet_transfers: not between these accounts') WHERE NOT EXISTS (
    SELECT 1 FROM wallet_accounts d JOIN wallet_accounts c ON c.tenant_id = d.tenant_id AND c.currency = d.currency
    WHERE d.id = NEW.debit_account_id AND c.id = NEW.credit_account_id AND d.tenant_id = NEW.tenant_id
      AND d.currency = NEW.currency AND NEW.kind || ' ' || d.kind || ' ' || c.kind IN ('credit payments wallet',
        'refund wallet payments', 'platform_fee wallet fees', 'platform_fee clearing fees', 'adjustment adjustments wallet',
        'adjustment wallet adjustments', 'withdrawal wallet clearing', 'reversal clearing wallet'));
  SELECT RAISE(ABORT, 'wallet_transfers: no such member') WHERE NEW.made_by IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM members WHERE tenant_id = NEW.tenant_id AND id = NEW.made_by);
  SELECT RAISE(ABORT, 'wallet_transfers: an amount is above zero') WHERE NEW.amount_minor <= 0;
  SELECT RAISE(ABORT, 'wallet_transfers: overdrawn') WHERE NEW.phase IN ('single', 'pending') AND EXISTS (
    SELECT 1 FROM wallet_accounts a WHERE a.id = NEW.debit_account_id AND a.kind NOT IN ('payments', 'adjustments')
      AND a.credits_posted - a.debits_posted - a.debits_pending < NEW.amount_minor);
  SELECT RAISE(ABORT, 'wallet_transfers: too large') WHERE EXISTS (
    SELECT 1 FROM wallet_accounts a WHERE a.id IN (NEW.debit_account_id, NEW.credit_account_id)
      AND (a.debits_posted + a.debits_pending > 4611686018427387903 - NEW.amount_minor
        OR a.credits_posted + a.credits_pending > 4611686018427387903 - NEW.amount_minor));
  SELECT RAISE(ABORT, 'wallet_transfers: not what was asked for') WHERE NEW.phase = 'pending' AND NOT EXISTS (
    SELECT 1 FROM approval_requests r WHERE r.id = NEW.id AND r.id = NEW.approval_id AND r.tenant_id = NEW.tenant_id
      AND r.kind = 'withdrawal' AND r.state = 'pending' AND r.amount_minor = NEW.amount_minor AND r.currency = NEW.currency
      AND r.debit_account_id = NEW.debit_account_id AND r.credit_account_id = NEW.credit_account_id);
  SELECT RAISE(ABORT, 'wallet_transfers: not the hold') WHERE NEW.phase IN ('post', 'void') AND NOT EXISTS (
    SELECT 1 FROM wallet_transfers h JOIN approval_requests r ON r.tenant_id = h.tenant_id AND r.id = h.id
    WHERE h.id = NEW.pending_id AND h.tenant_id = NEW.tenant_id AND h.phase = 'pending' AND h.approval_id = NEW.approval_id
      AND h.amount_minor = NEW.amount_minor AND h.currency = NEW.currency
      AND h.debit_account_id = NEW.debit_account_id AND h.credit_account_id = NEW.credit_account_id
      AND r.closing_id = NEW.id AND (NEW.phase = 'post') = (r.state = 'executed'));
  SELECT RAISE(ABORT, 'wallet_transfers: not what was approved') WHERE NEW.kind = 'adjustment' AND NOT EXISTS (
    SELECT 1 FROM approval_requests r WHERE r.id = NEW.approval_id AND r.tenant_id = NEW.tenant_id
      AND r.kind = 'adjustment' AND r.state = 'executed' AND r.closing_id = NEW.id AND r.amount_minor = NEW.amount_minor
      AND r.currency = NEW.currency AND r.debit_account_id = NEW.debit_account_id
      AND r.credit_account_id = NEW.credit_account_id);
  SELECT RAISE(ABORT, 'wallet_transfers: not what became of the payout') WHERE (NEW.payout_id IS NOT NULL OR NEW.kind = 'reversal')
    AND NOT EXISTS (SELECT 1 FROM payouts p JOIN approval_requests r ON r.tenant_id = p.tenant_id AND r.id = p.request_id
      WHERE p.request_id = NEW.payout_id AND p.tenant_id = NEW.tenant_id AND p.currency = NEW.currency
        AND (NEW.kind = 'reversal' AND p.reversal_id = NEW.id AND NEW.credit_account_id = r.debit_account_id
            AND NEW.debit_account_id = r.credit_account_id
            AND NEW.amount_minor = p.amount_minor - CASE p.state WHEN 'returned' THEN p.fee_minor ELSE 0 END
          OR NEW.kind = 'platform_fee' AND p.state = 'paid' AND p.fee_id = NEW.id
            AND NEW.debit_account_id = r.credit_account_id AND NEW.amount_minor = p.fee_minor));
  SELECT RAISE(ABORT, 'wallet_transfers: money on its way out pays no other fee') WHERE NEW.kind = 'platform_fee'
    AND NEW.payout_id IS NULL
    AND EXISTS (SELECT 1 FROM wallet_accounts a WHERE a.id = NEW.debit_account_id AND a.kind = 'clearing');
END;
CREATE TRIGGER wallet_transfers_move AFTER INSERT ON wallet_transfers
BEGIN
  INSERT INTO wallet_entries (tenant_id, account_id, seq, transfer_id, side, debits_pending, debits_posted, credits_pending, credits_posted)
  SELECT a.tenant_id, a.id, a.entries + 1, NEW.id, 'debit',
    a.debits_pending + CASE NEW.phase WHEN 'pending' THEN NEW.amount_minor WHEN 'single' THEN 0 ELSE -NEW.amount_minor END,
    a.debits_posted + CASE WHEN NEW.phase IN ('single', 'post') THEN NEW.amount_minor ELSE 0 END,
    a.credits_pending, a.credits_posted
  FROM wallet_accounts a WHERE a.id = NEW.debit_account_id;
  UPDATE wallet_accounts SET entries = e.seq, debits_pending = e.debits_pending, debits_posted = e.debits_posted
  FROM wallet_entries e WHERE e.tenant_id = NEW.tenant_id AND e.transfer_id = NEW.id AND e.side = 'debit'
    AND wallet_accounts.id = e.account_id;
  INSERT INTO wallet_entries (tenant_id, account_id, seq, transfer_id, side, debits_pending, debits_posted, credits_pending, credits_posted)
  SELECT a.tenant_id, a.id, a.entries + 1, NEW.id, 'credit', a.debits_pending, a.debits_posted,
    a.credits_pending + CASE NEW.phase WHEN 'pending' THEN NEW.amount_minor WHEN 'single' THEN 0 ELSE -NEW.amount_minor END,
    a.credits_posted + CASE WHEN NEW.phase IN ('single', 'post') THEN NEW.amount_minor ELSE 0 END
  FROM wallet_accounts a WHERE a.id = NEW.credit_account_id;
  UPDATE wallet_accounts SET entries = e.seq, credits_pending = e.credits_pending, credits_posted = e.credits_posted
  FROM wallet_entries e WHERE e.tenant_id = NEW.tenant_id AND e.transfer_id = NEW.id AND e.side = 'credit'
    AND wallet_accounts.id = e.account_id;
  SELECT RAISE(ABORT, 'wallet_transfers: both sides or none') WHERE (
    SELECT count(*) FROM wallet_entries e JOIN wallet_accounts a ON a.tenant_id = e.tenant_id AND a.id = e.account_id
      AND a.entries = e.seq
    WHERE e.tenant_id = NEW.tenant_id AND e.transfer_id = NEW.id) <> 2;
END;
CREATE TRIGGER wallet_transfers_no_update BEFORE UPDATE ON wallet_transfers
BEGIN SELECT RAISE(ABORT, 'wallet_transfers is append-only'); END;
CREATE TRIGGER wallet_transfers_no_delete BEFORE DELETE ON wallet_transfers
BEGIN SELECT RAISE(ABORT, 'wallet_transfers is append-only'); END;

-- ── Requests ───────────────────────────────────────────────────────────────────────────────────

CREATE TRIGGER approval_requests_guard BEFORE INSERT ON approval_requests
BEGIN
  SELECT RAISE(ABORT, 'approval_requests: exists') WHERE EXISTS (SELECT 1 FROM approval_requests r
    WHERE r.id = NEW.id OR r.tenant_id = NEW.tenant_id AND r.step_up = NEW.step_up);
  SELECT RAISE(ABORT, 'approval_requests: one open request at a time') WHERE EXISTS (SELECT 1 FROM approval_requests r
    WHERE r.tenant_id = NEW.tenant_id AND r.kind = NEW.kind AND r.subject = NEW.subject
      AND r.state IN ('pending', 'approved', 'executing'));
  SELECT RAISE(ABORT, 'approval_requests: the second factor was used') WHERE EXISTS (SELECT 1 FROM approval_decisions d
    WHERE d.tenant_id = NEW.tenant_id AND d.step_up = NEW.step_up);
  SELECT RAISE(ABORT, 'approval_requests: a request starts pending') WHERE NEW.state IS NOT 'pending' OR NEW.approvals <> 0
    OR NEW.row_version <> 1 OR NEW.execute_by IS NOT NULL OR NEW.closing_id IS NOT NULL OR NEW.lease IS NOT NULL
    OR NEW.lease_until IS NOT NULL OR NEW.outcome IS NOT NULL OR NEW.changed_at <> NEW.created_at;
  SELECT RAISE(ABORT, 'approval_requests: no such member') WHERE NOT EXISTS (SELECT 1 FROM members m
    WHERE m.tenant_id = NEW.tenant_id AND m.id = NEW.initiator_id AND m.ended_at IS NULL);
  SELECT RAISE(ABORT, 'approval_requests: the clock is wrong') FROM money_clock
    WHERE abs(NEW.created_at - CAST(strftime('%s', 'now') AS INTEGER) * 1000) > max_skew_ms;
  SELECT RAISE(ABORT, 'approval_requests: not between these accounts') WHERE NEW.amount_minor IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM wallet_accounts d JOIN wallet_accounts c ON c.tenant_id = d.tenant_id AND c.currency = d.currency
    WHERE d.id = NEW.debit_account_id AND c.id = NEW.credit_account_id AND d.tenant_id = NEW.tenant_id
      AND d.currency = NEW.currency AND NEW.kind || ' ' || d.kind || ' ' || c.kind IN ('withdrawal wallet clearing',
        'adjustment adjustments wallet', 'adjustment wallet adjustments'));
  SELECT RAISE(ABORT, 'approval_requests: the destination can not be used') WHERE NEW.kind = 'withdrawal' AND NOT EXISTS (
    SELECT 1 FROM payout_destinations d WHERE d.tenant_id = NEW.tenant_id AND d.id = NEW.destination_id
      AND d.currency = NEW.currency AND d.version = NEW.destination_version AND d.version > 0
      AND d.usable_at <= NEW.created_at AND d.retired_at IS NULL);
END;
CREATE TRIGGER approval_requests_hold AFTER INSERT ON approval_requests WHEN NEW.kind = 'withdrawal'
BEGIN
  INSERT INTO wallet_transfers (id, tenant_id, currency, kind, phase, debit_account_id, credit_account_id, amount_minor,
    approval_id, made_by, created_at)
  VALUES (NEW.id, NEW.tenant_id, NEW.currency, 'withdrawal', 'pending', NEW.debit_account_id, NEW.credit_account_id,
    NEW.amount_minor, NEW.id, NEW.initiator_id, NEW.created_at);
  SELECT RAISE(ABORT, 'approval_requests: nothing is held') WHERE NOT EXISTS (SELECT 1 FROM wallet_transfers t
    WHERE t.tenant_id = NEW.tenant_id AND t.id = NEW.id AND t.phase = 'pending');
END;

CREATE TRIGGER approval_requests_change BEFORE UPDATE ON approval_requests
BEGIN
  SELECT RAISE(ABORT, 'approval_requests: what was asked stays as it is') WHERE NEW.id IS NOT OLD.id
    OR NEW.tenant_id IS NOT OLD.tenant_id OR NEW.kind IS NOT OLD.kind OR NEW.subject IS NOT OLD.subject
    OR NEW.subject_version IS NOT OLD.subject_version OR NEW.initiator_id IS NOT OLD.initiator_id
    OR NEW.payload_canonical IS NOT OLD.payload_canonical OR NEW.payload_hash IS NOT OLD.payload_hash
    OR NEW.policy_version IS NOT OLD.policy_version OR NEW.policy IS NOT OLD.policy OR NEW.required IS NOT OLD.required
    OR NEW.approve_by IS NOT OLD.approve_by OR NEW.execute_within_ms IS NOT OLD.execute_within_ms
    OR NEW.step_up IS NOT OLD.step_up OR NEW.created_at IS NOT OLD.created_at
    OR NEW.debit_account_id IS NOT OLD.debit_account_id OR NEW.credit_account_id IS NOT OLD.credit_account_id
    OR NEW.amount_minor IS NOT OLD.amount_minor OR NEW.fee_minor IS NOT OLD.fee_minor OR NEW.currency IS NOT OLD.currency
    OR NEW.destination_id IS NOT OLD.destination_id OR NEW.destination_version IS NOT OLD.destination_version;
  SELECT RAISE(ABORT, 'approval_requests: no such transition') WHERE NOT EXISTS (SELECT 1 FROM approval_transitions t
      WHERE t.from_state = OLD.state AND t.to_state = NEW.state)
    AND NOT (OLD.state = 'executing' AND NEW.state = 'executing');
  SELECT RAISE(ABORT, 'approval_requests: time does not go back') WHERE NEW.changed_at < OLD.changed_at;
  SELECT RAISE(ABORT, 'approval_requests: the clock is wrong') FROM money_clock
    WHERE abs(NEW.changed_at - CAST(strftime('%s', 'now') AS INTEGER) * 1000) > max_skew_ms;
  SELECT RAISE(ABORT, 'approval_requests: versions count') WHERE NEW.row_version <> OLD.row_version + (NEW.state <> OLD.state);
  SELECT RAISE(ABORT, 'approval_requests: approvals are those there are') WHERE NEW.approvals <> (
    SELECT count(DISTINCT d.principal_id) FROM approval_decisions d WHERE d.tenant_id = OLD.tenant_id AND d.request_id = OLD.id
      AND d.verdict = 'approve' AND d.payload_hash = OLD.payload_hash);
  SELECT RAISE(ABORT, 'approval_requests: not enough approvals') WHERE OLD.state = 'pending' AND NEW.state = 'approved'
    AND (NEW.approvals < OLD.required OR NEW.changed_at >= OLD.approve_by
      OR NEW.execute_by IS NOT NEW.changed_at + OLD.execute_within_ms);
  SELECT RAISE(ABORT, 'approval_requests: rejected') WHERE NEW.state IN ('approved', 'executing', 'executed')
    AND EXISTS (SELECT 1 FROM approval_decisions d WHERE d.tenant_id = OLD.tenant_id AND d.request_id = OLD.id AND d.verdict = 'reject');
  SELECT RAISE(ABORT, 'approval_requests: nobody rejected it') WHERE NEW.state = 'rejected'
    AND NOT EXISTS (SELECT 1 FROM approval_decisions d WHERE d.tenant_id = OLD.tenant_id AND d.request_id = OLD.id AND d.verdict = 'reject');
  SELECT RAISE(ABORT, 'approval_requests: somebody cancels') WHERE NEW.state = 'cancelled' AND NOT EXISTS (
    SELECT 1 FROM members m WHERE m.tenant_id = OLD.tenant_id AND m.id = NEW.changed_by);
  SELECT RAISE(ABORT, 'approval_requests: there is still time') WHERE NEW.state = 'expired'
    AND NEW.changed_at < CASE OLD.state WHEN 'pending' THEN OLD.approve_by ELSE OLD.execute_by END;
  SELECT RAISE(ABORT, 'approval_requests: the deadline is set once') WHERE NEW.execute_by IS NOT OLD.execute_by
    AND NOT (OLD.state = 'pending' AND NEW.state = 'approved');
  SELECT RAISE(ABORT, 'approval_requests: nobody claimed it') WHERE NEW.state = 'executing' AND NOT EXISTS (
    SELECT 1 FROM approval_executions e WHERE e.tenant_id = OLD.tenant_id AND e.request_id = OLD.id);
  SELECT RAISE(ABORT, 'approval_requests: a lease is taken over when it ran out, or kept') WHERE OLD.state = 'executing' AND NEW.state = 'executing'
    AND (NEW.lease IS NULL OR NEW.lease_until IS NULL OR NEW.lease_until <= NEW.changed_at
      OR NEW.lease IS NOT OLD.lease AND NEW.changed_at < OLD.lease_until);
  SELECT RAISE(ABORT, 'approval_requests: only what happens has a lease') WHERE NEW.state NOT IN ('executing', 'executed', 'failed')
    AND (NEW.lease IS NOT NULL OR NEW.lease_until IS NOT NULL);
  SELECT RAISE(ABORT, 'approval_requests: it did not happen') WHERE NEW.state = 'executed' AND (
    OLD.kind = 'policy_change' AND NOT EXISTS (SELECT 1 FROM approval_policies p WHERE p.tenant_id = OLD.tenant_id AND p.approval_id = OLD.id)
    OR OLD.kind = 'payout_destination' AND NOT EXISTS (SELECT 1 FROM payout_destination_versions v
      WHERE v.tenant_id = OLD.tenant_id AND v.approval_id = OLD.id));
END;
CREATE TRIGGER approval_requests_settle AFTER UPDATE ON approval_requests
WHEN NEW.state <> OLD.state AND NEW.state NOT IN ('approved', 'executing')
BEGIN
  INSERT INTO wallet_transfers (id, tenant_id, currency, kind, phase, debit_account_id, credit_account_id, amount_minor,
    pending_id, approval_id, made_by, created_at)
  SELECT NEW.closing_id, NEW.tenant_id, NEW.currency, NEW.kind,
    CASE WHEN NEW.kind = 'adjustment' THEN 'single' WHEN NEW.state = 'executed' THEN 'post' ELSE 'void' END,
    NEW.debit_account_id, NEW.credit_account_id, NEW.amount_minor,
    CASE NEW.kind WHEN 'withdrawal' THEN NEW.id END, NEW.id, NEW.initiator_id, NEW.changed_at
  WHERE NEW.kind = 'withdrawal' OR NEW.kind = 'adjustment' AND NEW.state = 'executed';
  SELECT RAISE(ABORT, 'approval_requests: nothing was settled')
  WHERE (NEW.kind = 'withdrawal' OR NEW.kind = 'adjustment' AND NEW.state = 'executed') AND NOT EXISTS (
    SELECT 1 FROM wallet_transfers t WHERE t.tenant_id = NEW.tenant_id AND t.id = NEW.closing_id AND t.approval_id = NEW.id
      AND t.phase = CASE WHEN NEW.kind = 'adjustment' THEN 'single' WHEN NEW.state = 'executed' THEN 'post' ELSE 'void' END);
  INSERT INTO payouts (request_id, tenant_id, destination_id, destination_version, currency, amount_minor, fee_minor, state,
    next_at, created_at, changed_at)
  SELECT NEW.id, NEW.tenant_id, NEW.destination_id, NEW.destination_version, NEW.currency, NEW.amount_minor, NEW.fee_minor,
    'queued', NEW.changed_at, NEW.changed_at, NEW.changed_at
  WHERE NEW.kind = 'withdrawal' AND NEW.state = 'executed';
  SELECT RAISE(ABORT, 'approval_requests: no payout') WHERE NEW.kind = 'withdrawal' AND NEW.state = 'executed'
    AND NOT EXISTS (SELECT 1 FROM payouts p WHERE p.tenant_id = NEW.tenant_id AND p.request_id = NEW.id);
  -- A destination counts from a day after two people agreed on it.
  UPDATE payout_destinations SET version = v.version, usable_at = NEW.changed_at + 86400000
  FROM payout_destination_versions v
  WHERE NEW.kind = 'payout_destination' AND NEW.state = 'executed' AND v.tenant_id = NEW.tenant_id AND v.approval_id = NEW.id
    AND payout_destinations.tenant_id = v.tenant_id AND payout_destinations.id = v.destination_id;
END;
CREATE TRIGGER approval_requests_no_delete BEFORE DELETE ON approval_requests
BEGIN SELECT RAISE(ABORT, 'approval_requests is append-only'); END;

-- ── Decisions and executions ───────────────────────────────────────────────────────────────────

CREATE TRIGGER approval_decisions_guard BEFORE INSERT ON approval_decisions
BEGIN
  SELECT RAISE(ABORT, 'approval_decisions is append-only') WHERE EXISTS (SELECT 1 FROM approval_decisions d
    WHERE d.id = NEW.id OR d.tenant_id = NEW.tenant_id AND (d.step_up = NEW.step_up
      OR d.request_id = NEW.request_id AND (d.approver_id = NEW.approver_id OR d.principal_id = NEW.principal_id)));
  SELECT RAISE(ABORT, 'approval_decisions: the second factor was used') WHERE EXISTS (SELECT 1 FROM approval_requests r
    WHERE r.tenant_id = NEW.tenant_id AND r.step_up = NEW.step_up);
  SELECT RAISE(ABORT, 'approval_decisions: whoever asked does not decide') WHERE EXISTS (SELECT 1 FROM approval_requests r
    WHERE r.id = NEW.request_id AND r.initiator_id IN (NEW.approver_id, NEW.principal_id));
  SELECT RAISE(ABORT, 'approval_decisions: not what is asked') WHERE NOT EXISTS (SELECT 1 FROM approval_requests r
    WHERE r.tenant_id = NEW.tenant_id AND r.id = NEW.request_id AND r.initiator_id = NEW.initiator_id
      AND r.payload_hash = NEW.payload_hash AND r.row_version = NEW.seen_version);
  SELECT RAISE(ABORT, 'approval_decisions: closed') WHERE NOT EXISTS (SELECT 1 FROM approval_requests r
    WHERE r.tenant_id = NEW.tenant_id AND r.id = NEW.request_id AND r.state = 'pending'
      AND NEW.decided_at < r.approve_by AND NEW.decided_at >= r.created_at);
  SELECT RAISE(ABORT, 'approval_decisions: no such member') WHERE NOT EXISTS (
    SELECT 1 FROM members m WHERE m.tenant_id = NEW.tenant_id AND m.id = NEW.approver_id AND m.ended_at IS NULL);
  -- One person with two memberships can't be: a person is a member once. But one can be asked to stand for another.
  SELECT RAISE(ABORT, 'approval_decisions: nobody decides for another') WHERE NEW.principal_id IS NOT NEW.approver_id;
  SELECT RAISE(ABORT, 'approval_decisions: the clock is wrong') FROM money_clock
    WHERE abs(NEW.decided_at - CAST(strftime('%s', 'now') AS INTEGER) * 1000) > max_skew_ms;
END;
CREATE TRIGGER approval_decisions_count AFTER INSERT ON approval_decisions
BEGIN
  UPDATE approval_requests SET approvals = approvals + 1, changed_at = max(changed_at, NEW.decided_at), changed_by = NEW.approver_id,
    state = CASE WHEN approvals + 1 >= required THEN 'approved' ELSE state END,
    row_version = row_version + (approvals + 1 >= required),
    execute_by = CASE WHEN approvals + 1 >= required THEN max(changed_at, NEW.decided_at) + execute_within_ms END
  WHERE NEW.verdict = 'approve' AND tenant_id = NEW.tenant_id AND id = NEW.request_id;
  UPDATE approval_requests SET state = 'rejected', outcome = NEW.reason, closing_id = NEW.closing_id,
    changed_at = max(changed_at, NEW.decided_at), changed_by = NEW.approver_id, row_version = row_version + 1
  WHERE NEW.verdict = 'reject' AND tenant_id = NEW.tenant_id AND id = NEW.request_id;
  SELECT RAISE(ABORT, 'approval_decisions: it does not count') WHERE NOT EXISTS (SELECT 1 FROM approval_requests r
    WHERE r.tenant_id = NEW.tenant_id AND r.id = NEW.request_id AND CASE NEW.verdict WHEN 'reject' THEN r.state = 'rejected'
      ELSE r.state IN ('pending', 'approved') AND (r.approvals >= r.required) = (r.state = 'approved')
        AND r.approvals = (SELECT count(*) FROM approval_decisions d WHERE d.tenant_id = r.tenant_id AND d.request_id = r.id) END);
END;
CREATE TRIGGER approval_decisions_no_update BEFORE UPDATE ON approval_decisions
BEGIN SELECT RAISE(ABORT, 'approval_decisions is append-only'); END;
CREATE TRIGGER approval_decisions_no_delete BEFORE DELETE ON approval_decisions
BEGIN SELECT RAISE(ABORT, 'approval_decisions is append-only'); END;

CREATE TRIGGER approval_executions_guard BEFORE INSERT ON approval_executions
BEGIN
  SELECT RAISE(ABORT, 'approval_executions is append-only')
  WHERE EXISTS (SELECT 1 FROM approval_executions e WHERE e.request_id = NEW.request_id);
  SELECT RAISE(ABORT, 'approval_executions: not approved, or too late') WHERE NOT EXISTS (SELECT 1 FROM approval_requests r
    WHERE r.tenant_id = NEW.tenant_id AND r.id = NEW.request_id AND r.state = 'approved' AND r.approvals >= r.required
      AND NEW.claimed_at < r.execute_by AND NEW.lease_until > NEW.claimed_at);
  SELECT RAISE(ABORT, 'approval_executions: the destination has changed') WHERE EXISTS (SELECT 1 FROM approval_requests r
    JOIN payout_destinations d ON d.tenant_id = r.tenant_id AND d.id = r.destination_id
    WHERE r.tenant_id = NEW.tenant_id AND r.id = NEW.request_id
      AND (d.version <> r.destination_version OR d.retired_at IS NOT NULL));
END;
CREATE TRIGGER approval_executions_claim AFTER INSERT ON approval_executions
BEGIN
  UPDATE approval_requests SET state = 'executing', lease = NEW.lease, lease_until = NEW.lease_until,
    changed_at = max(changed_at, NEW.claimed_at), changed_by = NULL, row_version = row_version + 1
  WHERE tenant_id = NEW.tenant_id AND id = NEW.request_id;
  SELECT RAISE(ABORT, 'approval_executions: not claimed') WHERE NOT EXISTS (SELECT 1 FROM approval_requests r
    WHERE r.tenant_id = NEW.tenant_id AND r.id = NEW.request_id AND r.state = 'executing' AND r.lease = NEW.lease);
END;
CREATE TRIGGER approval_executions_no_update BEFORE UPDATE ON approval_executions
BEGIN SELECT RAISE(ABORT, 'approval_executions is append-only'); END;
CREATE TRIGGER approval_executions_no_delete BEFORE DELETE ON approval_executions
BEGIN SELECT RAISE(ABORT, 'approval_executions is append-only'); END;

-- ── Policies and destinations ──────────────────────────────────────────────────────────────────

CREATE TRIGGER approval_policies_guard BEFORE INSERT ON approval_policies
BEGIN
  SELECT RAISE(ABORT, 'approval_policies is append-only') WHERE EXISTS (SELECT 1 FROM approval_policies p
    WHERE p.id = NEW.id OR p.tenant_id = NEW.tenant_id
      AND (p.approval_id = NEW.approval_id OR p.kind = NEW.kind AND p.version = NEW.version));
  SELECT RAISE(ABORT, 'approval_policies: versions count') WHERE NEW.version <> 1 + (
    SELECT coalesce(max(p.version), 0) FROM approval_policies p WHERE p.tenant_id = NEW.tenant_id AND p.kind = NEW.kind);
  SELECT RAISE(ABORT, 'approval_policies: not what was approved') WHERE NOT EXISTS (SELECT 1 FROM approval_requests r
    WHERE r.tenant_id = NEW.tenant_id AND r.id = NEW.approval_id AND r.kind = 'policy_change' AND r.state = 'executing'
      AND json_extract(r.payload_canonical, '$.of') IS NEW.kind
      AND json_extract(r.payload_canonical, '$.rules') IS json(NEW.rules));
END;
CREATE TRIGGER approval_policies_no_update BEFORE UPDATE ON approval_policies
BEGIN SELECT RAISE(ABORT, 'approval_policies is append-only'); END;
CREATE TRIGGER approval_policies_no_delete BEFORE DELETE ON approval_policies
BEGIN SELECT RAISE(ABORT, 'approval_policies is append-only'); END;

CREATE TRIGGER payout_destinations_guard BEFORE INSERT ON payout_destinations
BEGIN
  SELECT RAISE(ABORT, 'payout_destinations: exists') WHERE EXISTS (SELECT 1 FROM payout_destinations WHERE id = NEW.id);
  SELECT RAISE(ABORT, 'payout_destinations: no such member') WHERE NOT EXISTS (SELECT 1 FROM members m
    WHERE m.tenant_id = NEW.tenant_id AND m.id = NEW.created_by);
  SELECT RAISE(ABORT, 'payout_destinations: two people agree first') WHERE NEW.version <> 0 OR NEW.usable_at IS NOT NULL
    OR NEW.retired_at IS NOT NULL;
END;
CREATE TRIGGER payout_destinations_change BEFORE UPDATE ON payout_destinations
BEGIN
  SELECT RAISE(ABORT, 'payout_destinations: a destination stays what it is') WHERE NEW.id IS NOT OLD.id
    OR NEW.tenant_id IS NOT OLD.tenant_id OR NEW.currency IS NOT OLD.currency OR NEW.label IS NOT OLD.label
    OR NEW.created_by IS NOT OLD.created_by OR NEW.created_at IS NOT OLD.created_at
    OR OLD.retired_at IS NOT NULL;
  SELECT RAISE(ABORT, 'payout_destinations: two people agree first')
  WHERE (NEW.version IS NOT OLD.version OR NEW.usable_at IS NOT OLD.usable_at) AND NOT (NEW.version > OLD.version AND EXISTS (
    SELECT 1 FROM payout_destination_versions v JOIN approval_requests r ON r.tenant_id = v.tenant_id AND r.id = v.approval_id
    WHERE v.tenant_id = OLD.tenant_id AND v.destination_id = OLD.id AND v.version = NEW.version AND r.state = 'executed'
      AND NEW.usable_at = r.changed_at + 86400000));
END;
CREATE TRIGGER payout_destinations_no_delete BEFORE DELETE ON payout_destinations
BEGIN SELECT RAISE(ABORT, 'payout_destinations is append-only'); END;

CREATE TRIGGER payout_destination_versions_guard BEFORE INSERT ON payout_destination_versions
BEGIN
  SELECT RAISE(ABORT, 'payout_destination_versions is append-only') WHERE EXISTS (SELECT 1 FROM payout_destination_versions v
    WHERE v.id = NEW.id OR v.tenant_id = NEW.tenant_id
      AND (v.approval_id = NEW.approval_id OR v.destination_id = NEW.destination_id AND v.version = NEW.version));
  SELECT RAISE(ABORT, 'payout_destination_versions: versions count') WHERE NEW.version <> 1 + (
    SELECT coalesce(max(v.version), 0) FROM payout_destination_versions v
    WHERE v.tenant_id = NEW.tenant_id AND v.destination_id = NEW.destination_id);
  SELECT RAISE(ABORT, 'payout_destination_versions: no such destination') WHERE NOT EXISTS (SELECT 1 FROM payout_destinations d
    WHERE d.tenant_id = NEW.tenant_id AND d.id = NEW.destination_id AND d.retired_at IS NULL);
  SELECT RAISE(ABORT, 'payout_destination_versions: not what is asked') WHERE NOT EXISTS (SELECT 1 FROM approval_requests r
    WHERE r.tenant_id = NEW.tenant_id AND r.id = NEW.approval_id AND r.kind = 'payout_destination' AND r.state = 'pending'
      AND r.approvals = 0 AND r.subject = 'dst_' || lower(hex(NEW.destination_id))
      AND json_extract(r.payload_canonical, '$.version') IS NEW.version
      AND json_extract(r.payload_canonical, '$.method') IS NEW.method
      AND json_extract(r.payload_canonical, '$.masked') IS NEW.masked
      AND json_extract(r.payload_canonical, '$.details') IS 'dstv_' || lower(hex(NEW.id)));
END;
-- Only a rotation writes here, and only the same words under a newer key.
CREATE TRIGGER payout_destination_versions_one_column BEFORE UPDATE OF id, tenant_id, destination_id, version, method, masked,
  beneficiary_id, approval_id, created_at ON payout_destination_versions
BEGIN SELECT RAISE(ABORT, 'payout_destination_versions is append-only'); END;
CREATE TRIGGER payout_destination_versions_no_delete BEFORE DELETE ON payout_destination_versions
BEGIN SELECT RAISE(ABORT, 'payout_destination_versions is append-only'); END;

-- ── Payouts ────────────────────────────────────────────────────────────────────────────────────

CREATE TRIGGER payouts_guard BEFORE INSERT ON payouts
BEGIN
  SELECT RAISE(ABORT, 'payouts: paid once') WHERE EXISTS (SELECT 1 FROM payouts p WHERE p.request_id = NEW.request_id);
  SELECT RAISE(ABORT, 'payouts: a payout starts queued') WHERE NEW.state IS NOT 'queued' OR NEW.row_version <> 1
    OR NEW.fee_id IS NOT NULL OR NEW.reversal_id IS NOT NULL OR NEW.lease IS NOT NULL OR NEW.polls <> 0
    OR NEW.provider IS NOT NULL OR NEW.provider_reference IS NOT NULL;
  SELECT RAISE(ABORT, 'payouts: not what was approved') WHERE NOT EXISTS (SELECT 1 FROM approval_requests r
    WHERE r.tenant_id = NEW.tenant_id AND r.id = NEW.request_id AND r.kind = 'withdrawal' AND r.state = 'executed'
      AND r.amount_minor = NEW.amount_minor AND r.fee_minor = NEW.fee_minor AND r.currency = NEW.currency
      AND r.destination_id = NEW.destination_id AND r.destination_version = NEW.destination_version);
END;
CREATE TRIGGER payouts_begin AFTER INSERT ON payouts
BEGIN
  INSERT INTO payout_events (tenant_id, payout_id, seq, from_state, to_state, note, at)
  VALUES (NEW.tenant_id, NEW.request_id, NEW.row_version, NULL, NEW.state, NEW.note, NEW.changed_at);
END;
CREATE TRIGGER payouts_change BEFORE UPDATE ON payouts
BEGIN
  SELECT RAISE(ABORT, 'payouts: what was approved stays as it is') WHERE NEW.request_id IS NOT OLD.request_id
    OR NEW.tenant_id IS NOT OLD.tenant_id OR NEW.destination_id IS NOT OLD.destination_id
    OR NEW.destination_version IS NOT OLD.destination_version OR NEW.currency IS NOT OLD.currency
    OR NEW.amount_minor IS NOT OLD.amount_minor OR NEW.fee_minor IS NOT OLD.fee_minor OR NEW.created_at IS NOT OLD.created_at;
  SELECT RAISE(ABORT, 'payouts: no such transition') WHERE NEW.state <> OLD.state AND NOT EXISTS (
    SELECT 1 FROM payout_transitions t WHERE t.from_state = OLD.state AND t.to_state = NEW.state);
  SELECT RAISE(ABORT, 'payouts: over') WHERE OLD.state IN ('failed', 'returned') OR OLD.state = 'paid' AND NEW.state = 'paid';
  SELECT RAISE(ABORT, 'payouts: versions count') WHERE NEW.row_version <> OLD.row_version + (NEW.state <> OLD.state);
  SELECT RAISE(ABORT, 'payouts: time does not go back') WHERE NEW.changed_at < OLD.changed_at;
  SELECT RAISE(ABORT, 'payouts: one provider, asked before it is told') WHERE OLD.provider IS NOT NULL AND NEW.provider IS NOT OLD.provider
    OR OLD.provider_reference IS NOT NULL AND NEW.provider_reference IS NOT OLD.provider_reference
    OR NEW.state <> 'queued' AND NEW.provider IS NULL;
  SELECT RAISE(ABORT, 'payouts: transfers are named once') WHERE OLD.fee_id IS NOT NULL AND NEW.fee_id IS NOT OLD.fee_id
    OR OLD.reversal_id IS NOT NULL AND NEW.reversal_id IS NOT OLD.reversal_id;
END;
CREATE TRIGGER payouts_settle AFTER UPDATE ON payouts WHEN NEW.state <> OLD.state
BEGIN
  INSERT INTO payout_events (tenant_id, payout_id, seq, from_state, to_state, provider_reference, note, at)
  VALUES (NEW.tenant_id, NEW.request_id, NEW.row_version, OLD.state, NEW.state, NEW.provider_reference, NEW.note, NEW.changed_at);
  INSERT INTO wallet_transfers (id, tenant_id, currency, kind, phase, debit_account_id, credit_account_id, amount_minor,
    payout_id, created_at)
  SELECT NEW.fee_id, NEW.tenant_id, NEW.currency, 'platform_fee', 'single', r.credit_account_id, f.id, NEW.fee_minor,
    NEW.request_id, NEW.changed_at
  FROM approval_requests r JOIN wallet_accounts f ON f.tenant_id = r.tenant_id AND f.currency = r.currency AND f.kind = 'fees'
  WHERE r.tenant_id = NEW.tenant_id AND r.id = NEW.request_id AND NEW.state = 'paid' AND NEW.fee_minor > 0;
  INSERT INTO wallet_transfers (id, tenant_id, currency, kind, phase, debit_account_id, credit_account_id, amount_minor,
    payout_id, memo, created_at)
  SELECT NEW.reversal_id, NEW.tenant_id, NEW.currency, 'reversal', 'single', r.credit_account_id, r.debit_account_id,
    NEW.amount_minor - CASE NEW.state WHEN 'returned' THEN NEW.fee_minor ELSE 0 END, NEW.request_id, NEW.note, NEW.changed_at
  FROM approval_requests r
  WHERE r.tenant_id = NEW.tenant_id AND r.id = NEW.request_id AND NEW.state IN ('failed', 'returned');
  SELECT RAISE(ABORT, 'payouts: the money did not follow') WHERE NOT EXISTS (SELECT 1 FROM payout_events e
      WHERE e.tenant_id = NEW.tenant_id AND e.payout_id = NEW.request_id AND e.seq = NEW.row_version AND e.to_state = NEW.state)
    OR NEW.state = 'paid' AND NEW.fee_minor > 0 AND NOT EXISTS (SELECT 1 FROM wallet_transfers t
      WHERE t.tenant_id = NEW.tenant_id AND t.id = NEW.fee_id AND t.payout_id = NEW.request_id)
    OR NEW.state IN ('failed', 'returned') AND NOT EXISTS (SELECT 1 FROM wallet_transfers t
      WHERE t.tenant_id = NEW.tenant_id AND t.id = NEW.reversal_id AND t.payout_id = NEW.request_id AND t.kind = 'reversal');
END;
CREATE TRIGGER payouts_no_delete BEFORE DELETE ON payouts
BEGIN SELECT RAISE(ABORT, 'payouts is append-only'); END;

CREATE TRIGGER payout_events_guard BEFORE INSERT ON payout_events
BEGIN
  SELECT RAISE(ABORT, 'payout_events is append-only') WHERE EXISTS (SELECT 1 FROM payout_events e
    WHERE e.tenant_id = NEW.tenant_id AND e.payout_id = NEW.payout_id AND e.seq = NEW.seq);
  SELECT RAISE(ABORT, 'payout_events: made by payouts only') WHERE NOT EXISTS (SELECT 1 FROM payouts p
    WHERE p.tenant_id = NEW.tenant_id AND p.request_id = NEW.payout_id AND p.row_version = NEW.seq AND p.state = NEW.to_state);
END;
CREATE TRIGGER payout_events_no_update BEFORE UPDATE ON payout_events
BEGIN SELECT RAISE(ABORT, 'payout_events is append-only'); END;
CREATE TRIGGER payout_events_no_delete BEFORE DELETE ON payout_events
BEGIN SELECT RAISE(ABORT, 'payout_events is append-only'); END;

-- ── What is written once ───────────────────────────────────────────────────────────────────────

CREATE TRIGGER money_keys_guard BEFORE INSERT ON money_keys
BEGIN
  SELECT RAISE(ABORT, 'money_keys is append-only') WHERE EXISTS (SELECT 1 FROM money_keys k
    WHERE k.tenant_id = NEW.tenant_id AND k.member_id = NEW.member_id AND k.route = NEW.route AND k.key = NEW.key);
  SELECT RAISE(ABORT, 'money_keys: no such member') WHERE NOT EXISTS (SELECT 1 FROM members m
    WHERE m.tenant_id = NEW.tenant_id AND m.id = NEW.member_id);
END;
CREATE TRIGGER money_keys_no_update BEFORE UPDATE ON money_keys
BEGIN SELECT RAISE(ABORT, 'money_keys is append-only'); END;
CREATE TRIGGER money_keys_no_delete BEFORE DELETE ON money_keys
BEGIN SELECT RAISE(ABORT, 'money_keys is append-only'); END;
CREATE TRIGGER approval_transitions_no_insert BEFORE INSERT ON approval_transitions
BEGIN SELECT RAISE(ABORT, 'approval_transitions is fixed'); END;
CREATE TRIGGER approval_transitions_no_update BEFORE UPDATE ON approval_transitions
BEGIN SELECT RAISE(ABORT, 'approval_transitions is fixed'); END;
CREATE TRIGGER approval_transitions_no_delete BEFORE DELETE ON approval_transitions
BEGIN SELECT RAISE(ABORT, 'approval_transitions is fixed'); END;
CREATE TRIGGER payout_transitions_no_insert BEFORE INSERT ON payout_transitions
BEGIN SELECT RAISE(ABORT, 'payout_transitions is fixed'); END;
CREATE TRIGGER payout_transitions_no_update BEFORE UPDATE ON payout_transitions
BEGIN SELECT RAISE(ABORT, 'payout_transitions is fixed'); END;
CREATE TRIGGER payout_transitions_no_delete BEFORE DELETE ON payout_transitions
BEGIN SELECT RAISE(ABORT, 'payout_transitions is fixed'); END;
CREATE TRIGGER money_clock_one_row BEFORE INSERT ON money_clock
BEGIN SELECT RAISE(ABORT, 'money_clock has one row'); END;
CREATE TRIGGER money_clock_no_delete BEFORE DELETE ON money_clock
BEGIN SELECT RAISE(ABORT, 'money_clock has one row'); END;

-- ── Since when ─────────────────────────────────────────────────────────────────────────────────

-- A scope that a role got later is no older than that: whoever approves has had it since before the request.
ALTER TABLE role_scopes ADD COLUMN added_at INTEGER NOT NULL DEFAULT 0;
-- What was done with one thing or to one person.
CREATE INDEX audit_events_by_subject ON audit_events (tenant_id, subject, seq);
