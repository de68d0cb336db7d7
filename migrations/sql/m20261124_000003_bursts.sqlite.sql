-- When a customer's message was parked until they have finished writing. It is stored and shown by then, and is read
-- together with what follows it.
ALTER TABLE inbox ADD COLUMN parked_at INTEGER;
