-- What was refused, counted by minute: as a business sees it of its own people and numbers, …
CREATE TABLE security_events (
  id        UUID PRIMARY KEY,
  tenant_id UUID NOT NULL REFERENCES tenants (id),
  kind      TEXT NOT NULL,
  -- E-mail address of somebody who belongs to the business, or nothing. Never what a stranger typed.
  who       TEXT NOT NULL,
  address   TEXT NOT NULL,
  about     TEXT NOT NULL,
  -- Since 1970.
  minute    BIGINT NOT NULL,
  times     BIGINT NOT NULL CHECK (times > 0),
  UNIQUE (tenant_id, id),
  UNIQUE (tenant_id, minute, kind, who, address, about)
);
CREATE INDEX security_events_by_minute ON security_events (minute);
ALTER TABLE security_events ENABLE ROW LEVEL SECURITY;
ALTER TABLE security_events FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON security_events USING (tenant_id = wabotiq_tenant()) WITH CHECK (tenant_id = wabotiq_tenant());
-- security: counts are added to; nothing else is read or changed.
CREATE POLICY door_security ON security_events FOR INSERT WITH CHECK (wabotiq_door() = 'security');
CREATE POLICY door_security_read ON security_events FOR SELECT USING (wabotiq_door() = 'security');
CREATE POLICY door_security_count ON security_events FOR UPDATE USING (wabotiq_door() = 'security') WITH CHECK (wabotiq_door() = 'security');
CREATE POLICY door_sweep_read ON security_events FOR SELECT USING (wabotiq_door() = 'sweep');
CREATE POLICY door_sweep ON security_events FOR DELETE USING (wabotiq_door() = 'sweep');
GRANT SELECT, INSERT, UPDATE, DELETE ON security_events TO wabotiq_app;

-- … and as the operator sees it of the whole installation, also of those who belong to nobody.
CREATE TABLE installation_events (
  id      UUID PRIMARY KEY,
  kind    TEXT NOT NULL,
  who     TEXT NOT NULL,
  address TEXT NOT NULL,
  about   TEXT NOT NULL,
  minute  BIGINT NOT NULL,
  times   BIGINT NOT NULL CHECK (times > 0),
  UNIQUE (minute, kind, who, address, about)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON installation_events TO wabotiq_app;

CREATE INDEX audit_events_by_time ON audit_events (tenant_id, created_at);
