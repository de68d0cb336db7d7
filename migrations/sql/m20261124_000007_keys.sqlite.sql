-- What a retired encryption key leaves behind: with it, the part of a tenant's audit chain that the key made is still
-- checked once the key itself is gone.
CREATE TABLE chain_keys (
  id         BLOB PRIMARY KEY,
  tenant_id  BLOB NOT NULL REFERENCES tenants (id),
  -- The retired key's name.
  kid        TEXT NOT NULL CHECK (length(kid) = 11),
  -- Encrypted: the chain's subkey, the last event that it made, and that event's link.
  sealed     TEXT NOT NULL CHECK (sealed LIKE 'wk1.%'),
  created_at INTEGER NOT NULL,
  UNIQUE (tenant_id, id),
  UNIQUE (tenant_id, kid)
) STRICT;

CREATE TRIGGER chain_keys_no_delete BEFORE DELETE ON chain_keys
BEGIN SELECT RAISE(ABORT, 'chain_keys is append-only'); END;
CREATE TRIGGER chain_keys_no_replace BEFORE INSERT ON chain_keys
WHEN EXISTS (SELECT 1 FROM chain_keys WHERE id = NEW.id OR (tenant_id = NEW.tenant_id AND kid = NEW.kid))
BEGIN SELECT RAISE(ABORT, 'chain_keys is append-only'); END;
-- Only a rotation writes here, and only the same words under a newer key.
CREATE TRIGGER chain_keys_one_column BEFORE UPDATE OF id, tenant_id, kid, created_at ON chain_keys
BEGIN SELECT RAISE(ABORT, 'chain_keys is append-only'); END;

-- What the operator did by hand, and when: `wabotiq doctor` asks for it again when it is too long ago.
CREATE TABLE attestations (
  id         BLOB PRIMARY KEY,
  what       TEXT NOT NULL CHECK (what IN ('backup', 'penetration-test', 'restore-test', 'dependency-audit', 'access-review')),
  done_at    INTEGER NOT NULL,
  done_by    TEXT NOT NULL CHECK (length(done_by) BETWEEN 1 AND 120),
  note       TEXT NOT NULL CHECK (length(note) <= 500),
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX attestations_newest ON attestations (what, done_at);

CREATE TRIGGER attestations_no_update BEFORE UPDATE ON attestations
BEGIN SELECT RAISE(ABORT, 'attestations is append-only'); END;
CREATE TRIGGER attestations_no_delete BEFORE DELETE ON attestations
BEGIN SELECT RAISE(ABORT, 'attestations is append-only'); END;
CREATE TRIGGER attestations_no_replace BEFORE INSERT ON attestations
WHEN EXISTS (SELECT 1 FROM attestations WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'attestations is append-only'); END;
