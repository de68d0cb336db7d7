-- What a retired encryption key leaves behind: with it, the part of a tenant's audit chain that the key made is still
-- checked once the key itself is gone.
CREATE TABLE chain_keys (
  id         UUID PRIMARY KEY,
  tenant_id  UUID NOT NULL REFERENCES tenants (id),
  -- The retired key's name.
  kid        TEXT NOT NULL CHECK (length(kid) = 11),
  -- Encrypted: the chain's subkey, the last event that it made, and that event's link.
  sealed     TEXT NOT NULL CHECK (sealed LIKE 'wk1.%'),
  created_at BIGINT NOT NULL,
  UNIQUE (tenant_id, id),
  UNIQUE (tenant_id, kid)
);
ALTER TABLE chain_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE chain_keys FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON chain_keys USING (tenant_id = wabotiq_tenant()) WITH CHECK (tenant_id = wabotiq_tenant());
-- Only a rotation writes here, and only the same words under a newer key.
GRANT SELECT, INSERT, UPDATE (sealed) ON chain_keys TO wabotiq_app;

-- What the operator did by hand, and when: `wabotiq doctor` asks for it again when it is too long ago.
CREATE TABLE attestations (
  id         UUID PRIMARY KEY,
  what       TEXT NOT NULL CHECK (what IN ('backup', 'penetration-test', 'restore-test', 'dependency-audit', 'access-review')),
  done_at    BIGINT NOT NULL,
  done_by    TEXT NOT NULL CHECK (length(done_by) BETWEEN 1 AND 120),
  note       TEXT NOT NULL CHECK (length(note) <= 500),
  created_at BIGINT NOT NULL
);
CREATE INDEX attestations_newest ON attestations (what, done_at);
CREATE TRIGGER attestations_append_only BEFORE UPDATE OR DELETE ON attestations
  FOR EACH ROW EXECUTE FUNCTION wabotiq_append_only();
CREATE TRIGGER attestations_no_truncate BEFORE TRUNCATE ON attestations
  FOR EACH STATEMENT EXECUTE FUNCTION wabotiq_append_only();
GRANT SELECT, INSERT ON attestations TO wabotiq_app;
