-- The first schema: tenants and their team, catalogue, channels, conversations, inbox, outbox, audit.
-- Instants are whole milliseconds since 1970-01-01 UTC. Ids are UUIDv7. Money is whole minor units.
-- Every table with a tenant_id is fenced (see the end of the PostgreSQL file, and crates/store/tests).

-- ── Nobody's: shared by all tenants ────────────────────────────────────────────────────────────

CREATE TABLE users (
  id            BLOB PRIMARY KEY,
  email         TEXT NOT NULL,
  -- Lower case, for look-ups; one account an address.
  email_key     TEXT NOT NULL UNIQUE CHECK (length(email_key) BETWEEN 3 AND 254),
  name          TEXT NOT NULL,
  password_hash TEXT NOT NULL,
  -- Raised to make every token of this person worthless.
  token_version INTEGER NOT NULL DEFAULT 1,
  created_at    INTEGER NOT NULL,
  disabled_at   INTEGER
) STRICT;

CREATE TABLE sessions (
  -- SHA-256 of the session id, hexadecimal: the id itself is only in the cookie.
  id_hash      TEXT PRIMARY KEY,
  user_id      BLOB REFERENCES users (id) ON DELETE CASCADE,
  data         TEXT NOT NULL,
  ip           TEXT NOT NULL DEFAULT '',
  user_agent   TEXT NOT NULL DEFAULT '',
  created_at   INTEGER NOT NULL,
  expires_at   INTEGER NOT NULL
) STRICT;
CREATE INDEX sessions_by_user ON sessions (user_id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

-- Webhook calls that no tenant can be found for, counted by reason, address and minute.
CREATE TABLE refused_attempts (
  reason   TEXT NOT NULL,
  address  TEXT NOT NULL,
  minute   INTEGER NOT NULL,
  attempts INTEGER NOT NULL CHECK (attempts > 0),
  PRIMARY KEY (reason, address, minute)
) STRICT;

-- ── Tenancy and team ───────────────────────────────────────────────────────────────────────────

CREATE TABLE tenants (
  id                BLOB PRIMARY KEY,
  slug              TEXT NOT NULL UNIQUE CHECK (length(slug) BETWEEN 2 AND 60),
  name              TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
  timezone          TEXT NOT NULL,
  currency          TEXT NOT NULL CHECK (length(currency) = 3),
  -- Raised with every change of products or services, so that indexes of them know when they are old.
  catalogue_version INTEGER NOT NULL DEFAULT 1,
  created_at        INTEGER NOT NULL
) STRICT;

CREATE TABLE members (
  id         BLOB PRIMARY KEY,
  tenant_id  BLOB NOT NULL REFERENCES tenants (id),
  user_id    BLOB NOT NULL REFERENCES users (id),
  created_at INTEGER NOT NULL,
  ended_at   INTEGER,
  UNIQUE (tenant_id, id),
  UNIQUE (tenant_id, user_id)
) STRICT;
CREATE INDEX members_by_user ON members (user_id);

CREATE TABLE roles (
  id         BLOB PRIMARY KEY,
  tenant_id  BLOB NOT NULL REFERENCES tenants (id),
  name       TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
  built_in   INTEGER NOT NULL CHECK (built_in IN (0, 1)),
  created_at INTEGER NOT NULL,
  UNIQUE (tenant_id, id),
  UNIQUE (tenant_id, name)
) STRICT;

CREATE TABLE role_scopes (
  tenant_id BLOB NOT NULL,
  role_id   BLOB NOT NULL,
  scope     TEXT NOT NULL,
  PRIMARY KEY (tenant_id, role_id, scope),
  FOREIGN KEY (tenant_id, role_id) REFERENCES roles (tenant_id, id) ON DELETE CASCADE
) STRICT;

CREATE TABLE member_roles (
  tenant_id  BLOB NOT NULL,
  member_id  BLOB NOT NULL,
  role_id    BLOB NOT NULL,
  -- The member who gave the role; absent for the first owner.
  granted_by BLOB,
  granted_at INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, member_id, role_id),
  FOREIGN KEY (tenant_id, member_id) REFERENCES members (tenant_id, id) ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, role_id) REFERENCES roles (tenant_id, id) ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, granted_by) REFERENCES members (tenant_id, id)
) STRICT;

-- How the bot behaves for one intent; absent means it answers by itself at the default threshold.
CREATE TABLE intent_settings (
  tenant_id         BLOB NOT NULL REFERENCES tenants (id),
  intent            TEXT NOT NULL,
  mode              TEXT NOT NULL CHECK (mode IN ('auto', 'suggest')),
  updated_at        INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, intent)
) STRICT;

-- ── Catalogue ──────────────────────────────────────────────────────────────────────────────────

CREATE TABLE products (
  id          BLOB PRIMARY KEY,
  tenant_id   BLOB NOT NULL REFERENCES tenants (id),
  name        TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
  -- Lower case without accents: name, SKU and category, for search; and the name alone, for order and uniqueness.
  name_key    TEXT NOT NULL,
  search_text TEXT NOT NULL,
  description TEXT NOT NULL DEFAULT '' CHECK (length(description) <= 2000),
  sku         TEXT CHECK (length(sku) BETWEEN 1 AND 40),
  category    TEXT CHECK (length(category) BETWEEN 1 AND 60),
  price_minor INTEGER NOT NULL CHECK (price_minor >= 0),
  currency    TEXT NOT NULL CHECK (length(currency) = 3),
  -- Absent: the business does not count this product's stock.
  on_hand     INTEGER CHECK (on_hand >= 0),
  version     INTEGER NOT NULL DEFAULT 1,
  created_at  INTEGER NOT NULL,
  updated_at  INTEGER NOT NULL,
  archived_at INTEGER,
  UNIQUE (tenant_id, id)
) STRICT;
CREATE UNIQUE INDEX products_live_name ON products (tenant_id, name_key) WHERE archived_at IS NULL;
CREATE UNIQUE INDEX products_sku ON products (tenant_id, sku) WHERE archived_at IS NULL;
CREATE INDEX products_by_name ON products (tenant_id, name_key, id);

CREATE TABLE stock_movements (
  id            BLOB PRIMARY KEY,
  tenant_id     BLOB NOT NULL,
  product_id    BLOB NOT NULL,
  delta         INTEGER NOT NULL CHECK (delta <> 0),
  on_hand_after INTEGER NOT NULL CHECK (on_hand_after >= 0),
  reason        TEXT NOT NULL,
  note          TEXT NOT NULL DEFAULT '',
  actor_kind    TEXT NOT NULL,
  actor_member  BLOB,
  created_at    INTEGER NOT NULL,
  FOREIGN KEY (tenant_id, product_id) REFERENCES products (tenant_id, id),
  FOREIGN KEY (tenant_id, actor_member) REFERENCES members (tenant_id, id)
) STRICT;
CREATE INDEX stock_movements_by_product ON stock_movements (tenant_id, product_id, created_at, id);

CREATE TABLE services (
  id               BLOB PRIMARY KEY,
  tenant_id        BLOB NOT NULL REFERENCES tenants (id),
  name             TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
  name_key         TEXT NOT NULL,
  description      TEXT NOT NULL DEFAULT '',
  category         TEXT,
  price_minor      INTEGER NOT NULL CHECK (price_minor >= 0),
  currency         TEXT NOT NULL CHECK (length(currency) = 3),
  duration_minutes INTEGER NOT NULL CHECK (duration_minutes > 0),
  created_at       INTEGER NOT NULL,
  updated_at       INTEGER NOT NULL,
  archived_at      INTEGER,
  UNIQUE (tenant_id, id)
) STRICT;
CREATE INDEX services_by_name ON services (tenant_id, name_key, id);

-- ── Channels ───────────────────────────────────────────────────────────────────────────────────

CREATE TABLE channels (
  id                    BLOB PRIMARY KEY,
  tenant_id             BLOB NOT NULL REFERENCES tenants (id),
  -- whatsapp:+14155238886
  number                TEXT NOT NULL,
  account_sid           TEXT NOT NULL,
  messaging_service_sid TEXT,
  -- Encrypted (wk1.…), bound to tenant, table, column and row.
  auth_token            TEXT NOT NULL CHECK (auth_token LIKE 'wk1.%'),
  previous_auth_token   TEXT CHECK (previous_auth_token LIKE 'wk1.%'),
  -- Where messages are sent from in demo mode instead of the provider.
  simulated             INTEGER NOT NULL CHECK (simulated IN (0, 1)),
  created_at            INTEGER NOT NULL,
  updated_at            INTEGER NOT NULL,
  retired_at            INTEGER,
  first_verified_at     INTEGER,
  last_verified_at      INTEGER,
  UNIQUE (tenant_id, id)
) STRICT;
-- A number of an account belongs to one tenant only.
CREATE UNIQUE INDEX channels_live ON channels (account_sid, number) WHERE retired_at IS NULL;

-- One row for each call of a webhook that can be given to a tenant.
CREATE TABLE webhook_log (
  id          BLOB PRIMARY KEY,
  tenant_id   BLOB NOT NULL REFERENCES tenants (id),
  channel_id  BLOB,
  kind        TEXT NOT NULL CHECK (kind IN ('message', 'status')),
  outcome     TEXT NOT NULL,
  reason      TEXT,
  http_status INTEGER NOT NULL,
  ip          TEXT NOT NULL,
  user_agent  TEXT NOT NULL,
  -- JSON array of [name, value]; without signatures, cookies and authorization.
  headers     TEXT NOT NULL,
  message_sid TEXT,
  took_us     INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  FOREIGN KEY (tenant_id, channel_id) REFERENCES channels (tenant_id, id)
) STRICT;
CREATE INDEX webhook_log_newest ON webhook_log (tenant_id, received_at, id);

-- ── Customers, consent, conversations ──────────────────────────────────────────────────────────

CREATE TABLE contacts (
  id          BLOB PRIMARY KEY,
  tenant_id   BLOB NOT NULL REFERENCES tenants (id),
  channel_id  BLOB NOT NULL,
  -- Encrypted whatsapp:+… address, and its blind index for look-ups.
  address     TEXT NOT NULL CHECK (address LIKE 'wk1.%'),
  address_key TEXT NOT NULL,
  -- As the customer calls themself on WhatsApp.
  name        TEXT,
  -- The name in lower case without accents, for search.
  search_text TEXT NOT NULL DEFAULT '',
  -- What holds now; how it came about is in consent_events.
  messages_stopped_at  INTEGER,
  promotions_agreed_at INTEGER,
  -- When the customer was last told that they had opted out.
  stop_notice_at       INTEGER,
  created_at  INTEGER NOT NULL,
  UNIQUE (tenant_id, id),
  UNIQUE (tenant_id, channel_id, address_key),
  FOREIGN KEY (tenant_id, channel_id) REFERENCES channels (tenant_id, id)
) STRICT;

-- Append-only: who agreed to what, when, through which message, and what was shown.
CREATE TABLE consent_events (
  id          BLOB PRIMARY KEY,
  tenant_id   BLOB NOT NULL,
  contact_id  BLOB NOT NULL,
  purpose     TEXT NOT NULL CHECK (purpose IN ('messages', 'promotions')),
  was         INTEGER NOT NULL CHECK (was IN (0, 1)),
  becomes     INTEGER NOT NULL CHECK (becomes IN (0, 1)),
  source      TEXT NOT NULL,
  message_sid TEXT,
  text_shown  TEXT NOT NULL DEFAULT '',
  created_at  INTEGER NOT NULL,
  FOREIGN KEY (tenant_id, contact_id) REFERENCES contacts (tenant_id, id)
) STRICT;
CREATE INDEX consent_events_by_contact ON consent_events (tenant_id, contact_id, created_at);

CREATE TABLE conversations (
  id                BLOB PRIMARY KEY,
  tenant_id         BLOB NOT NULL REFERENCES tenants (id),
  contact_id        BLOB NOT NULL,
  channel_id        BLOB NOT NULL,
  owner_kind        TEXT NOT NULL CHECK (owner_kind IN ('bot', 'queue', 'person')),
  owner_member      BLOB,
  -- Why and since when a person is wanted; present while nobody has taken over.
  waiting_reason    TEXT,
  waiting_since     INTEGER,
  last_sequence     INTEGER NOT NULL DEFAULT 0,
  last_preview      TEXT NOT NULL DEFAULT '',
  last_direction    TEXT NOT NULL DEFAULT 'event',
  last_at           INTEGER NOT NULL,
  last_inbound_at   INTEGER,
  -- Up to which sequence staff have read.
  read_sequence     INTEGER NOT NULL DEFAULT 0,
  unread            INTEGER NOT NULL DEFAULT 0 CHECK (unread >= 0),
  low_confidence    INTEGER NOT NULL DEFAULT 0 CHECK (low_confidence >= 0),
  -- JSON list of what a number or a button stands for, and until when it does.
  pending_options   TEXT NOT NULL DEFAULT '[]',
  pending_until     INTEGER,
  greeted_at        INTEGER,
  last_intent       TEXT,
  version           INTEGER NOT NULL DEFAULT 1,
  created_at        INTEGER NOT NULL,
  UNIQUE (tenant_id, id),
  UNIQUE (tenant_id, contact_id),
  CHECK ((owner_kind = 'person') = (owner_member IS NOT NULL)),
  FOREIGN KEY (tenant_id, contact_id) REFERENCES contacts (tenant_id, id),
  FOREIGN KEY (tenant_id, channel_id) REFERENCES channels (tenant_id, id),
  FOREIGN KEY (tenant_id, owner_member) REFERENCES members (tenant_id, id)
) STRICT;
CREATE INDEX conversations_newest ON conversations (tenant_id, last_at DESC, id DESC);

CREATE TABLE messages (
  id              BLOB PRIMARY KEY,
  tenant_id       BLOB NOT NULL,
  conversation_id BLOB NOT NULL,
  sequence        INTEGER NOT NULL CHECK (sequence > 0),
  direction       TEXT NOT NULL CHECK (direction IN ('inbound', 'outbound', 'event')),
  kind            TEXT NOT NULL,
  body            TEXT NOT NULL,
  -- bot, customer, member or system
  author_kind     TEXT NOT NULL CHECK (author_kind IN ('bot', 'customer', 'member', 'system')),
  author_member   BLOB,
  -- Of an inbound message: the provider's id, and what was understood.
  provider_sid    TEXT,
  intent          TEXT,
  confidence      INTEGER CHECK (confidence BETWEEN 0 AND 10000),
  -- Of an outbound one: the worst state of its parts.
  delivery        TEXT,
  delivery_error  INTEGER,
  created_at      INTEGER NOT NULL,
  UNIQUE (tenant_id, id),
  UNIQUE (tenant_id, conversation_id, sequence),
  FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations (tenant_id, id),
  FOREIGN KEY (tenant_id, author_member) REFERENCES members (tenant_id, id)
) STRICT;
-- One message for each provider id, whatever happens upstream.
CREATE UNIQUE INDEX messages_inbound_once ON messages (tenant_id, provider_sid) WHERE direction = 'inbound';

-- What was understood of a message, and what came of it.
CREATE TABLE traces (
  id          BLOB PRIMARY KEY,
  tenant_id   BLOB NOT NULL,
  message_id  BLOB NOT NULL,
  reader      TEXT NOT NULL,
  intent      TEXT NOT NULL,
  confidence  INTEGER NOT NULL CHECK (confidence BETWEEN 0 AND 10000),
  threshold   INTEGER NOT NULL,
  rule        TEXT NOT NULL,
  slots       TEXT NOT NULL,
  raw         TEXT NOT NULL,
  outcome     TEXT NOT NULL,
  facts       TEXT NOT NULL,
  took_ms     INTEGER NOT NULL,
  created_at  INTEGER NOT NULL,
  UNIQUE (tenant_id, message_id),
  FOREIGN KEY (tenant_id, message_id) REFERENCES messages (tenant_id, id)
) STRICT;

CREATE TABLE drafts (
  id              BLOB PRIMARY KEY,
  tenant_id       BLOB NOT NULL,
  conversation_id BLOB NOT NULL,
  message_id      BLOB NOT NULL,
  intent          TEXT NOT NULL,
  body            TEXT NOT NULL,
  options         TEXT NOT NULL,
  created_at      INTEGER NOT NULL,
  settled_at      INTEGER,
  settled_as      TEXT CHECK (settled_as IN ('sent', 'discarded', 'superseded')),
  settled_by      BLOB,
  UNIQUE (tenant_id, id),
  CHECK ((settled_at IS NULL) = (settled_as IS NULL)),
  FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations (tenant_id, id),
  FOREIGN KEY (tenant_id, message_id) REFERENCES messages (tenant_id, id),
  FOREIGN KEY (tenant_id, settled_by) REFERENCES members (tenant_id, id)
) STRICT;
CREATE INDEX drafts_open ON drafts (tenant_id, conversation_id) WHERE settled_at IS NULL;

CREATE TABLE tasks (
  id              BLOB PRIMARY KEY,
  tenant_id       BLOB NOT NULL,
  conversation_id BLOB NOT NULL,
  message_id      BLOB NOT NULL,
  intent          TEXT NOT NULL,
  slots           TEXT NOT NULL,
  created_at      INTEGER NOT NULL,
  done_at         INTEGER,
  done_by         BLOB,
  UNIQUE (tenant_id, id),
  FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations (tenant_id, id),
  FOREIGN KEY (tenant_id, message_id) REFERENCES messages (tenant_id, id),
  FOREIGN KEY (tenant_id, done_by) REFERENCES members (tenant_id, id)
) STRICT;
CREATE INDEX tasks_open ON tasks (tenant_id, conversation_id) WHERE done_at IS NULL;

-- ── What arrives and what leaves ───────────────────────────────────────────────────────────────

CREATE TABLE inbox (
  -- Order of arrival.
  seq         INTEGER PRIMARY KEY AUTOINCREMENT,
  id          BLOB NOT NULL UNIQUE,
  tenant_id   BLOB NOT NULL REFERENCES tenants (id),
  channel_id  BLOB NOT NULL,
  provider    TEXT NOT NULL,
  kind        TEXT NOT NULL CHECK (kind IN ('message', 'status')),
  -- MessageSid inbound; MessageSid, status and error of a callback. Permanent.
  event_key   TEXT NOT NULL,
  -- Rows with the same key are worked on in order, one at a time.
  order_key   TEXT NOT NULL,
  -- JSON array of [name, value], as received. Emptied by retention after the work is done.
  payload     TEXT NOT NULL,
  state       TEXT NOT NULL CHECK (state IN ('queued', 'claimed', 'done', 'dead')),
  attempts    INTEGER NOT NULL DEFAULT 0,
  next_at     INTEGER NOT NULL,
  lease_until INTEGER,
  -- Who holds the lease: a late holder can't finish another's work.
  lease       BLOB,
  last_error  TEXT,
  received_at INTEGER NOT NULL,
  finished_at INTEGER,
  UNIQUE (tenant_id, provider, event_key),
  FOREIGN KEY (tenant_id, channel_id) REFERENCES channels (tenant_id, id)
) STRICT;
CREATE INDEX inbox_open ON inbox (next_at, seq) WHERE state IN ('queued', 'claimed');
CREATE INDEX inbox_order ON inbox (tenant_id, order_key, seq) WHERE state IN ('queued', 'claimed');

CREATE TABLE outbox (
  seq             INTEGER PRIMARY KEY AUTOINCREMENT,
  id              BLOB NOT NULL UNIQUE,
  tenant_id       BLOB NOT NULL,
  channel_id      BLOB NOT NULL,
  conversation_id BLOB NOT NULL,
  message_id      BLOB NOT NULL,
  -- A long message leaves in parts, in order.
  part            INTEGER NOT NULL CHECK (part >= 0),
  body            TEXT NOT NULL CHECK (length(body) BETWEEN 1 AND 1600),
  -- Written by the bot: not sent any more once a person owns the conversation.
  by_bot          INTEGER NOT NULL CHECK (by_bot IN (0, 1)),
  -- May leave although the customer stopped messages: the one confirmation, or an answer to a new message.
  despite_stop    INTEGER NOT NULL CHECK (despite_stop IN (0, 1)),
  state           TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'unknown', 'sent', 'dead')),
  attempts        INTEGER NOT NULL DEFAULT 0,
  next_at         INTEGER NOT NULL,
  lease_until     INTEGER,
  lease           BLOB,
  -- When the provider was first asked: from then on it may have it.
  first_tried_at  INTEGER,
  provider_sid    TEXT,
  delivery        TEXT NOT NULL DEFAULT 'queued',
  error_code      INTEGER,
  last_error      TEXT,
  created_at      INTEGER NOT NULL,
  finished_at     INTEGER,
  UNIQUE (tenant_id, message_id, part),
  FOREIGN KEY (tenant_id, channel_id) REFERENCES channels (tenant_id, id),
  FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations (tenant_id, id),
  FOREIGN KEY (tenant_id, message_id) REFERENCES messages (tenant_id, id)
) STRICT;
CREATE INDEX outbox_open ON outbox (next_at, seq) WHERE state IN ('queued', 'sending', 'unknown');
CREATE INDEX outbox_order ON outbox (tenant_id, conversation_id, seq) WHERE state IN ('queued', 'sending', 'unknown');
CREATE UNIQUE INDEX outbox_by_sid ON outbox (tenant_id, provider_sid) WHERE provider_sid IS NOT NULL;

-- Every report of the provider on a message of ours; append-only. Reports may come before the sender knows the id.
CREATE TABLE status_events (
  id           BLOB PRIMARY KEY,
  tenant_id    BLOB NOT NULL REFERENCES tenants (id),
  provider_sid TEXT NOT NULL,
  status       TEXT NOT NULL,
  error_code   INTEGER,
  received_at  INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX status_events_once ON status_events (tenant_id, provider_sid, status, coalesce(error_code, 0));

-- ── What was asked before, and what was done ───────────────────────────────────────────────────

CREATE TABLE idempotency_keys (
  tenant_id   BLOB NOT NULL REFERENCES tenants (id),
  member_id   BLOB NOT NULL,
  route       TEXT NOT NULL,
  key         TEXT NOT NULL CHECK (length(key) BETWEEN 16 AND 255),
  -- SHA-256 of what was asked.
  fingerprint TEXT NOT NULL,
  -- What it made, such as a message id.
  result      TEXT NOT NULL,
  created_at  INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, member_id, route, key),
  FOREIGN KEY (tenant_id, member_id) REFERENCES members (tenant_id, id)
) STRICT;

-- A chain for each tenant: each row's mac covers the row before it.
CREATE TABLE audit_events (
  id           BLOB PRIMARY KEY,
  tenant_id    BLOB NOT NULL REFERENCES tenants (id),
  seq          INTEGER NOT NULL CHECK (seq > 0),
  actor_kind   TEXT NOT NULL,
  actor_user   BLOB,
  actor_member BLOB,
  action       TEXT NOT NULL,
  subject      TEXT NOT NULL,
  detail       TEXT NOT NULL,
  created_at   INTEGER NOT NULL,
  mac          TEXT NOT NULL,
  UNIQUE (tenant_id, seq)
) STRICT;

CREATE TABLE audit_heads (
  tenant_id BLOB PRIMARY KEY REFERENCES tenants (id),
  seq       INTEGER NOT NULL,
  mac       TEXT NOT NULL
) STRICT;

-- ── Append-only, also for a stranger's shell (INSERT OR REPLACE slips past delete triggers there) ──

CREATE TRIGGER consent_events_no_update BEFORE UPDATE ON consent_events
BEGIN SELECT RAISE(ABORT, 'consent_events is append-only'); END;
CREATE TRIGGER consent_events_no_delete BEFORE DELETE ON consent_events
BEGIN SELECT RAISE(ABORT, 'consent_events is append-only'); END;
CREATE TRIGGER consent_events_no_replace BEFORE INSERT ON consent_events
WHEN EXISTS (SELECT 1 FROM consent_events WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'consent_events is append-only'); END;

CREATE TRIGGER audit_events_no_update BEFORE UPDATE ON audit_events
BEGIN SELECT RAISE(ABORT, 'audit_events is append-only'); END;
CREATE TRIGGER audit_events_no_delete BEFORE DELETE ON audit_events
BEGIN SELECT RAISE(ABORT, 'audit_events is append-only'); END;
CREATE TRIGGER audit_events_no_replace BEFORE INSERT ON audit_events
WHEN EXISTS (SELECT 1 FROM audit_events WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'audit_events is append-only'); END;

CREATE TRIGGER audit_events_no_replace_seq BEFORE INSERT ON audit_events
WHEN EXISTS (SELECT 1 FROM audit_events WHERE tenant_id = NEW.tenant_id AND seq = NEW.seq)
BEGIN SELECT RAISE(ABORT, 'audit_events is append-only'); END;
