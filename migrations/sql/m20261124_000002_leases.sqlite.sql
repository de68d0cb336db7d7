-- What is held now: a handful of rows, however long the queue is.
CREATE INDEX inbox_leases ON inbox (tenant_id, order_key, lease_until) WHERE lease_until IS NOT NULL;
CREATE INDEX outbox_leases ON outbox (tenant_id, conversation_id, lease_until) WHERE lease_until IS NOT NULL;
