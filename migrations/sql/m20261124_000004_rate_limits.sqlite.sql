-- How often somebody may try, for the whole installation. One row a key: when its next try would be due if they came evenly.
CREATE TABLE rate_limits (
  -- Which limit.
  name    TEXT NOT NULL,
  -- SHA-256 of who is counted, hexadecimal: no address stands here.
  key     TEXT NOT NULL CHECK (length(key) = 64),
  next_at INTEGER NOT NULL,
  PRIMARY KEY (name, key)
) STRICT;
CREATE INDEX rate_limits_by_age ON rate_limits (next_at);
