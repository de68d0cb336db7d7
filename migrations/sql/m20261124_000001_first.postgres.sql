-- The first schema: tenants and their team, catalogue, channels, conversations, inbox, outbox, audit.
-- Instants are whole milliseconds since 1970-01-01 UTC. Ids are UUIDv7. Money is whole minor units.
-- Every table with a tenant_id is fenced (see the end of the PostgreSQL file, and crates/store/tests).

-- ── Nobody's: shared by all tenants ────────────────────────────────────────────────────────────

CREATE TABLE users (
  id            UUID PRIMARY KEY,
  email         TEXT NOT NULL,
  -- Lower case, for look-ups; one account an address.
  email_key     TEXT NOT NULL UNIQUE CHECK (length(email_key) BETWEEN 3 AND 254),
  name          TEXT NOT NULL,
  password_hash TEXT NOT NULL,
  -- Raised to make every token of this person worthless.
  token_version BIGINT NOT NULL DEFAULT 1,
  created_at    BIGINT NOT NULL,
  disabled_at   BIGINT
);

CREATE TABLE sessions (
  -- SHA-256 of the session id, hexadecimal: the id itself is only in the cookie.
  id_hash      TEXT PRIMARY KEY,
  user_id      UUID REFERENCES users (id) ON DELETE CASCADE,
  data         TEXT NOT NULL,
  ip           TEXT NOT NULL DEFAULT '',
  user_agent   TEXT NOT NULL DEFAULT '',
  created_at   BIGINT NOT NULL,
  expires_at   BIGINT NOT NULL
);
CREATE INDEX sessions_by_user ON sessions (user_id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

-- Webhook calls that no tenant can be found for, counted by reason, address and minute.
CREATE TABLE refused_attempts (
  reason   TEXT NOT NULL,
  address  TEXT NOT NULL,
  minute   BIGINT NOT NULL,
  attempts BIGINT NOT NULL CHECK (attempts > 0),
  PRIMARY KEY (reason, address, minute)
);

-- ── Tenancy and team ───────────────────────────────────────────────────────────────────────────

CREATE TABLE tenants (
  id                UUID PRIMARY KEY,
  slug              TEXT NOT NULL UNIQUE CHECK (length(slug) BETWEEN 2 AND 60),
  name              TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
  timezone          TEXT NOT NULL,
  currency          TEXT NOT NULL CHECK (length(currency) = 3),
  -- Raised with every change of products or services, so that indexes of them know when they are old.
  catalogue_version BIGINT NOT NULL DEFAULT 1,
  created_at        BIGINT NOT NULL
);

CREATE TABLE members (
  id         UUID PRIMARY KEY,
  tenant_id  UUID NOT NULL REFERENCES tenants (id),
  user_id    UUID NOT NULL REFERENCES users (id),
  created_at BIGINT NOT NULL,
  ended_at   BIGINT,
  UNIQUE (tenant_id, id),
  UNIQUE (tenant_id, user_id)
);
CREATE INDEX members_by_user ON members (user_id);

CREATE TABLE roles (
  id         UUID PRIMARY KEY,
  tenant_id  UUID NOT NULL REFERENCES tenants (id),
  name       TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
  built_in   BOOLEAN NOT NULL,
  created_at BIGINT NOT NULL,
  UNIQUE (tenant_id, id),
  UNIQUE (tenant_id, name)
);

CREATE TABLE role_scopes (
  tenant_id UUID NOT NULL,
  role_id   UUID NOT NULL,
  scope     TEXT NOT NULL,
  PRIMARY KEY (tenant_id, role_id, scope),
  FOREIGN KEY (tenant_id, role_id) REFERENCES roles (tenant_id, id) ON DELETE CASCADE
);

CREATE TABLE member_roles (
  tenant_id  UUID NOT NULL,
  member_id  UUID NOT NULL,
  role_id    UUID NOT NULL,
  -- The member who gave the role; absent for the first owner.
  granted_by UUID,
  granted_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, member_id, role_id),
  FOREIGN KEY (tenant_id, member_id) REFERENCES members (tenant_id, id) ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, role_id) REFERENCES roles (tenant_id, id) ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, granted_by) REFERENCES members (tenant_id, id)
);

-- How the bot behaves for one intent; absent means it answers by itself at the default threshold.
CREATE TABLE intent_settings (
  tenant_id         UUID NOT NULL REFERENCES tenants (id),
  intent            TEXT NOT NULL,
  mode              TEXT NOT NULL CHECK (mode IN ('auto', 'suggest')),
  updated_at        BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, intent)
);

-- ── Catalogue ──────────────────────────────────────────────────────────────────────────────────

CREATE TABLE products (
  id          UUID PRIMARY KEY,
  tenant_id   UUID NOT NULL REFERENCES tenants (id),
  name        TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
  -- Lower case without accents: name, SKU and category, for search; and the name alone, for order and uniqueness.
  name_key    TEXT NOT NULL,
  search_text TEXT NOT NULL,
  description TEXT NOT NULL DEFAULT '' CHECK (length(description) <= 2000),
  sku         TEXT CHECK (length(sku) BETWEEN 1 AND 40),
  category    TEXT CHECK (length(category) BETWEEN 1 AND 60),
  price_minor BIGINT NOT NULL CHECK (price_minor >= 0),
  currency    TEXT NOT NULL CHECK (length(currency) = 3),
  -- Absent: the business does not count this product's stock.
  on_hand     BIGINT CHECK (on_hand >= 0),
  version     BIGINT NOT NULL DEFAULT 1,
  created_at  BIGINT NOT NULL,
  updated_at  BIGINT NOT NULL,
  archived_at BIGINT,
  UNIQUE (tenant_id, id)
);
CREATE UNIQUE INDEX products_live_name ON products (tenant_id, name_key) WHERE archived_at IS NULL;
CREATE UNIQUE INDEX products_sku ON products (tenant_id, sku) WHERE archived_at IS NULL;
CREATE INDEX products_by_name ON products (tenant_id, name_key, id);

CREATE TABLE stock_movements (
  id            UUID PRIMARY KEY,
  tenant_id     UUID NOT NULL,
  product_id    UUID NOT NULL,
  delta         BIGINT NOT NULL CHECK (delta <> 0),
  on_hand_after BIGINT NOT NULL CHECK (on_hand_after >= 0),
  reason        TEXT NOT NULL,
  note          TEXT NOT NULL DEFAULT '',
  actor_kind    TEXT NOT NULL,
  actor_member  UUID,
  created_at    BIGINT NOT NULL,
  FOREIGN KEY (tenant_id, product_id) REFERENCES products (tenant_id, id),
  FOREIGN KEY (tenant_id, actor_member) REFERENCES members (tenant_id, id)
);
CREATE INDEX stock_movements_by_product ON stock_movements (tenant_id, product_id, created_at, id);

CREATE TABLE services (
  id               UUID PRIMARY KEY,
  tenant_id        UUID NOT NULL REFERENCES tenants (id),
  name             TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
  name_key         TEXT NOT NULL,
  description      TEXT NOT NULL DEFAULT '',
  category         TEXT,
  price_minor      BIGINT NOT NULL CHECK (price_minor >= 0),
  currency         TEXT NOT NULL CHECK (length(currency) = 3),
  duration_minutes BIGINT NOT NULL CHECK (duration_minutes > 0),
  created_at       BIGINT NOT NULL,
  updated_at       BIGINT NOT NULL,
  archived_at      BIGINT,
  UNIQUE (tenant_id, id)
);
CREATE INDEX services_by_name ON services (tenant_id, name_key, id);

-- ── Channels ───────────────────────────────────────────────────────────────────────────────────

CREATE TABLE channels (
  id                    UUID PRIMARY KEY,
  tenant_id             UUID NOT NULL REFERENCES tenants (id),
  -- whatsapp:+14155238886
  number                TEXT NOT NULL,
  account_sid           TEXT NOT NULL,
  messaging_service_sid TEXT,
  -- Encrypted (wk1.…), bound to tenant, table, column and row.
  auth_token            TEXT NOT NULL CHECK (auth_token LIKE 'wk1.%'),
  previous_auth_token   TEXT CHECK (previous_auth_token LIKE 'wk1.%'),
  -- Where messages are sent from in demo mode instead of the provider.
  simulated             BOOLEAN NOT NULL,
  created_at            BIGINT NOT NULL,
  updated_at            BIGINT NOT NULL,
  retired_at            BIGINT,
  first_verified_at     BIGINT,
  last_verified_at      BIGINT,
  UNIQUE (tenant_id, id)
);
-- A number of an account belongs to one tenant only.
CREATE UNIQUE INDEX channels_live ON channels (account_sid, number) WHERE retired_at IS NULL;

-- One row for each call of a webhook that can be given to a tenant.
CREATE TABLE webhook_log (
  id          UUID PRIMARY KEY,
  tenant_id   UUID NOT NULL REFERENCES tenants (id),
  channel_id  UUID,
  kind        TEXT NOT NULL CHECK (kind IN ('message', 'status')),
  outcome     TEXT NOT NULL,
  reason      TEXT,
  http_status BIGINT NOT NULL,
  ip          TEXT NOT NULL,
  user_agent  TEXT NOT NULL,
  -- JSON array of [name, value]; without signatures, cookies and authorization.
  headers     TEXT NOT NULL,
  message_sid TEXT,
  took_us     BIGINT NOT NULL,
  received_at BIGINT NOT NULL,
  FOREIGN KEY (tenant_id, channel_id) REFERENCES channels (tenant_id, id)
);
CREATE INDEX webhook_log_newest ON webhook_log (tenant_id, received_at, id);

-- ── Customers, consent, conversations ──────────────────────────────────────────────────────────

CREATE TABLE contacts (
  id          UUID PRIMARY KEY,
  tenant_id   UUID NOT NULL REFERENCES tenants (id),
  channel_id  UUID NOT NULL,
  -- Encrypted whatsapp:+… address, and its blind index for look-ups.
  address     TEXT NOT NULL CHECK (address LIKE 'wk1.%'),
  address_key TEXT NOT NULL,
  -- As the customer calls themself on WhatsApp.
  name        TEXT,
  -- The name in lower case without accents, for search.
  search_text TEXT NOT NULL DEFAULT '',
  -- What holds now; how it came about is in consent_events.
  messages_stopped_at  BIGINT,
  promotions_agreed_at BIGINT,
  -- When the customer was last told that they had opted out.
  stop_notice_at       BIGINT,
  created_at  BIGINT NOT NULL,
  UNIQUE (tenant_id, id),
  UNIQUE (tenant_id, channel_id, address_key),
  FOREIGN KEY (tenant_id, channel_id) REFERENCES channels (tenant_id, id)
);

-- Append-only: who agreed to what, when, through which message, and what was shown.
CREATE TABLE consent_events (
  id          UUID PRIMARY KEY,
  tenant_id   UUID NOT NULL,
  contact_id  UUID NOT NULL,
  purpose     TEXT NOT NULL CHECK (purpose IN ('messages', 'promotions')),
  was         BOOLEAN NOT NULL,
  becomes     BOOLEAN NOT NULL,
  source      TEXT NOT NULL,
  message_sid TEXT,
  text_shown  TEXT NOT NULL DEFAULT '',
  created_at  BIGINT NOT NULL,
  FOREIGN KEY (tenant_id, contact_id) REFERENCES contacts (tenant_id, id)
);
CREATE INDEX consent_events_by_contact ON consent_events (tenant_id, contact_id, created_at);

CREATE TABLE conversations (
  id                UUID PRIMARY KEY,
  tenant_id         UUID NOT NULL REFERENCES tenants (id),
  contact_id        UUID NOT NULL,
  channel_id        UUID NOT NULL,
  owner_kind        TEXT NOT NULL CHECK (owner_kind IN ('bot', 'queue', 'person')),
  owner_member      UUID,
  -- Why and since when a person is wanted; present while nobody has taken over.
  waiting_reason    TEXT,
  waiting_since     BIGINT,
  last_sequence     BIGINT NOT NULL DEFAULT 0,
  last_preview      TEXT NOT NULL DEFAULT '',
  last_direction    TEXT NOT NULL DEFAULT 'event',
  last_at           BIGINT NOT NULL,
  last_inbound_at   BIGINT,
  -- Up to which sequence staff have read.
  read_sequence     BIGINT NOT NULL DEFAULT 0,
  unread            BIGINT NOT NULL DEFAULT 0 CHECK (unread >= 0),
  low_confidence    BIGINT NOT NULL DEFAULT 0 CHECK (low_confidence >= 0),
  -- JSON list of what a number or a button stands for, and until when it does.
  pending_options   TEXT NOT NULL DEFAULT '[]',
  pending_until     BIGINT,
  greeted_at        BIGINT,
  last_intent       TEXT,
  version           BIGINT NOT NULL DEFAULT 1,
  created_at        BIGINT NOT NULL,
  UNIQUE (tenant_id, id),
  UNIQUE (tenant_id, contact_id),
  CHECK ((owner_kind = 'person') = (owner_member IS NOT NULL)),
  FOREIGN KEY (tenant_id, contact_id) REFERENCES contacts (tenant_id, id),
  FOREIGN KEY (tenant_id, channel_id) REFERENCES channels (tenant_id, id),
  FOREIGN KEY (tenant_id, owner_member) REFERENCES members (tenant_id, id)
);
CREATE INDEX conversations_newest ON conversations (tenant_id, last_at DESC, id DESC);

CREATE TABLE messages (
  id              UUID PRIMARY KEY,
  tenant_id       UUID NOT NULL,
  conversation_id UUID NOT NULL,
  sequence        BIGINT NOT NULL CHECK (sequence > 0),
  direction       TEXT NOT NULL CHECK (direction IN ('inbound', 'outbound', 'event')),
  kind            TEXT NOT NULL,
  body            TEXT NOT NULL,
  -- bot, customer, member or system
  author_kind     TEXT NOT NULL CHECK (author_kind IN ('bot', 'customer', 'member', 'system')),
  author_member   UUID,
  -- Of an inbound message: the provider's id, and what was understood.
  provider_sid    TEXT,
  intent          TEXT,
  confidence      BIGINT CHECK (confidence BETWEEN 0 AND 10000),
  -- Of an outbound one: the worst state of its parts.
  delivery        TEXT,
  delivery_error  BIGINT,
  created_at      BIGINT NOT NULL,
  UNIQUE (tenant_id, id),
  UNIQUE (tenant_id, conversation_id, sequence),
  FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations (tenant_id, id),
  FOREIGN KEY (tenant_id, author_member) REFERENCES members (tenant_id, id)
);
-- One message for each provider id, whatever happens upstream.
CREATE UNIQUE INDEX messages_inbound_once ON messages (tenant_id, provider_sid) WHERE direction = 'inbound';

-- What was understood of a message, and what came of it.
CREATE TABLE traces (
  id          UUID PRIMARY KEY,
  tenant_id   UUID NOT NULL,
  message_id  UUID NOT NULL,
  reader      TEXT NOT NULL,
  intent      TEXT NOT NULL,
  confidence  BIGINT NOT NULL CHECK (confidence BETWEEN 0 AND 10000),
  threshold   BIGINT NOT NULL,
  rule        TEXT NOT NULL,
  slots       TEXT NOT NULL,
  raw         TEXT NOT NULL,
  outcome     TEXT NOT NULL,
  facts       TEXT NOT NULL,
  took_ms     BIGINT NOT NULL,
  created_at  BIGINT NOT NULL,
  UNIQUE (tenant_id, message_id),
  FOREIGN KEY (tenant_id, message_id) REFERENCES messages (tenant_id, id)
);

CREATE TABLE drafts (
  id              UUID PRIMARY KEY,
  tenant_id       UUID NOT NULL,
  conversation_id UUID NOT NULL,
  message_id      UUID NOT NULL,
  intent          TEXT NOT NULL,
  body            TEXT NOT NULL,
  options         TEXT NOT NULL,
  created_at      BIGINT NOT NULL,
  settled_at      BIGINT,
  settled_as      TEXT CHECK (settled_as IN ('sent', 'discarded', 'superseded')),
  settled_by      UUID,
  UNIQUE (tenant_id, id),
  CHECK ((settled_at IS NULL) = (settled_as IS NULL)),
  FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations (tenant_id, id),
  FOREIGN KEY (tenant_id, message_id) REFERENCES messages (tenant_id, id),
  FOREIGN KEY (tenant_id, settled_by) REFERENCES members (tenant_id, id)
);
CREATE INDEX drafts_open ON drafts (tenant_id, conversation_id) WHERE settled_at IS NULL;

CREATE TABLE tasks (
  id              UUID PRIMARY KEY,
  tenant_id       UUID NOT NULL,
  conversation_id UUID NOT NULL,
  message_id      UUID NOT NULL,
  intent          TEXT NOT NULL,
  slots           TEXT NOT NULL,
  created_at      BIGINT NOT NULL,
  done_at         BIGINT,
  done_by         UUID,
  UNIQUE (tenant_id, id),
  FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations (tenant_id, id),
  FOREIGN KEY (tenant_id, message_id) REFERENCES messages (tenant_id, id),
  FOREIGN KEY (tenant_id, done_by) REFERENCES members (tenant_id, id)
);
CREATE INDEX tasks_open ON tasks (tenant_id, conversation_id) WHERE done_at IS NULL;

-- ── What arrives and what leaves ───────────────────────────────────────────────────────────────

CREATE TABLE inbox (
  -- Order of arrival.
  seq         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id          UUID NOT NULL UNIQUE,
  tenant_id   UUID NOT NULL REFERENCES tenants (id),
  channel_id  UUID NOT NULL,
  provider    TEXT NOT NULL,
  kind        TEXT NOT NULL CHECK (kind IN ('message', 'status')),
  -- MessageSid inbound; MessageSid, status and error of a callback. Permanent.
  event_key   TEXT NOT NULL,
  -- Rows with the same key are worked on in order, one at a time.
  order_key   TEXT NOT NULL,
  -- JSON array of [name, value], as received. Emptied by retention after the work is done.
  payload     TEXT NOT NULL,
  state       TEXT NOT NULL CHECK (state IN ('queued', 'claimed', 'done', 'dead')),
  attempts    BIGINT NOT NULL DEFAULT 0,
  next_at     BIGINT NOT NULL,
  lease_until BIGINT,
  -- Who holds the lease: a late holder can't finish another's work.
  lease       UUID,
  last_error  TEXT,
  received_at BIGINT NOT NULL,
  finished_at BIGINT,
  UNIQUE (tenant_id, provider, event_key),
  FOREIGN KEY (tenant_id, channel_id) REFERENCES channels (tenant_id, id)
);
CREATE INDEX inbox_open ON inbox (next_at, seq) WHERE state IN ('queued', 'claimed');
CREATE INDEX inbox_order ON inbox (tenant_id, order_key, seq) WHERE state IN ('queued', 'claimed');

CREATE TABLE outbox (
  seq             BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id              UUID NOT NULL UNIQUE,
  tenant_id       UUID NOT NULL,
  channel_id      UUID NOT NULL,
  conversation_id UUID NOT NULL,
  message_id      UUID NOT NULL,
  -- A long message leaves in parts, in order.
  part            BIGINT NOT NULL CHECK (part >= 0),
  body            TEXT NOT NULL CHECK (length(body) BETWEEN 1 AND 1600),
  -- Written by the bot: not sent any more once a person owns the conversation.
  by_bot          BOOLEAN NOT NULL,
  -- May leave although the customer stopped messages: the one confirmation, or an answer to a new message.
  despite_stop    BOOLEAN NOT NULL,
  state           TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'unknown', 'sent', 'dead')),
  attempts        BIGINT NOT NULL DEFAULT 0,
  next_at         BIGINT NOT NULL,
  lease_until     BIGINT,
  lease           UUID,
  -- When the provider was first asked: from then on it may have it.
  first_tried_at  BIGINT,
  provider_sid    TEXT,
  delivery        TEXT NOT NULL DEFAULT 'queued',
  error_code      BIGINT,
  last_error      TEXT,
  created_at      BIGINT NOT NULL,
  finished_at     BIGINT,
  UNIQUE (tenant_id, message_id, part),
  FOREIGN KEY (tenant_id, channel_id) REFERENCES channels (tenant_id, id),
  FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations (tenant_id, id),
  FOREIGN KEY (tenant_id, message_id) REFERENCES messages (tenant_id, id)
);
CREATE INDEX outbox_open ON outbox (next_at, seq) WHERE state IN ('queued', 'sending', 'unknown');
CREATE INDEX outbox_order ON outbox (tenant_id, conversation_id, seq) WHERE state IN ('queued', 'sending', 'unknown');
CREATE UNIQUE INDEX outbox_by_sid ON outbox (tenant_id, provider_sid) WHERE provider_sid IS NOT NULL;

-- Every report of the provider on a message of ours; append-only. Reports may come before the sender knows the id.
CREATE TABLE status_events (
  id           UUID PRIMARY KEY,
  tenant_id    UUID NOT NULL REFERENCES tenants (id),
  provider_sid TEXT NOT NULL,
  status       TEXT NOT NULL,
  error_code   BIGINT,
  received_at  BIGINT NOT NULL
);
CREATE UNIQUE INDEX status_events_once ON status_events (tenant_id, provider_sid, status, coalesce(error_code, 0));

-- ── What was asked before, and what was done ───────────────────────────────────────────────────

CREATE TABLE idempotency_keys (
  tenant_id   UUID NOT NULL REFERENCES tenants (id),
  member_id   UUID NOT NULL,
  route       TEXT NOT NULL,
  key         TEXT NOT NULL CHECK (length(key) BETWEEN 16 AND 255),
  -- SHA-256 of what was asked.
  fingerprint TEXT NOT NULL,
  -- What it made, such as a message id.
  result      TEXT NOT NULL,
  created_at  BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, member_id, route, key),
  FOREIGN KEY (tenant_id, member_id) REFERENCES members (tenant_id, id)
);

-- A chain for each tenant: each row's mac covers the row before it.
CREATE TABLE audit_events (
  id           UUID PRIMARY KEY,
  tenant_id    UUID NOT NULL REFERENCES tenants (id),
  seq          BIGINT NOT NULL CHECK (seq > 0),
  actor_kind   TEXT NOT NULL,
  actor_user   UUID,
  actor_member UUID,
  action       TEXT NOT NULL,
  subject      TEXT NOT NULL,
  detail       TEXT NOT NULL,
  created_at   BIGINT NOT NULL,
  mac          TEXT NOT NULL,
  UNIQUE (tenant_id, seq)
);

CREATE TABLE audit_heads (
  tenant_id UUID PRIMARY KEY REFERENCES tenants (id),
  seq       BIGINT NOT NULL,
  mac       TEXT NOT NULL
);

-- ── Append-only ────────────────────────────────────────────────────────────────────────────────

CREATE FUNCTION wabotiq_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END;
$$;

CREATE TRIGGER consent_events_append_only BEFORE UPDATE OR DELETE ON consent_events
  FOR EACH ROW EXECUTE FUNCTION wabotiq_append_only();
CREATE TRIGGER consent_events_no_truncate BEFORE TRUNCATE ON consent_events
  FOR EACH STATEMENT EXECUTE FUNCTION wabotiq_append_only();

CREATE TRIGGER audit_events_append_only BEFORE UPDATE OR DELETE ON audit_events
  FOR EACH ROW EXECUTE FUNCTION wabotiq_append_only();
CREATE TRIGGER audit_events_no_truncate BEFORE TRUNCATE ON audit_events
  FOR EACH STATEMENT EXECUTE FUNCTION wabotiq_append_only();

-- ── The fence ──────────────────────────────────────────────────────────────────────────────────
-- Row-level security, forced on the owner too. A transaction names its tenant (wabotiq.tenant) or, where no tenant
-- is known yet, the door it came through (wabotiq.door). Without either, a table is empty.

CREATE FUNCTION wabotiq_tenant() RETURNS uuid LANGUAGE sql STABLE AS
  $$ SELECT nullif(current_setting('wabotiq.tenant', true), '')::uuid $$;
CREATE FUNCTION wabotiq_door() RETURNS text LANGUAGE sql STABLE AS
  $$ SELECT coalesce(current_setting('wabotiq.door', true), '') $$;

ALTER TABLE tenants ENABLE ROW LEVEL SECURITY;
ALTER TABLE tenants FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON tenants USING (id = wabotiq_tenant()) WITH CHECK (id = wabotiq_tenant());
ALTER TABLE members ENABLE ROW LEVEL SECURITY;
ALTER TABLE members FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON members USING (tenant_id = wabotiq_tenant()) WITH CHECK (tenant_id = wabotiq_tenant());
ALTER TABLE roles ENABLE ROW LEVEL SECURITY;
ALTER TABLE roles FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON roles USING (tenant_id = wabotiq_tenant()) WITH CHECK (tenant_id = wabotiq_tenant());
ALTER TABLE role_scopes ENABLE ROW LEVEL SECURITY;
ALTER TABLE role_scopes FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON role_scopes USING (tenant_id = wabotiq_tenant()) WITH CHECK (tenant_id = wabotiq_tenant());
ALTER TABLE member_roles ENABLE ROW LEVEL SECURITY;
ALTER TABLE member_roles FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON member_roles USING (tenant_id = wabotiq_tenant()) WITH CHECK (tenant_id = wabotiq_tenant());
ALTER TABLE intent_settings ENABLE ROW LEVEL SECURITY;
ALTER TABLE intent_settings FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON intent_settings USING (tenant_id = wabotiq_tenant()) WITH CHECK (tenant_id = wabotiq_tenant());
ALTER TABLE products ENABLE ROW LEVEL SECURITY;
ALTER TABLE products FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON products USING (tenant_id = wabotiq_tenant()) WITH CHECK (tenant_id = wabotiq_tenant());
ALTER TABLE stock_movements ENABLE ROW LEVEL SECURITY;
ALTER TABLE stock_movements FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON stock_movements USING (tenant_id = wabotiq_tenant()) WITH CHECK (tenant_id = wabotiq_tenant());
ALTER TABLE services ENABLE ROW LEVEL SECURITY;
ALTER TABLE services FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON services USING (tenant_id = wabotiq_tenant()) WITH CHECK (tenant_id = wabotiq_tenant());
ALTER TABLE channels ENABLE ROW LEVEL SECURITY;
ALTER TABLE channels FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON channels USING (tenant_id = wabotiq_tenant()) WITH CHECK (tenant_id = wabotiq_tenant());
ALTER TABLE webhook_log ENABLE ROW LEVEL SECURITY;
ALTER TABLE webhook_log FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON webhook_log USING (tenant_id = wabotiq_tenant()) WITH CHECK (tenant_id = wabotiq_tenant());
ALTER TABLE contacts ENABLE ROW LEVEL SECURITY;
ALTER TABLE contacts FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON contacts USING (tenant_id = wabotiq_tenant()) WITH CHECK (tenant_id = wabotiq_tenant());
ALTER TABLE consent_events ENABLE ROW LEVEL SECURITY;
ALTER TABLE consent_events FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON consent_events USING (tenant_id = wabotiq_tenant()) WITH CHECK (tenant_id = wabotiq_tenant());
ALTER TABLE conversations ENABLE ROW LEVEL SECURITY;
ALTER TABLE conversations FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON conversations USING (tenant_id = wabotiq_tenant()) WITH CHECK (tenant_id = wabotiq_tenant());
ALTER TABLE messages ENABLE ROW LEVEL SECURITY;
ALTER TABLE messages FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON messages USING (tenant_id = wabotiq_tenant()) WITH CHECK (tenant_id = wabotiq_tenant());
ALTER TABLE traces ENABLE ROW LEVEL SECURITY;
ALTER TABLE traces FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON traces USING (tenant_id = wabotiq_tenant()) WITH CHECK (tenant_id = wabotiq_tenant());
ALTER TABLE drafts ENABLE ROW LEVEL SECURITY;
ALTER TABLE drafts FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON drafts USING (tenant_id = wabotiq_tenant()) WITH CHECK (tenant_id = wabotiq_tenant());
ALTER TABLE tasks ENABLE ROW LEVEL SECURITY;
ALTER TABLE tasks FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON tasks USING (tenant_id = wabotiq_tenant()) WITH CHECK (tenant_id = wabotiq_tenant());
ALTER TABLE inbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE inbox FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON inbox USING (tenant_id = wabotiq_tenant()) WITH CHECK (tenant_id = wabotiq_tenant());
ALTER TABLE outbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE outbox FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON outbox USING (tenant_id = wabotiq_tenant()) WITH CHECK (tenant_id = wabotiq_tenant());
ALTER TABLE status_events ENABLE ROW LEVEL SECURITY;
ALTER TABLE status_events FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON status_events USING (tenant_id = wabotiq_tenant()) WITH CHECK (tenant_id = wabotiq_tenant());
ALTER TABLE idempotency_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE idempotency_keys FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON idempotency_keys USING (tenant_id = wabotiq_tenant()) WITH CHECK (tenant_id = wabotiq_tenant());
ALTER TABLE audit_events ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_events FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON audit_events USING (tenant_id = wabotiq_tenant()) WITH CHECK (tenant_id = wabotiq_tenant());
ALTER TABLE audit_heads ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_heads FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON audit_heads USING (tenant_id = wabotiq_tenant()) WITH CHECK (tenant_id = wabotiq_tenant());

-- The doors: each sees or writes only what its one job needs.
-- intake: the group commit of webhooks. It inserts, and reads back only whether a key was new.
CREATE POLICY door_intake ON inbox FOR INSERT WITH CHECK (wabotiq_door() = 'intake');
CREATE POLICY door_intake_read ON inbox FOR SELECT USING (wabotiq_door() = 'intake');
CREATE POLICY door_intake ON webhook_log FOR INSERT WITH CHECK (wabotiq_door() = 'intake');
CREATE POLICY door_intake_channel ON channels FOR SELECT USING (wabotiq_door() = 'intake');
CREATE POLICY door_intake_channel_seen ON channels FOR UPDATE USING (wabotiq_door() = 'intake') WITH CHECK (wabotiq_door() = 'intake');
-- channels: which tokens may have signed for this number.
CREATE POLICY door_channels ON channels FOR SELECT USING (wabotiq_door() = 'channels');
-- pump: claims of inbox and outbox rows.
CREATE POLICY door_pump_read ON inbox FOR SELECT USING (wabotiq_door() = 'pump');
CREATE POLICY door_pump ON inbox FOR UPDATE USING (wabotiq_door() = 'pump') WITH CHECK (wabotiq_door() = 'pump');
CREATE POLICY door_pump_read ON outbox FOR SELECT USING (wabotiq_door() = 'pump');
CREATE POLICY door_pump ON outbox FOR UPDATE USING (wabotiq_door() = 'pump') WITH CHECK (wabotiq_door() = 'pump');
-- person: from a signed-in person to their own memberships.
CREATE POLICY door_person ON members FOR SELECT USING (wabotiq_door() = 'person');
CREATE POLICY door_person ON tenants FOR SELECT USING (wabotiq_door() = 'person');
CREATE POLICY door_person ON member_roles FOR SELECT USING (wabotiq_door() = 'person');
CREATE POLICY door_person ON roles FOR SELECT USING (wabotiq_door() = 'person');
CREATE POLICY door_person ON role_scopes FOR SELECT USING (wabotiq_door() = 'person');
-- operator: finding a tenant by its slug, and listing tenants, for the operator's commands.
CREATE POLICY door_operator ON tenants FOR SELECT USING (wabotiq_door() = 'operator');
-- sweep: retention across tenants.
CREATE POLICY door_sweep_read ON inbox FOR SELECT USING (wabotiq_door() = 'sweep');
CREATE POLICY door_sweep ON inbox FOR UPDATE USING (wabotiq_door() = 'sweep') WITH CHECK (wabotiq_door() = 'sweep');
CREATE POLICY door_sweep_read ON webhook_log FOR SELECT USING (wabotiq_door() = 'sweep');
CREATE POLICY door_sweep ON webhook_log FOR DELETE USING (wabotiq_door() = 'sweep');
CREATE POLICY door_sweep_read ON idempotency_keys FOR SELECT USING (wabotiq_door() = 'sweep');
CREATE POLICY door_sweep ON idempotency_keys FOR DELETE USING (wabotiq_door() = 'sweep');

-- The serving role: rows only, no ownership, and no way to change what is append-only.
DO $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'wabotiq_app') THEN
    RAISE EXCEPTION 'the role wabotiq_app does not exist: create it first (docs/operations.md, "PostgreSQL")';
  END IF;
END;
$$;
GRANT USAGE ON SCHEMA public TO wabotiq_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO wabotiq_app;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO wabotiq_app;
REVOKE UPDATE, DELETE, TRUNCATE ON consent_events, audit_events FROM wabotiq_app;
REVOKE UPDATE, DELETE ON status_events, stock_movements FROM wabotiq_app;
-- Nothing that a customer wrote, a person did or a provider sent is deleted by serving.
REVOKE DELETE ON tenants, users, members, channels, contacts, conversations, messages, traces, inbox, outbox, audit_heads FROM wabotiq_app;
REVOKE INSERT, UPDATE, DELETE ON seaql_migrations FROM wabotiq_app;
