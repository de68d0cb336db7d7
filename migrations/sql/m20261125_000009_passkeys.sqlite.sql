-- Passkeys (WebAuthn): keys on a person's phone, computer or security key, of which only the public half is here.
CREATE TABLE passkeys (
  id            BLOB PRIMARY KEY,
  user_id       BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  -- What the device calls it, base64url. Nobody else can have the same.
  credential_id TEXT NOT NULL UNIQUE CHECK (length(credential_id) BETWEEN 1 AND 2048),
  -- The public key, and how often the device says that it was used, as JSON.
  public        TEXT NOT NULL CHECK (length(public) <= 16384),
  name          TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
  created_at    INTEGER NOT NULL,
  last_used_at  INTEGER
) STRICT;
CREATE INDEX passkeys_by_user ON passkeys (user_id);

-- From now on a recovery code is kept as a slow hash (argon2id). Those of before can't be turned into one: their people make
-- new ones on the page of their account, which tells that none is left.
DELETE FROM recovery_codes;
