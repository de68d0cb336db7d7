-- The wallet, payouts and four eyes. What one person must not be able to do alone is refused by the tables themselves, from
-- the serving role too: it has no grant for what only triggers do, and those run as the owner of the tables, who is bound by the
-- same fence. Deadlines compare the instant that was handed in; money_clock bounds how far that may be from the server's.
-- Locks are taken in one order: the request, then the accounts by id.

CREATE TABLE money_clock (
  id          BIGINT PRIMARY KEY CHECK (id = 1),
  -- Empty: any. A demo moves its clock, and tests stand still.
  max_skew_ms BIGINT CHECK (max_skew_ms > 0)
);
INSERT INTO money_clock (id, max_skew_ms) VALUES (1, 300000);

-- ── Accounts, transfers, entries ───────────────────────────────────────────────────────────────

CREATE TABLE wallet_accounts (
  id              UUID NOT NULL PRIMARY KEY,
  tenant_id       UUID NOT NULL REFERENCES tenants (id),
  kind            TEXT NOT NULL CHECK (kind IN ('wallet', 'clearing', 'payments', 'fees', 'adjustments')),
  currency        TEXT NOT NULL CHECK (length(currency) = 3),
  -- How many entries it has. It and the sums below are those of its newest entry.
  entries         BIGINT NOT NULL DEFAULT 0 CHECK (entries >= 0),
  debits_pending  BIGINT NOT NULL DEFAULT 0 CHECK (debits_pending >= 0),
  debits_posted   BIGINT NOT NULL DEFAULT 0 CHECK (debits_posted >= 0),
  credits_pending BIGINT NOT NULL DEFAULT 0 CHECK (credits_pending >= 0),
  credits_posted  BIGINT NOT NULL DEFAULT 0 CHECK (credits_posted >= 0),
  created_at      BIGINT NOT NULL,
  UNIQUE (tenant_id, id),
  UNIQUE (tenant_id, id, currency),
  UNIQUE (tenant_id, currency, kind),
  -- What is held counts at once. Payments and adjustments stand for the world outside.
  CHECK (kind IN ('payments', 'adjustments') OR debits_pending + debits_posted <= credits_posted)
);

CREATE TABLE wallet_transfers (
  id                UUID NOT NULL PRIMARY KEY,
  tenant_id         UUID NOT NULL REFERENCES tenants (id),
  currency          TEXT NOT NULL,
  kind              TEXT NOT NULL CHECK (kind IN ('credit', 'refund', 'platform_fee', 'adjustment', 'withdrawal', 'reversal')),
  phase             TEXT NOT NULL CHECK (phase IN ('single', 'pending', 'post', 'void')),
  debit_account_id  UUID NOT NULL,
  credit_account_id UUID NOT NULL,
  amount_minor      BIGINT NOT NULL CHECK (amount_minor > 0),
  -- The hold that is posted or given back.
  pending_id        UUID,
  approval_id       UUID,
  payout_id         UUID,
  -- What it is for, by whoever brought it: it moves money once.
  reference         TEXT CHECK (length(reference) BETWEEN 1 AND 200),
  memo              TEXT NOT NULL DEFAULT '' CHECK (length(memo) <= 500),
  made_by           UUID,
  created_at        BIGINT NOT NULL,
  UNIQUE (tenant_id, id),
  CHECK (debit_account_id <> credit_account_id),
  CHECK ((kind = 'withdrawal') = (phase <> 'single')),
  CHECK ((phase IN ('post', 'void')) = (pending_id IS NOT NULL)),
  CHECK ((kind IN ('withdrawal', 'adjustment')) = (approval_id IS NOT NULL)),
  CHECK (CASE kind WHEN 'reversal' THEN payout_id IS NOT NULL WHEN 'platform_fee' THEN true ELSE payout_id IS NULL END),
  CHECK ((kind IN ('credit', 'refund', 'platform_fee') AND payout_id IS NULL) = (reference IS NOT NULL)),
  FOREIGN KEY (tenant_id, debit_account_id, currency) REFERENCES wallet_accounts (tenant_id, id, currency),
  FOREIGN KEY (tenant_id, credit_account_id, currency) REFERENCES wallet_accounts (tenant_id, id, currency),
  FOREIGN KEY (tenant_id, pending_id) REFERENCES wallet_transfers (tenant_id, id),
  FOREIGN KEY (tenant_id, made_by) REFERENCES members (tenant_id, id)
);
CREATE UNIQUE INDEX wallet_transfers_settled_once ON wallet_transfers (tenant_id, pending_id) WHERE pending_id IS NOT NULL;
CREATE UNIQUE INDEX wallet_transfers_held_once ON wallet_transfers (tenant_id, approval_id) WHERE phase = 'pending';
CREATE UNIQUE INDEX wallet_transfers_adjusted_once ON wallet_transfers (tenant_id, approval_id) WHERE kind = 'adjustment';
CREATE UNIQUE INDEX wallet_transfers_for_payout ON wallet_transfers (tenant_id, payout_id, kind) WHERE payout_id IS NOT NULL;
CREATE UNIQUE INDEX wallet_transfers_by_reference ON wallet_transfers (tenant_id, kind, reference) WHERE reference IS NOT NULL;

-- Both sides of every transfer, counted in each account, with the account's sums after it.
CREATE TABLE wallet_entries (
  tenant_id       UUID NOT NULL,
  account_id      UUID NOT NULL,
  seq             BIGINT NOT NULL CHECK (seq > 0),
  transfer_id     UUID NOT NULL,
  side            TEXT NOT NULL CHECK (side IN ('debit', 'credit')),
  debits_pending  BIGINT NOT NULL,
  debits_posted   BIGINT NOT NULL,
  credits_pending BIGINT NOT NULL,
  credits_posted  BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, account_id, seq),
  UNIQUE (tenant_id, transfer_id, side),
  FOREIGN KEY (tenant_id, account_id) REFERENCES wallet_accounts (tenant_id, id),
  FOREIGN KEY (tenant_id, transfer_id) REFERENCES wallet_transfers (tenant_id, id)
);

-- ── Where money may be paid out to ─────────────────────────────────────────────────────────────

CREATE TABLE payout_destinations (
  id         UUID NOT NULL PRIMARY KEY,
  tenant_id  UUID NOT NULL REFERENCES tenants (id),
  label      TEXT NOT NULL CHECK (length(label) BETWEEN 1 AND 60),
  currency   TEXT NOT NULL CHECK (length(currency) = 3),
  -- The newest version that two people agreed on; 0 before.
  version    BIGINT NOT NULL DEFAULT 0,
  -- Not before this, a day after the agreement.
  usable_at  BIGINT,
  retired_at BIGINT,
  created_by UUID NOT NULL,
  created_at BIGINT NOT NULL,
  UNIQUE (tenant_id, id),
  UNIQUE (tenant_id, id, currency),
  FOREIGN KEY (tenant_id, created_by) REFERENCES members (tenant_id, id)
);

CREATE TABLE payout_destination_versions (
  id             UUID NOT NULL PRIMARY KEY,
  tenant_id      UUID NOT NULL,
  destination_id UUID NOT NULL,
  version        BIGINT NOT NULL CHECK (version > 0),
  method         TEXT NOT NULL CHECK (method IN ('bank', 'mpesa', 'webhook')),
  -- Encrypted: whom and where exactly.
  sealed         TEXT NOT NULL CHECK (sealed LIKE 'wk1.%'),
  -- As people see it.
  masked         TEXT NOT NULL CHECK (length(masked) BETWEEN 1 AND 120),
  -- The member whose own account it is: who gains does not approve.
  beneficiary_id UUID,
  approval_id    UUID NOT NULL,
  created_at     BIGINT NOT NULL,
  UNIQUE (tenant_id, id),
  UNIQUE (tenant_id, destination_id, version),
  UNIQUE (tenant_id, approval_id),
  FOREIGN KEY (tenant_id, destination_id) REFERENCES payout_destinations (tenant_id, id),
  FOREIGN KEY (tenant_id, beneficiary_id) REFERENCES members (tenant_id, id)
);

-- ── Approvals ──────────────────────────────────────────────────────────────────────────────────

CREATE TABLE approval_transitions (
  from_state TEXT NOT NULL,
  to_state   TEXT NOT NULL,
  PRIMARY KEY (from_state, to_state)
);
INSERT INTO approval_transitions (from_state, to_state) VALUES
  ('pending', 'pending'), ('pending', 'approved'), ('pending', 'rejected'), ('pending', 'cancelled'), ('pending', 'expired'),
  ('pending', 'invalidated'), ('approved', 'executing'), ('approved', 'cancelled'), ('approved', 'expired'),
  ('approved', 'invalidated'), ('executing', 'executed'), ('executing', 'failed');

CREATE TABLE approval_requests (
  id                  UUID NOT NULL PRIMARY KEY,
  tenant_id           UUID NOT NULL REFERENCES tenants (id),
  kind                TEXT NOT NULL CHECK (kind IN ('withdrawal', 'adjustment', 'sensitive_deletion', 'role_change',
                                                    'key_rotation', 'payout_destination', 'policy_change')),
  subject             TEXT NOT NULL CHECK (length(subject) BETWEEN 1 AND 200),
  subject_version     BIGINT NOT NULL,
  initiator_id        UUID NOT NULL,
  -- Exactly what is approved: JSON with sorted keys, and its SHA-256 in hexadecimal.
  payload_canonical   TEXT NOT NULL CHECK (jsonb_typeof(payload_canonical::jsonb) = 'object'),
  payload_hash        TEXT NOT NULL CONSTRAINT payload_hash_fits CHECK (payload_hash = encode(sha256(convert_to(payload_canonical, 'UTF8')), 'hex')),
  -- The policy as it was; 0: the one that comes with the program.
  policy_version      BIGINT NOT NULL CHECK (policy_version >= 0),
  policy              TEXT NOT NULL CHECK (jsonb_typeof(policy::jsonb) = 'object'),
  required            BIGINT NOT NULL CHECK (required BETWEEN 1 AND 5),
  approve_by          BIGINT NOT NULL,
  execute_within_ms   BIGINT NOT NULL CHECK (execute_within_ms > 0),
  -- What the second factor was shown for; used once.
  step_up             TEXT NOT NULL CHECK (length(step_up) = 64),
  state               TEXT NOT NULL CHECK (state IN ('pending', 'approved', 'executing', 'executed', 'failed', 'rejected',
                                                     'cancelled', 'expired', 'invalidated')),
  approvals           BIGINT NOT NULL DEFAULT 0,
  execute_by          BIGINT,
  -- Why it ended, where there is something to say.
  outcome             TEXT CHECK (length(outcome) BETWEEN 1 AND 500),
  row_version         BIGINT NOT NULL DEFAULT 1,
  lease               UUID,
  lease_until         BIGINT,
  created_at          BIGINT NOT NULL,
  changed_at          BIGINT NOT NULL,
  changed_by          UUID,
  -- Where money moves. A hold has the request's own id; closing_id is the transfer that settles it.
  debit_account_id    UUID,
  credit_account_id   UUID,
  amount_minor        BIGINT CHECK (amount_minor > 0),
  fee_minor           BIGINT CHECK (fee_minor >= 0),
  currency            TEXT,
  destination_id      UUID,
  destination_version BIGINT,
  closing_id          UUID,
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
  CHECK (payload_canonical::jsonb ->> 'kind' IS NOT DISTINCT FROM kind),
  CHECK (amount_minor IS NULL OR ((payload_canonical::jsonb ->> 'amount_minor')::bigint IS NOT DISTINCT FROM amount_minor
     AND (payload_canonical::jsonb ->> 'fee_minor')::bigint IS NOT DISTINCT FROM fee_minor
     AND payload_canonical::jsonb ->> 'currency' IS NOT DISTINCT FROM currency
     AND payload_canonical::jsonb ->> 'from' IS NOT DISTINCT FROM 'acct_' || replace(debit_account_id::text, '-', '')
     AND payload_canonical::jsonb ->> 'to' IS NOT DISTINCT FROM 'acct_' || replace(credit_account_id::text, '-', ''))),
  CHECK (kind <> 'withdrawal' OR (payload_canonical::jsonb ->> 'destination' IS NOT DISTINCT FROM 'dst_' || replace(destination_id::text, '-', '')
     AND (payload_canonical::jsonb ->> 'destination_version')::bigint IS NOT DISTINCT FROM destination_version
     AND subject = 'acct_' || replace(debit_account_id::text, '-', '') || ':dst_' || replace(destination_id::text, '-', ''))),
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
);
CREATE UNIQUE INDEX approval_requests_open ON approval_requests (tenant_id, kind, subject)
  WHERE state IN ('pending', 'approved', 'executing');
CREATE INDEX approval_requests_due ON approval_requests (state, approve_by) WHERE state IN ('pending', 'approved', 'executing');
CREATE INDEX approval_requests_by_time ON approval_requests (tenant_id, created_at, id);

CREATE TABLE approval_decisions (
  id           UUID NOT NULL PRIMARY KEY,
  tenant_id    UUID NOT NULL,
  request_id   UUID NOT NULL,
  -- Copied from the request, and pinned to it.
  initiator_id UUID NOT NULL,
  payload_hash TEXT NOT NULL,
  approver_id  UUID NOT NULL,
  -- In whose name. There is no delegation: the same.
  principal_id UUID NOT NULL,
  verdict      TEXT NOT NULL CHECK (verdict IN ('approve', 'reject')),
  reason       TEXT CHECK (length(reason) BETWEEN 10 AND 500),
  -- The version of the request that was on the screen.
  seen_version BIGINT NOT NULL,
  step_up      TEXT CHECK (length(step_up) = 64),
  -- What the two had in common, such as a device: told, not refused.
  shared       TEXT NOT NULL DEFAULT '' CHECK (length(shared) <= 100),
  closing_id   UUID,
  decided_at   BIGINT NOT NULL,
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
);

CREATE TABLE approval_executions (
  request_id  UUID NOT NULL PRIMARY KEY,
  tenant_id   UUID NOT NULL,
  worker      TEXT NOT NULL CHECK (length(worker) BETWEEN 1 AND 60),
  lease       UUID NOT NULL,
  lease_until BIGINT NOT NULL,
  claimed_at  BIGINT NOT NULL,
  FOREIGN KEY (tenant_id, request_id) REFERENCES approval_requests (tenant_id, id)
);

CREATE TABLE approval_policies (
  id           UUID NOT NULL PRIMARY KEY,
  tenant_id    UUID NOT NULL REFERENCES tenants (id),
  kind         TEXT NOT NULL,
  version      BIGINT NOT NULL CHECK (version > 0),
  rules        TEXT NOT NULL CHECK (jsonb_typeof(rules::jsonb) = 'object'),
  approval_id  UUID NOT NULL,
  created_at   BIGINT NOT NULL,
  -- Later than created_at for what became looser.
  effective_at BIGINT NOT NULL,
  UNIQUE (tenant_id, id),
  UNIQUE (tenant_id, kind, version),
  UNIQUE (tenant_id, approval_id),
  CHECK (effective_at >= created_at),
  FOREIGN KEY (tenant_id, approval_id) REFERENCES approval_requests (tenant_id, id)
);

-- ── Payouts ────────────────────────────────────────────────────────────────────────────────────

CREATE TABLE payout_transitions (
  from_state TEXT NOT NULL,
  to_state   TEXT NOT NULL,
  PRIMARY KEY (from_state, to_state)
);
INSERT INTO payout_transitions (from_state, to_state) VALUES
  ('queued', 'submitted'), ('submitted', 'paid'), ('submitted', 'failed'), ('submitted', 'unknown'),
  ('unknown', 'paid'), ('unknown', 'failed'), ('paid', 'returned');

CREATE TABLE payouts (
  -- The request's id; the provider's idempotency key too.
  request_id          UUID NOT NULL PRIMARY KEY,
  tenant_id           UUID NOT NULL,
  destination_id      UUID NOT NULL,
  destination_version BIGINT NOT NULL,
  currency            TEXT NOT NULL,
  amount_minor        BIGINT NOT NULL CHECK (amount_minor > 0),
  fee_minor           BIGINT NOT NULL CHECK (fee_minor >= 0),
  state               TEXT NOT NULL CHECK (state IN ('queued', 'submitted', 'unknown', 'paid', 'failed', 'returned')),
  row_version         BIGINT NOT NULL DEFAULT 1,
  provider            TEXT CHECK (length(provider) BETWEEN 1 AND 60),
  provider_reference  TEXT CHECK (length(provider_reference) BETWEEN 1 AND 200),
  -- How often the provider was asked what became of it.
  polls               BIGINT NOT NULL DEFAULT 0 CHECK (polls >= 0),
  next_at             BIGINT NOT NULL,
  lease               UUID,
  lease_until         BIGINT,
  note                TEXT NOT NULL DEFAULT '' CHECK (length(note) <= 500),
  fee_id              UUID,
  reversal_id         UUID,
  created_at          BIGINT NOT NULL,
  changed_at          BIGINT NOT NULL,
  UNIQUE (tenant_id, request_id),
  CHECK (fee_minor < amount_minor),
  CHECK ((state IN ('paid', 'returned') AND fee_minor > 0) = (fee_id IS NOT NULL)),
  CHECK ((state IN ('failed', 'returned')) = (reversal_id IS NOT NULL)),
  FOREIGN KEY (tenant_id, request_id) REFERENCES approval_requests (tenant_id, id),
  FOREIGN KEY (tenant_id, destination_id, destination_version)
    REFERENCES payout_destination_versions (tenant_id, destination_id, version),
  FOREIGN KEY (tenant_id, fee_id) REFERENCES wallet_transfers (tenant_id, id) DEFERRABLE INITIALLY DEFERRED,
  FOREIGN KEY (tenant_id, reversal_id) REFERENCES wallet_transfers (tenant_id, id) DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX payouts_open ON payouts (next_at) WHERE state IN ('queued', 'submitted', 'unknown');

CREATE TABLE payout_events (
  tenant_id          UUID NOT NULL,
  payout_id          UUID NOT NULL,
  seq                BIGINT NOT NULL,
  from_state         TEXT,
  to_state           TEXT NOT NULL,
  provider_reference TEXT,
  note               TEXT NOT NULL,
  at                 BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, payout_id, seq),
  FOREIGN KEY (tenant_id, payout_id) REFERENCES payouts (tenant_id, request_id)
);

-- ── What was asked with money before ───────────────────────────────────────────────────────────

CREATE TABLE money_keys (
  tenant_id   UUID NOT NULL,
  member_id   UUID NOT NULL,
  route       TEXT NOT NULL CHECK (length(route) BETWEEN 1 AND 100),
  key         TEXT NOT NULL CHECK (length(key) BETWEEN 16 AND 255),
  -- SHA-256 of the canonical body.
  fingerprint TEXT NOT NULL CHECK (length(fingerprint) = 64),
  status      BIGINT NOT NULL CHECK (status BETWEEN 100 AND 599),
  response    TEXT NOT NULL,
  created_at  BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, member_id, route, key),
  FOREIGN KEY (tenant_id, member_id) REFERENCES members (tenant_id, id)
);

ALTER TABLE wallet_transfers ADD FOREIGN KEY (tenant_id, approval_id) REFERENCES approval_requests (tenant_id, id);
ALTER TABLE wallet_transfers ADD FOREIGN KEY (tenant_id, payout_id) REFERENCES payouts (tenant_id, request_id);
ALTER TABLE payout_destination_versions ADD FOREIGN KEY (tenant_id, approval_id) REFERENCES approval_requests (tenant_id, id);

-- ── Helpers ────────────────────────────────────────────────────────────────────────────────────

CREATE FUNCTION money_refuse(refused BOOLEAN, why TEXT) RETURNS void LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF refused IS NOT FALSE THEN RAISE EXCEPTION '%', why USING ERRCODE = 'integrity_constraint_violation'; END IF;
END;
$$;

-- Refuses an instant that is too far from the server's own clock.
CREATE FUNCTION money_clock_check(at BIGINT) RETURNS void LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM money_refuse(EXISTS (SELECT 1 FROM money_clock
    WHERE abs(at - (extract(epoch FROM clock_timestamp()) * 1000)::bigint) > max_skew_ms), 'the clock is wrong');
END;
$$;

CREATE FUNCTION money_id(prefix TEXT, id UUID) RETURNS TEXT LANGUAGE sql IMMUTABLE AS
  $$ SELECT prefix || replace(id::text, '-', '') $$;

-- ── Accounts only follow their entries ─────────────────────────────────────────────────────────

CREATE FUNCTION wallet_accounts_guard() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    PERFORM money_refuse(NEW.entries <> 0 OR NEW.debits_pending <> 0 OR NEW.debits_posted <> 0 OR NEW.credits_pending <> 0
      OR NEW.credits_posted <> 0, 'wallet_accounts: an account starts empty');
    RETURN NEW;
  END IF;
  PERFORM money_refuse((NEW.id, NEW.tenant_id, NEW.kind, NEW.currency, NEW.created_at)
    IS DISTINCT FROM (OLD.id, OLD.tenant_id, OLD.kind, OLD.currency, OLD.created_at),
    'wallet_accounts: an account stays what it is');
  PERFORM money_refuse(NEW.entries <> OLD.entries + 1 OR NOT EXISTS (SELECT 1 FROM wallet_entries e
    WHERE e.tenant_id = OLD.tenant_id AND e.account_id = OLD.id AND e.seq = NEW.entries
      AND e.debits_pending = NEW.debits_pending AND e.debits_posted = NEW.debits_posted
      AND e.credits_pending = NEW.credits_pending AND e.credits_posted = NEW.credits_posted),
    'wallet_accounts: balances move with transfers only');
  RETURN NEW;
END;
$$;
CREATE TRIGGER wallet_accounts_guard BEFORE INSERT OR UPDATE ON wallet_accounts
  FOR EACH ROW EXECUTE FUNCTION wallet_accounts_guard();

CREATE FUNCTION wallet_entries_guard() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM money_refuse(NOT EXISTS (
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
        THEN t.amount_minor ELSE 0 END), 'wallet_entries: made by transfers only');
  RETURN NEW;
END;
$$;
CREATE TRIGGER wallet_entries_guard BEFORE INSERT ON wallet_entries FOR EACH ROW EXECUTE FUNCTION wallet_entries_guard();

CREATE FUNCTION wallet_transfers_guard() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  -- By id, whichever way the money goes.
  PERFORM 1 FROM wallet_accounts a WHERE a.tenant_id = NEW.tenant_id AND a.id IN (NEW.debit_account_id, NEW.credit_account_id)
    ORDER BY a.id FOR UPDATE;
  -- Both accounts are this tenant's, in this currency, and of kinds that this goes between.
  PERFORM money_refuse(NOT EXISTS (
    SELECT 1 FROM wallet_accounts d JOIN wallet_accounts c ON c.tenant_id = d.tenant_id AND c.currency = d.currency
    WHERE d.id = NEW.debit_account_id AND c.id = NEW.credit_account_id AND d.tenant_id = NEW.tenant_id
      AND d.currency = NEW.currency AND NEW.kind || ' ' || d.kind || ' ' || c.kind IN ('credit payments wallet',
        'refund wallet payments', 'platform_fee wallet fees', 'platform_fee clearing fees', 'adjustment adjustments wallet',
        'adjustment wallet adjustments', 'withdrawal wallet clearing', 'reversal clearing wallet')),
    'wallet_transfers: not between these accounts');
  PERFORM money_refuse(NEW.amount_minor <= 0, 'wallet_transfers: an amount is above zero');
  PERFORM money_refuse(EXISTS (
    SELECT 1 FROM wallet_accounts a WHERE a.tenant_id = NEW.tenant_id AND a.id IN (NEW.debit_account_id, NEW.credit_account_id)
      AND (a.debits_posted + a.debits_pending > 4611686018427387903 - NEW.amount_minor
        OR a.credits_posted + a.credits_pending > 4611686018427387903 - NEW.amount_minor)), 'wallet_transfers: too large');
  PERFORM money_refuse(NEW.phase IN ('single', 'pending') AND EXISTS (
    SELECT 1 FROM wallet_accounts a WHERE a.tenant_id = NEW.tenant_id AND a.id = NEW.debit_account_id
      AND a.kind NOT IN ('payments', 'adjustments')
      AND a.credits_posted - a.debits_posted - a.debits_pending < NEW.amount_minor), 'wallet_transfers: overdrawn');
  PERFORM money_refuse(NEW.phase = 'pending' AND NOT EXISTS (
    SELECT 1 FROM approval_requests r WHERE r.id = NEW.id AND r.id = NEW.approval_id AND r.tenant_id = NEW.tenant_id
      AND r.kind = 'withdrawal' AND r.state = 'pending' AND r.amount_minor = NEW.amount_minor AND r.currency = NEW.currency
      AND r.debit_account_id = NEW.debit_account_id AND r.credit_account_id = NEW.credit_account_id),
    'wallet_transfers: not what was asked for');
  PERFORM money_refuse(NEW.phase IN ('post', 'void') AND NOT EXISTS (
    SELECT 1 FROM wallet_transfers h JOIN approval_requests r ON r.tenant_id = h.tenant_id AND r.id = h.id
    WHERE h.id = NEW.pending_id AND h.tenant_id = NEW.tenant_id AND h.phase = 'pending' AND h.approval_id = NEW.approval_id
      AND h.amount_minor = NEW.amount_minor AND h.currency = NEW.currency
      AND h.debit_account_id = NEW.debit_account_id AND h.credit_account_id = NEW.credit_account_id
      AND r.closing_id = NEW.id AND (NEW.phase = 'post') = (r.state = 'executed')), 'wallet_transfers: not the hold');
  PERFORM money_refuse(NEW.kind = 'adjustment' AND NOT EXISTS (
    SELECT 1 FROM approval_requests r WHERE r.id = NEW.approval_id AND r.tenant_id = NEW.tenant_id
      AND r.kind = 'adjustment' AND r.state = 'executed' AND r.closing_id = NEW.id AND r.amount_minor = NEW.amount_minor
      AND r.currency = NEW.currency AND r.debit_account_id = NEW.debit_account_id
      AND r.credit_account_id = NEW.credit_account_id), 'wallet_transfers: not what was approved');
  PERFORM money_refuse((NEW.payout_id IS NOT NULL OR NEW.kind = 'reversal')
    AND NOT EXISTS (SELECT 1 FROM payouts p JOIN approval_requests r ON r.tenant_id = p.tenant_id AND r.id = p.request_id
      WHERE p.request_id = NEW.payout_id AND p.tenant_id = NEW.tenant_id AND p.currency = NEW.currency
        AND (NEW.kind = 'reversal' AND p.reversal_id = NEW.id AND NEW.credit_account_id = r.debit_account_id
            AND NEW.debit_account_id = r.credit_account_id
            AND NEW.amount_minor = p.amount_minor - CASE p.state WHEN 'returned' THEN p.fee_minor ELSE 0 END
          OR NEW.kind = 'platform_fee' AND p.state = 'paid' AND p.fee_id = NEW.id
            AND NEW.debit_account_id = r.credit_account_id AND NEW.amount_minor = p.fee_minor)),
    'wallet_transfers: not what became of the payout');
  PERFORM money_refuse(NEW.kind = 'platform_fee' AND NEW.payout_id IS NULL AND EXISTS (SELECT 1 FROM wallet_accounts a
    WHERE a.tenant_id = NEW.tenant_id AND a.id = NEW.debit_account_id AND a.kind = 'clearing'),
    'wallet_transfers: money on its way out pays no other fee');
  RETURN NEW;
END;
$$;
CREATE TRIGGER wallet_transfers_guard BEFORE INSERT ON wallet_transfers
  FOR EACH ROW EXECUTE FUNCTION wallet_transfers_guard();

CREATE FUNCTION wallet_transfers_move() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  held BIGINT := CASE NEW.phase WHEN 'pending' THEN NEW.amount_minor WHEN 'single' THEN 0 ELSE -NEW.amount_minor END;
  moved BIGINT := CASE WHEN NEW.phase IN ('single', 'post') THEN NEW.amount_minor ELSE 0 END;
BEGIN
  INSERT INTO wallet_entries (tenant_id, account_id, seq, transfer_id, side, debits_pending, debits_posted, credits_pending, credits_posted)
  SELECT a.tenant_id, a.id, a.entries + 1, NEW.id, 'debit', a.debits_pending + held, a.debits_posted + moved,
    a.credits_pending, a.credits_posted
  FROM wallet_accounts a WHERE a.tenant_id = NEW.tenant_id AND a.id = NEW.debit_account_id;
  INSERT INTO wallet_entries (tenant_id, account_id, seq, transfer_id, side, debits_pending, debits_posted, credits_pending, credits_posted)
  SELECT a.tenant_id, a.id, a.entries + 1, NEW.id, 'credit', a.debits_pending, a.debits_posted,
    a.credits_pending + held, a.credits_posted + moved
  FROM wallet_accounts a WHERE a.tenant_id = NEW.tenant_id AND a.id = NEW.credit_account_id;
  UPDATE wallet_accounts SET entries = e.seq, debits_pending = e.debits_pending, debits_posted = e.debits_posted,
    credits_pending = e.credits_pending, credits_posted = e.credits_posted
  FROM wallet_entries e WHERE e.tenant_id = NEW.tenant_id AND e.transfer_id = NEW.id
    AND wallet_accounts.tenant_id = e.tenant_id AND wallet_accounts.id = e.account_id;
  RETURN NULL;
END;
$$;
CREATE TRIGGER wallet_transfers_move AFTER INSERT ON wallet_transfers FOR EACH ROW EXECUTE FUNCTION wallet_transfers_move();

-- ── Requests ───────────────────────────────────────────────────────────────────────────────────

CREATE FUNCTION approval_requests_guard() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM money_refuse(NEW.state <> 'pending' OR NEW.approvals <> 0 OR NEW.row_version <> 1 OR NEW.execute_by IS NOT NULL
    OR NEW.closing_id IS NOT NULL OR NEW.lease IS NOT NULL OR NEW.lease_until IS NOT NULL OR NEW.outcome IS NOT NULL
    OR NEW.changed_at <> NEW.created_at, 'approval_requests: a request starts pending');
  PERFORM money_clock_check(NEW.created_at);
  PERFORM money_refuse(EXISTS (SELECT 1 FROM approval_decisions d WHERE d.tenant_id = NEW.tenant_id AND d.step_up = NEW.step_up),
    'approval_requests: the second factor was used');
  PERFORM money_refuse(NOT EXISTS (SELECT 1 FROM members m WHERE m.tenant_id = NEW.tenant_id AND m.id = NEW.initiator_id
    AND m.ended_at IS NULL), 'approval_requests: no such member');
  PERFORM money_refuse(NEW.amount_minor IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM wallet_accounts d JOIN wallet_accounts c ON c.tenant_id = d.tenant_id AND c.currency = d.currency
    WHERE d.id = NEW.debit_account_id AND c.id = NEW.credit_account_id AND d.tenant_id = NEW.tenant_id
      AND d.currency = NEW.currency AND NEW.kind || ' ' || d.kind || ' ' || c.kind IN ('withdrawal wallet clearing',
        'adjustment adjustments wallet', 'adjustment wallet adjustments')), 'approval_requests: not between these accounts');
  PERFORM money_refuse(NEW.kind = 'withdrawal' AND NOT EXISTS (
    SELECT 1 FROM payout_destinations d WHERE d.tenant_id = NEW.tenant_id AND d.id = NEW.destination_id
      AND d.currency = NEW.currency AND d.version = NEW.destination_version AND d.version > 0
      AND d.usable_at <= NEW.created_at AND d.retired_at IS NULL), 'approval_requests: the destination can not be used');
  RETURN NEW;
END;
$$;
CREATE TRIGGER approval_requests_guard BEFORE INSERT ON approval_requests
  FOR EACH ROW EXECUTE FUNCTION approval_requests_guard();

CREATE FUNCTION approval_requests_hold() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO wallet_transfers (id, tenant_id, currency, kind, phase, debit_account_id, credit_account_id, amount_minor,
    approval_id, made_by, created_at)
  VALUES (NEW.id, NEW.tenant_id, NEW.currency, 'withdrawal', 'pending', NEW.debit_account_id, NEW.credit_account_id,
    NEW.amount_minor, NEW.id, NEW.initiator_id, NEW.created_at);
  RETURN NULL;
END;
$$;
CREATE TRIGGER approval_requests_hold AFTER INSERT ON approval_requests FOR EACH ROW WHEN (NEW.kind = 'withdrawal')
  EXECUTE FUNCTION approval_requests_hold();

CREATE FUNCTION approval_requests_change() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM money_refuse((NEW.id, NEW.tenant_id, NEW.kind, NEW.subject, NEW.subject_version, NEW.initiator_id,
      NEW.payload_canonical, NEW.payload_hash, NEW.policy_version, NEW.policy, NEW.required, NEW.approve_by,
      NEW.execute_within_ms, NEW.step_up, NEW.created_at, NEW.debit_account_id, NEW.credit_account_id, NEW.amount_minor,
      NEW.fee_minor, NEW.currency, NEW.destination_id, NEW.destination_version)
    IS DISTINCT FROM (OLD.id, OLD.tenant_id, OLD.kind, OLD.subject, OLD.subject_version, OLD.initiator_id,
      OLD.payload_canonical, OLD.payload_hash, OLD.policy_version, OLD.policy, OLD.required, OLD.approve_by,
      OLD.execute_within_ms, OLD.step_up, OLD.created_at, OLD.debit_account_id, OLD.credit_account_id, OLD.amount_minor,
      OLD.fee_minor, OLD.currency, OLD.destination_id, OLD.destination_version),
    'approval_requests: what was asked stays as it is');
  PERFORM money_refuse(NOT EXISTS (SELECT 1 FROM approval_transitions t WHERE t.from_state = OLD.state AND t.to_state = NEW.state)
    AND NOT (OLD.state = 'executing' AND NEW.state = 'executing'), 'approval_requests: no such transition');
  PERFORM money_refuse(NEW.changed_at < OLD.changed_at, 'approval_requests: time does not go back');
  PERFORM money_clock_check(NEW.changed_at);
  PERFORM money_refuse(NEW.row_version <> OLD.row_version + (NEW.state <> OLD.state)::int, 'approval_requests: versions count');
  PERFORM money_refuse(NEW.approvals <> (SELECT count(DISTINCT d.principal_id) FROM approval_decisions d
    WHERE d.tenant_id = OLD.tenant_id AND d.request_id = OLD.id AND d.verdict = 'approve' AND d.payload_hash = OLD.payload_hash),
    'approval_requests: approvals are those there are');
  PERFORM money_refuse(OLD.state = 'pending' AND NEW.state = 'approved' AND (NEW.approvals < OLD.required
    OR NEW.changed_at >= OLD.approve_by OR NEW.execute_by IS DISTINCT FROM NEW.changed_at + OLD.execute_within_ms),
    'approval_requests: not enough approvals');
  PERFORM money_refuse(NEW.state IN ('approved', 'executing', 'executed') AND EXISTS (SELECT 1 FROM approval_decisions d
    WHERE d.tenant_id = OLD.tenant_id AND d.request_id = OLD.id AND d.verdict = 'reject'), 'approval_requests: rejected');
  PERFORM money_refuse(NEW.state = 'rejected' AND NOT EXISTS (SELECT 1 FROM approval_decisions d
    WHERE d.tenant_id = OLD.tenant_id AND d.request_id = OLD.id AND d.verdict = 'reject'),
    'approval_requests: nobody rejected it');
  PERFORM money_refuse(NEW.state = 'cancelled' AND NOT EXISTS (SELECT 1 FROM members m
    WHERE m.tenant_id = OLD.tenant_id AND m.id = NEW.changed_by), 'approval_requests: somebody cancels');
  PERFORM money_refuse(NEW.state = 'expired'
    AND NEW.changed_at < CASE OLD.state WHEN 'pending' THEN OLD.approve_by ELSE OLD.execute_by END,
    'approval_requests: there is still time');
  PERFORM money_refuse(NEW.execute_by IS DISTINCT FROM OLD.execute_by AND NOT (OLD.state = 'pending' AND NEW.state = 'approved'),
    'approval_requests: the deadline is set once');
  PERFORM money_refuse(NEW.state = 'executing' AND NOT EXISTS (SELECT 1 FROM approval_executions e
    WHERE e.tenant_id = OLD.tenant_id AND e.request_id = OLD.id), 'approval_requests: nobody claimed it');
  PERFORM money_refuse(OLD.state = 'executing' AND NEW.state = 'executing' AND (NEW.lease IS NULL OR NEW.lease_until IS NULL
    OR NEW.lease_until <= NEW.changed_at OR NEW.lease IS DISTINCT FROM OLD.lease AND NEW.changed_at < OLD.lease_until),
    'approval_requests: a lease is taken over when it ran out, or kept');
  PERFORM money_refuse(NEW.state NOT IN ('executing', 'executed', 'failed')
    AND (NEW.lease IS NOT NULL OR NEW.lease_until IS NOT NULL), 'approval_requests: only what happens has a lease');
  PERFORM money_refuse(NEW.state = 'executed' AND (
    OLD.kind = 'policy_change' AND NOT EXISTS (SELECT 1 FROM approval_policies p WHERE p.tenant_id = OLD.tenant_id AND p.approval_id = OLD.id)
    OR OLD.kind = 'payout_destination' AND NOT EXISTS (SELECT 1 FROM payout_destination_versions v
      WHERE v.tenant_id = OLD.tenant_id AND v.approval_id = OLD.id)), 'approval_requests: it did not happen');
  RETURN NEW;
END;
$$;
CREATE TRIGGER approval_requests_change BEFORE UPDATE ON approval_requests
  FOR EACH ROW EXECUTE FUNCTION approval_requests_change();

CREATE FUNCTION approval_requests_settle() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NEW.kind = 'withdrawal' OR NEW.kind = 'adjustment' AND NEW.state = 'executed' THEN
    INSERT INTO wallet_transfers (id, tenant_id, currency, kind, phase, debit_account_id, credit_account_id, amount_minor,
      pending_id, approval_id, made_by, created_at)
    VALUES (NEW.closing_id, NEW.tenant_id, NEW.currency, NEW.kind,
      CASE WHEN NEW.kind = 'adjustment' THEN 'single' WHEN NEW.state = 'executed' THEN 'post' ELSE 'void' END,
      NEW.debit_account_id, NEW.credit_account_id, NEW.amount_minor,
      CASE NEW.kind WHEN 'withdrawal' THEN NEW.id END, NEW.id, NEW.initiator_id, NEW.changed_at);
  END IF;
  IF NEW.kind = 'withdrawal' AND NEW.state = 'executed' THEN
    INSERT INTO payouts (request_id, tenant_id, destination_id, destination_version, currency, amount_minor, fee_minor, state,
      next_at, created_at, changed_at)
    VALUES (NEW.id, NEW.tenant_id, NEW.destination_id, NEW.destination_version, NEW.currency, NEW.amount_minor, NEW.fee_minor,
      'queued', NEW.changed_at, NEW.changed_at, NEW.changed_at);
  END IF;
  -- A destination counts from a day after two people agreed on it.
  IF NEW.kind = 'payout_destination' AND NEW.state = 'executed' THEN
    UPDATE payout_destinations SET version = v.version, usable_at = NEW.changed_at + 86400000
    FROM payout_destination_versions v
    WHERE v.tenant_id = NEW.tenant_id AND v.approval_id = NEW.id
      AND payout_destinations.tenant_id = v.tenant_id AND payout_destinations.id = v.destination_id;
  END IF;
  RETURN NULL;
END;
$$;
CREATE TRIGGER approval_requests_settle AFTER UPDATE ON approval_requests FOR EACH ROW
  WHEN (NEW.state <> OLD.state AND NEW.state NOT IN ('approved', 'executing')) EXECUTE FUNCTION approval_requests_settle();

-- Once more at the commit: a hold for each open withdrawal, and one post or one void for each that is over.
CREATE FUNCTION approval_requests_at_commit() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM money_refuse(EXISTS (
    SELECT 1 FROM approval_requests r WHERE r.tenant_id = NEW.tenant_id AND r.id = NEW.id AND (
      (SELECT count(*) FROM wallet_transfers t WHERE t.tenant_id = r.tenant_id AND t.approval_id = r.id AND t.phase = 'pending') <> 1
      OR (SELECT count(*) FROM wallet_transfers t WHERE t.tenant_id = r.tenant_id AND t.approval_id = r.id AND t.phase = 'post')
        <> (r.state = 'executed')::int
      OR (SELECT count(*) FROM wallet_transfers t WHERE t.tenant_id = r.tenant_id AND t.approval_id = r.id AND t.phase = 'void')
        <> (r.state IN ('failed', 'rejected', 'cancelled', 'expired', 'invalidated'))::int)),
    'approval_requests: the hold is not what the state says');
  RETURN NULL;
END;
$$;
CREATE CONSTRAINT TRIGGER approval_requests_at_commit AFTER INSERT OR UPDATE ON approval_requests
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.kind = 'withdrawal') EXECUTE FUNCTION approval_requests_at_commit();

-- ── Decisions and executions ───────────────────────────────────────────────────────────────────

CREATE FUNCTION approval_decisions_guard() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  r approval_requests%ROWTYPE;
BEGIN
  -- First the lock, then the vote, then the count: two approvers at once would otherwise each count one.
  SELECT * INTO r FROM approval_requests q WHERE q.tenant_id = NEW.tenant_id AND q.id = NEW.request_id FOR UPDATE;
  PERFORM money_refuse(r.id IS NULL, 'approval_decisions: not what is asked');
  PERFORM money_refuse(r.initiator_id IN (NEW.approver_id, NEW.principal_id), 'approval_decisions: whoever asked does not decide');
  PERFORM money_refuse(r.initiator_id IS DISTINCT FROM NEW.initiator_id OR r.payload_hash IS DISTINCT FROM NEW.payload_hash
    OR r.row_version IS DISTINCT FROM NEW.seen_version, 'approval_decisions: not what is asked');
  PERFORM money_refuse(r.state <> 'pending' OR NEW.decided_at >= r.approve_by OR NEW.decided_at < r.created_at,
    'approval_decisions: closed');
  PERFORM money_refuse(NOT EXISTS (SELECT 1 FROM members m WHERE m.tenant_id = NEW.tenant_id AND m.id = NEW.approver_id
    AND m.ended_at IS NULL), 'approval_decisions: no such member');
  PERFORM money_refuse(NEW.principal_id IS DISTINCT FROM NEW.approver_id, 'approval_decisions: nobody decides for another');
  PERFORM money_refuse(EXISTS (SELECT 1 FROM approval_requests q WHERE q.tenant_id = NEW.tenant_id AND q.step_up = NEW.step_up),
    'approval_decisions: the second factor was used');
  PERFORM money_clock_check(NEW.decided_at);
  RETURN NEW;
END;
$$;
CREATE TRIGGER approval_decisions_guard BEFORE INSERT ON approval_decisions
  FOR EACH ROW EXECUTE FUNCTION approval_decisions_guard();

CREATE FUNCTION approval_decisions_count() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NEW.verdict = 'approve' THEN
    UPDATE approval_requests SET approvals = approvals + 1, changed_at = greatest(changed_at, NEW.decided_at),
      changed_by = NEW.approver_id, state = CASE WHEN approvals + 1 >= required THEN 'approved' ELSE state END,
      row_version = row_version + (approvals + 1 >= required)::int,
      execute_by = CASE WHEN approvals + 1 >= required THEN greatest(changed_at, NEW.decided_at) + execute_within_ms END
    WHERE tenant_id = NEW.tenant_id AND id = NEW.request_id;
  ELSE
    UPDATE approval_requests SET state = 'rejected', outcome = NEW.reason, closing_id = NEW.closing_id,
      changed_at = greatest(changed_at, NEW.decided_at), changed_by = NEW.approver_id, row_version = row_version + 1
    WHERE tenant_id = NEW.tenant_id AND id = NEW.request_id;
  END IF;
  RETURN NULL;
END;
$$;
CREATE TRIGGER approval_decisions_count AFTER INSERT ON approval_decisions
  FOR EACH ROW EXECUTE FUNCTION approval_decisions_count();

CREATE FUNCTION approval_executions_guard() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  r approval_requests%ROWTYPE;
BEGIN
  SELECT * INTO r FROM approval_requests q WHERE q.tenant_id = NEW.tenant_id AND q.id = NEW.request_id FOR UPDATE;
  PERFORM money_refuse(r.id IS NULL OR r.state <> 'approved' OR r.approvals < r.required OR NEW.claimed_at >= r.execute_by
    OR NEW.lease_until <= NEW.claimed_at, 'approval_executions: not approved, or too late');
  PERFORM money_refuse(EXISTS (SELECT 1 FROM payout_destinations d WHERE d.tenant_id = r.tenant_id AND d.id = r.destination_id
    AND (d.version <> r.destination_version OR d.retired_at IS NOT NULL)), 'approval_executions: the destination has changed');
  RETURN NEW;
END;
$$;
CREATE TRIGGER approval_executions_guard BEFORE INSERT ON approval_executions
  FOR EACH ROW EXECUTE FUNCTION approval_executions_guard();

CREATE FUNCTION approval_executions_claim() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE approval_requests SET state = 'executing', lease = NEW.lease, lease_until = NEW.lease_until,
    changed_at = greatest(changed_at, NEW.claimed_at), changed_by = NULL, row_version = row_version + 1
  WHERE tenant_id = NEW.tenant_id AND id = NEW.request_id;
  RETURN NULL;
END;
$$;
CREATE TRIGGER approval_executions_claim AFTER INSERT ON approval_executions
  FOR EACH ROW EXECUTE FUNCTION approval_executions_claim();

-- ── Policies and destinations ──────────────────────────────────────────────────────────────────

CREATE FUNCTION approval_policies_guard() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM money_refuse(NEW.version <> 1 + (SELECT coalesce(max(p.version), 0) FROM approval_policies p
    WHERE p.tenant_id = NEW.tenant_id AND p.kind = NEW.kind), 'approval_policies: versions count');
  PERFORM money_refuse(NOT EXISTS (SELECT 1 FROM approval_requests r
    WHERE r.tenant_id = NEW.tenant_id AND r.id = NEW.approval_id AND r.kind = 'policy_change' AND r.state = 'executing'
      AND r.payload_canonical::jsonb ->> 'of' = NEW.kind AND r.payload_canonical::jsonb -> 'rules' = NEW.rules::jsonb),
    'approval_policies: not what was approved');
  RETURN NEW;
END;
$$;
CREATE TRIGGER approval_policies_guard BEFORE INSERT ON approval_policies
  FOR EACH ROW EXECUTE FUNCTION approval_policies_guard();

CREATE FUNCTION payout_destinations_guard() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    PERFORM money_refuse(NEW.version <> 0 OR NEW.usable_at IS NOT NULL OR NEW.retired_at IS NOT NULL,
      'payout_destinations: two people agree first');
    RETURN NEW;
  END IF;
  PERFORM money_refuse((NEW.id, NEW.tenant_id, NEW.currency, NEW.label, NEW.created_by, NEW.created_at)
    IS DISTINCT FROM (OLD.id, OLD.tenant_id, OLD.currency, OLD.label, OLD.created_by, OLD.created_at)
    OR OLD.retired_at IS NOT NULL, 'payout_destinations: a destination stays what it is');
  PERFORM money_refuse((NEW.version, NEW.usable_at) IS DISTINCT FROM (OLD.version, OLD.usable_at)
    AND NOT (NEW.version > OLD.version AND EXISTS (
      SELECT 1 FROM payout_destination_versions v JOIN approval_requests r ON r.tenant_id = v.tenant_id AND r.id = v.approval_id
      WHERE v.tenant_id = OLD.tenant_id AND v.destination_id = OLD.id AND v.version = NEW.version AND r.state = 'executed'
        AND NEW.usable_at = r.changed_at + 86400000)), 'payout_destinations: two people agree first');
  RETURN NEW;
END;
$$;
CREATE TRIGGER payout_destinations_guard BEFORE INSERT OR UPDATE ON payout_destinations
  FOR EACH ROW EXECUTE FUNCTION payout_destinations_guard();

CREATE FUNCTION payout_destination_versions_guard() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    -- Only a rotation writes here, and only the same words under a newer key.
    PERFORM money_refuse((NEW.id, NEW.tenant_id, NEW.destination_id, NEW.version, NEW.method, NEW.masked, NEW.beneficiary_id,
        NEW.approval_id, NEW.created_at)
      IS DISTINCT FROM (OLD.id, OLD.tenant_id, OLD.destination_id, OLD.version, OLD.method, OLD.masked, OLD.beneficiary_id,
        OLD.approval_id, OLD.created_at), 'payout_destination_versions is append-only');
    RETURN NEW;
  END IF;
  PERFORM money_refuse(NEW.version <> 1 + (SELECT coalesce(max(v.version), 0) FROM payout_destination_versions v
    WHERE v.tenant_id = NEW.tenant_id AND v.destination_id = NEW.destination_id), 'payout_destination_versions: versions count');
  PERFORM money_refuse(NOT EXISTS (SELECT 1 FROM payout_destinations d WHERE d.tenant_id = NEW.tenant_id
    AND d.id = NEW.destination_id AND d.retired_at IS NULL), 'payout_destination_versions: no such destination');
  PERFORM money_refuse(NOT EXISTS (SELECT 1 FROM approval_requests r
    WHERE r.tenant_id = NEW.tenant_id AND r.id = NEW.approval_id AND r.kind = 'payout_destination' AND r.state = 'pending'
      AND r.approvals = 0 AND r.subject = money_id('dst_', NEW.destination_id)
      AND (r.payload_canonical::jsonb ->> 'version')::bigint = NEW.version
      AND r.payload_canonical::jsonb ->> 'method' = NEW.method
      AND r.payload_canonical::jsonb ->> 'masked' = NEW.masked
      AND r.payload_canonical::jsonb ->> 'details' = money_id('dstv_', NEW.id)),
    'payout_destination_versions: not what is asked');
  RETURN NEW;
END;
$$;
CREATE TRIGGER payout_destination_versions_guard BEFORE INSERT OR UPDATE ON payout_destination_versions
  FOR EACH ROW EXECUTE FUNCTION payout_destination_versions_guard();

-- ── Payouts ────────────────────────────────────────────────────────────────────────────────────

CREATE FUNCTION payouts_guard() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM money_refuse(NEW.state <> 'queued' OR NEW.row_version <> 1 OR NEW.fee_id IS NOT NULL OR NEW.reversal_id IS NOT NULL
    OR NEW.lease IS NOT NULL OR NEW.polls <> 0 OR NEW.provider IS NOT NULL OR NEW.provider_reference IS NOT NULL,
    'payouts: a payout starts queued');
  PERFORM money_refuse(NOT EXISTS (SELECT 1 FROM approval_requests r
    WHERE r.tenant_id = NEW.tenant_id AND r.id = NEW.request_id AND r.kind = 'withdrawal' AND r.state = 'executed'
      AND r.amount_minor = NEW.amount_minor AND r.fee_minor = NEW.fee_minor AND r.currency = NEW.currency
      AND r.destination_id = NEW.destination_id AND r.destination_version = NEW.destination_version),
    'payouts: not what was approved');
  RETURN NEW;
END;
$$;
CREATE TRIGGER payouts_guard BEFORE INSERT ON payouts FOR EACH ROW EXECUTE FUNCTION payouts_guard();

CREATE FUNCTION payouts_change() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM money_refuse((NEW.request_id, NEW.tenant_id, NEW.destination_id, NEW.destination_version, NEW.currency,
      NEW.amount_minor, NEW.fee_minor, NEW.created_at)
    IS DISTINCT FROM (OLD.request_id, OLD.tenant_id, OLD.destination_id, OLD.destination_version, OLD.currency,
      OLD.amount_minor, OLD.fee_minor, OLD.created_at), 'payouts: what was approved stays as it is');
  PERFORM money_refuse(NEW.state <> OLD.state AND NOT EXISTS (SELECT 1 FROM payout_transitions t
    WHERE t.from_state = OLD.state AND t.to_state = NEW.state), 'payouts: no such transition');
  PERFORM money_refuse(OLD.state IN ('failed', 'returned') OR OLD.state = 'paid' AND NEW.state = 'paid', 'payouts: over');
  PERFORM money_refuse(NEW.row_version <> OLD.row_version + (NEW.state <> OLD.state)::int, 'payouts: versions count');
  PERFORM money_refuse(NEW.changed_at < OLD.changed_at, 'payouts: time does not go back');
  PERFORM money_refuse(OLD.provider IS NOT NULL AND NEW.provider IS DISTINCT FROM OLD.provider
    OR OLD.provider_reference IS NOT NULL AND NEW.provider_reference IS DISTINCT FROM OLD.provider_reference
    OR NEW.state <> 'queued' AND NEW.provider IS NULL, 'payouts: one provider, asked before it is told');
  PERFORM money_refuse(OLD.fee_id IS NOT NULL AND NEW.fee_id IS DISTINCT FROM OLD.fee_id
    OR OLD.reversal_id IS NOT NULL AND NEW.reversal_id IS DISTINCT FROM OLD.reversal_id, 'payouts: transfers are named once');
  RETURN NEW;
END;
$$;
CREATE TRIGGER payouts_change BEFORE UPDATE ON payouts FOR EACH ROW EXECUTE FUNCTION payouts_change();

CREATE FUNCTION payouts_settle() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO payout_events (tenant_id, payout_id, seq, from_state, to_state, provider_reference, note, at)
  VALUES (NEW.tenant_id, NEW.request_id, NEW.row_version, CASE TG_OP WHEN 'UPDATE' THEN OLD.state END, NEW.state,
    NEW.provider_reference, NEW.note, NEW.changed_at);
  IF NEW.state = 'paid' AND NEW.fee_minor > 0 THEN
    INSERT INTO wallet_transfers (id, tenant_id, currency, kind, phase, debit_account_id, credit_account_id, amount_minor,
      payout_id, created_at)
    SELECT NEW.fee_id, NEW.tenant_id, NEW.currency, 'platform_fee', 'single', r.credit_account_id, f.id, NEW.fee_minor,
      NEW.request_id, NEW.changed_at
    FROM approval_requests r LEFT JOIN wallet_accounts f ON f.tenant_id = r.tenant_id AND f.currency = r.currency AND f.kind = 'fees'
    WHERE r.tenant_id = NEW.tenant_id AND r.id = NEW.request_id;
  ELSIF NEW.state IN ('failed', 'returned') THEN
    INSERT INTO wallet_transfers (id, tenant_id, currency, kind, phase, debit_account_id, credit_account_id, amount_minor,
      payout_id, memo, created_at)
    SELECT NEW.reversal_id, NEW.tenant_id, NEW.currency, 'reversal', 'single', r.credit_account_id, r.debit_account_id,
      NEW.amount_minor - CASE NEW.state WHEN 'returned' THEN NEW.fee_minor ELSE 0 END, NEW.request_id, NEW.note, NEW.changed_at
    FROM approval_requests r WHERE r.tenant_id = NEW.tenant_id AND r.id = NEW.request_id;
  END IF;
  RETURN NULL;
END;
$$;
CREATE TRIGGER payouts_begin AFTER INSERT ON payouts FOR EACH ROW EXECUTE FUNCTION payouts_settle();
CREATE TRIGGER payouts_settle AFTER UPDATE ON payouts FOR EACH ROW WHEN (NEW.state <> OLD.state)
  EXECUTE FUNCTION payouts_settle();

CREATE FUNCTION payout_events_guard() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM money_refuse(NOT EXISTS (SELECT 1 FROM payouts p WHERE p.tenant_id = NEW.tenant_id AND p.request_id = NEW.payout_id
    AND p.row_version = NEW.seq AND p.state = NEW.to_state), 'payout_events: made by payouts only');
  RETURN NEW;
END;
$$;
CREATE TRIGGER payout_events_guard BEFORE INSERT ON payout_events FOR EACH ROW EXECUTE FUNCTION payout_events_guard();

-- ── What is written once, the fence, and the serving role's grants ─────────────────────────────

DO $$
DECLARE
  name TEXT;
BEGIN
  FOREACH name IN ARRAY ARRAY['wallet_transfers', 'wallet_entries', 'approval_decisions', 'approval_executions',
      'approval_policies', 'payout_events', 'money_keys', 'approval_transitions', 'payout_transitions'] LOOP
    EXECUTE format('CREATE TRIGGER %1$s_append_only BEFORE UPDATE OR DELETE ON %1$s
      FOR EACH ROW EXECUTE FUNCTION wabotiq_append_only()', name);
  END LOOP;
  FOREACH name IN ARRAY ARRAY['wallet_accounts', 'approval_requests', 'payout_destinations', 'payout_destination_versions',
      'payouts', 'money_clock'] LOOP
    EXECUTE format('CREATE TRIGGER %1$s_no_delete BEFORE DELETE ON %1$s
      FOR EACH ROW EXECUTE FUNCTION wabotiq_append_only()', name);
  END LOOP;
  FOREACH name IN ARRAY ARRAY['wallet_accounts', 'wallet_transfers', 'wallet_entries', 'payout_destinations',
      'payout_destination_versions', 'approval_requests', 'approval_decisions', 'approval_executions', 'approval_policies',
      'payouts', 'payout_events', 'money_keys', 'approval_transitions', 'payout_transitions', 'money_clock'] LOOP
    EXECUTE format('CREATE TRIGGER %1$s_no_truncate BEFORE TRUNCATE ON %1$s
      FOR EACH STATEMENT EXECUTE FUNCTION wabotiq_append_only()', name);
    EXECUTE format('GRANT SELECT ON %s TO wabotiq_app', name);
  END LOOP;
  FOREACH name IN ARRAY ARRAY['wallet_accounts', 'wallet_transfers', 'wallet_entries', 'payout_destinations',
      'payout_destination_versions', 'approval_requests', 'approval_decisions', 'approval_executions', 'approval_policies',
      'payouts', 'payout_events', 'money_keys'] LOOP
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY tenant ON %s USING (tenant_id = wabotiq_tenant()) WITH CHECK (tenant_id = wabotiq_tenant())', name);
  END LOOP;
END;
$$;
-- money: which businesses have something due; what is done about it is done in the business's own room.
CREATE POLICY door_money ON approval_requests FOR SELECT
  USING (wabotiq_door() = 'money' AND state IN ('pending', 'approved', 'executing'));
CREATE POLICY door_money ON payouts FOR SELECT
  USING (wabotiq_door() = 'money' AND state IN ('queued', 'submitted', 'unknown'));

-- Entries, payouts and their events are written by triggers only, and so are balances, approvals and deadlines.
GRANT INSERT ON wallet_accounts, wallet_transfers, payout_destinations, payout_destination_versions, approval_requests,
  approval_decisions, approval_executions, approval_policies, money_keys TO wabotiq_app;
GRANT UPDATE (retired_at) ON payout_destinations TO wabotiq_app;
GRANT UPDATE (sealed) ON payout_destination_versions TO wabotiq_app;
GRANT UPDATE (state, outcome, row_version, lease, lease_until, changed_at, changed_by, closing_id) ON approval_requests TO wabotiq_app;
GRANT UPDATE (state, row_version, provider, provider_reference, polls, next_at, lease, lease_until, note, fee_id, reversal_id,
  changed_at) ON payouts TO wabotiq_app;

-- ── Since when ─────────────────────────────────────────────────────────────────────────────────

-- A scope that a role got later is no older than that: whoever approves has had it since before the request.
ALTER TABLE role_scopes ADD COLUMN added_at BIGINT NOT NULL DEFAULT 0;
-- What was done with one thing or to one person.
CREATE INDEX audit_events_by_subject ON audit_events (tenant_id, subject, seq);
