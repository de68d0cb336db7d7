-- What was refused, counted by minute: as a business sees it of its own people and numbers, …
CREATE TABLE security_events (
  id        BLOB PRIMARY KEY,
  tenant_id BLOB NOT NULL REFERENCES tenants (id),
  kind      TEXT NOT NULL,
  -- E-mail address of somebody who belongs to the business, or nothing. Never what a stranger typed.
  who       TEXT NOT NULL,
  address   TEXT NOT NULL,
  about     TEXT NOT NULL,
  -- Since 1970.
  minute    INTEGER NOT NULL,
  times     INTEGER NOT NULL CHECK (times > 0),
  UNIQUE (tenant_id, id),
  UNIQUE (tenant_id, minute, kind, who, address, about)
) STRICT;
CREATE INDEX security_events_by_minute ON security_events (minute);

-- … and as the operator sees it of the whole installation, also of those who belong to nobody.
CREATE TABLE installation_events (
  id      BLOB PRIMARY KEY,
  kind    TEXT NOT NULL,
  who     TEXT NOT NULL,
  address TEXT NOT NULL,
  about   TEXT NOT NULL,
  minute  INTEGER NOT NULL,
  times   INTEGER NOT NULL CHECK (times > 0),
  UNIQUE (minute, kind, who, address, about)
) STRICT;

CREATE INDEX audit_events_by_time ON audit_events (tenant_id, created_at);
