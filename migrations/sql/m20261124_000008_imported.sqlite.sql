-- How many rounds the hash asks for that somebody brought along from another program; gone with their first sign-in here.
ALTER TABLE users ADD COLUMN imported_rounds INTEGER CHECK (imported_rounds IS NULL OR password_hash LIKE 'pbkdf2%');
CREATE INDEX users_imported ON users (imported_rounds) WHERE imported_rounds IS NOT NULL;
