-- Second factors, mail, invitations, passwords that were forgotten, new businesses, exceptions of members, and keys of machines.

-- An app on the person's phone that shows codes (RFC 6238). Counts once a code of it was typed.
CREATE TABLE second_factors (
  id           UUID PRIMARY KEY,
  user_id      UUID NOT NULL UNIQUE REFERENCES users (id) ON DELETE CASCADE,
  -- Encrypted.
  secret       TEXT NOT NULL,
  confirmed_at BIGINT,
  -- The latest step of time whose code was taken: a code works once.
  last_step    BIGINT NOT NULL DEFAULT 0,
  created_at   BIGINT NOT NULL
);

CREATE TABLE recovery_codes (
  user_id   UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  -- SHA-256, hexadecimal.
  code_hash TEXT NOT NULL CHECK (length(code_hash) = 64),
  used_at   BIGINT,
  PRIMARY KEY (user_id, code_hash)
);

CREATE TABLE password_resets (
  -- SHA-256 of the token, hexadecimal: the token itself is only in the mail.
  token_hash TEXT PRIMARY KEY CHECK (length(token_hash) = 64),
  user_id    UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX password_resets_by_user ON password_resets (user_id);

-- New businesses whose owner has not shown yet that the address is theirs. Nothing of them exists before.
CREATE TABLE registrations (
  token_hash    TEXT PRIMARY KEY CHECK (length(token_hash) = 64),
  email         TEXT NOT NULL CHECK (length(email) BETWEEN 3 AND 254),
  name          TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
  business      TEXT NOT NULL CHECK (length(business) BETWEEN 1 AND 120),
  timezone      TEXT NOT NULL,
  currency      TEXT NOT NULL CHECK (length(currency) = 3),
  password_hash TEXT NOT NULL,
  created_at    BIGINT NOT NULL,
  expires_at    BIGINT NOT NULL
);

-- Mail on its way out. What it says is encrypted, for it carries links that open doors; it is forgotten once sent.
CREATE TABLE mails (
  id         UUID PRIMARY KEY,
  kind       TEXT NOT NULL,
  -- Encrypted: to whom, the subject and the text. Forgotten once sent.
  sealed     TEXT,
  -- `kept`: a demo sends nothing, its people read their mail in the desk.
  state      TEXT NOT NULL CHECK (state IN ('queued', 'sent', 'failed', 'kept')),
  attempts   BIGINT NOT NULL DEFAULT 0,
  next_at    BIGINT NOT NULL,
  last_error TEXT,
  created_at BIGINT NOT NULL,
  settled_at BIGINT
);
CREATE INDEX mails_due ON mails (next_at) WHERE state = 'queued';
CREATE INDEX mails_by_age ON mails (created_at);

ALTER TABLE users ADD COLUMN password_expired_at BIGINT;
ALTER TABLE tenants ADD COLUMN requires_second_factor BOOLEAN NOT NULL DEFAULT false;

-- What one member may do besides their roles, or may not do in spite of them.
CREATE TABLE member_scopes (
  tenant_id UUID NOT NULL,
  member_id UUID NOT NULL,
  scope     TEXT NOT NULL,
  effect    TEXT NOT NULL CHECK (effect IN ('grant', 'deny')),
  reason    TEXT NOT NULL CHECK (length(reason) BETWEEN 1 AND 200),
  set_by    UUID,
  set_at    BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, member_id, scope),
  FOREIGN KEY (tenant_id, member_id) REFERENCES members (tenant_id, id) ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, set_by) REFERENCES members (tenant_id, id)
);

CREATE TABLE invitations (
  id          UUID PRIMARY KEY,
  tenant_id   UUID NOT NULL REFERENCES tenants (id),
  email       TEXT NOT NULL,
  email_key   TEXT NOT NULL CHECK (length(email_key) BETWEEN 3 AND 254),
  token_hash  TEXT NOT NULL UNIQUE CHECK (length(token_hash) = 64),
  invited_by  UUID NOT NULL,
  created_at  BIGINT NOT NULL,
  expires_at  BIGINT NOT NULL,
  accepted_at BIGINT,
  accepted_by UUID,
  revoked_at  BIGINT,
  UNIQUE (tenant_id, id),
  FOREIGN KEY (tenant_id, invited_by) REFERENCES members (tenant_id, id),
  FOREIGN KEY (tenant_id, accepted_by) REFERENCES members (tenant_id, id)
);
CREATE UNIQUE INDEX invitations_open ON invitations (tenant_id, email_key) WHERE accepted_at IS NULL AND revoked_at IS NULL;

CREATE TABLE invitation_roles (
  tenant_id     UUID NOT NULL,
  invitation_id UUID NOT NULL,
  role_id       UUID NOT NULL,
  PRIMARY KEY (tenant_id, invitation_id, role_id),
  FOREIGN KEY (tenant_id, invitation_id) REFERENCES invitations (tenant_id, id) ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, role_id) REFERENCES roles (tenant_id, id) ON DELETE CASCADE
);

CREATE TABLE api_keys (
  id           UUID PRIMARY KEY,
  tenant_id    UUID NOT NULL REFERENCES tenants (id),
  name         TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
  -- SHA-256 of the key, hexadecimal: the key itself is shown once.
  key_hash     TEXT NOT NULL UNIQUE CHECK (length(key_hash) = 64),
  -- The key's last characters, to tell keys apart.
  hint         TEXT NOT NULL,
  created_by   UUID NOT NULL,
  created_at   BIGINT NOT NULL,
  expires_at   BIGINT,
  last_used_at BIGINT,
  revoked_at   BIGINT,
  UNIQUE (tenant_id, id),
  FOREIGN KEY (tenant_id, created_by) REFERENCES members (tenant_id, id)
);

CREATE TABLE api_key_scopes (
  tenant_id UUID NOT NULL,
  key_id    UUID NOT NULL,
  scope     TEXT NOT NULL,
  PRIMARY KEY (tenant_id, key_id, scope),
  FOREIGN KEY (tenant_id, key_id) REFERENCES api_keys (tenant_id, id) ON DELETE CASCADE
);

GRANT SELECT, INSERT, UPDATE, DELETE ON
  second_factors, recovery_codes, password_resets, registrations, mails,
  member_scopes, invitations, invitation_roles, api_keys, api_key_scopes TO wabotiq_app;

ALTER TABLE member_scopes ENABLE ROW LEVEL SECURITY;
ALTER TABLE member_scopes FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON member_scopes USING (tenant_id = wabotiq_tenant()) WITH CHECK (tenant_id = wabotiq_tenant());
CREATE POLICY door_person ON member_scopes FOR SELECT USING (wabotiq_door() = 'person');

ALTER TABLE invitations ENABLE ROW LEVEL SECURITY;
ALTER TABLE invitations FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON invitations USING (tenant_id = wabotiq_tenant()) WITH CHECK (tenant_id = wabotiq_tenant());
CREATE POLICY door_person ON invitations FOR SELECT USING (wabotiq_door() = 'person');

ALTER TABLE invitation_roles ENABLE ROW LEVEL SECURITY;
ALTER TABLE invitation_roles FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON invitation_roles USING (tenant_id = wabotiq_tenant()) WITH CHECK (tenant_id = wabotiq_tenant());
CREATE POLICY door_person ON invitation_roles FOR SELECT USING (wabotiq_door() = 'person');

ALTER TABLE api_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE api_keys FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON api_keys USING (tenant_id = wabotiq_tenant()) WITH CHECK (tenant_id = wabotiq_tenant());
CREATE POLICY door_person ON api_keys FOR SELECT USING (wabotiq_door() = 'person');

ALTER TABLE api_key_scopes ENABLE ROW LEVEL SECURITY;
ALTER TABLE api_key_scopes FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON api_key_scopes USING (tenant_id = wabotiq_tenant()) WITH CHECK (tenant_id = wabotiq_tenant());
CREATE POLICY door_person ON api_key_scopes FOR SELECT USING (wabotiq_door() = 'person');

ALTER TABLE roles NO FORCE ROW LEVEL SECURITY;
ALTER TABLE role_scopes NO FORCE ROW LEVEL SECURITY;
-- New permissions, for the built-in roles of businesses that are there already.
INSERT INTO role_scopes (tenant_id, role_id, scope)
SELECT roles.tenant_id, roles.id, added.scope
FROM roles JOIN (
  SELECT column1 AS role, column2 AS scope FROM (VALUES
  ('Owner', 'roles:manage'),
  ('Owner', 'api_keys:manage'),
  ('Owner', 'customers:export'),
  ('Owner', 'templates:manage'),
  ('Owner', 'campaigns:manage'),
  ('Owner', 'approvals:policy'),
  ('Admin', 'roles:manage'),
  ('Admin', 'api_keys:manage'),
  ('Admin', 'customers:export'),
  ('Admin', 'templates:manage'),
  ('Admin', 'campaigns:manage'),
  ('Support lead', 'templates:manage')
) AS listed) AS added ON added.role = roles.name WHERE roles.built_in = true;
ALTER TABLE roles FORCE ROW LEVEL SECURITY;
ALTER TABLE role_scopes FORCE ROW LEVEL SECURITY;
