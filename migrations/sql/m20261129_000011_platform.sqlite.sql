-- The platform: a tenant of its own, whose id is nil, whose members are the operators and whose audit chain says what they
-- did. It is made when it is first needed; what may be held there, and what only there, is refused by the tables.

CREATE TRIGGER role_scopes_fit BEFORE INSERT ON role_scopes
BEGIN
  SELECT RAISE(ABORT, 'role_scopes: no scope of this tenant') WHERE CASE WHEN NEW.tenant_id = zeroblob(16)
    THEN substr(NEW.scope, 1, 9) <> 'platform:' AND NEW.scope NOT IN ('finance:view', 'finance:withdraw:approve',
      'users:manage', 'roles:manage', 'audit:view', 'approvals:policy')
    ELSE substr(NEW.scope, 1, 9) = 'platform:' END;
END;
CREATE TRIGGER role_scopes_still_fit BEFORE UPDATE ON role_scopes
BEGIN
  SELECT RAISE(ABORT, 'role_scopes: no scope of this tenant') WHERE CASE WHEN NEW.tenant_id = zeroblob(16)
    THEN substr(NEW.scope, 1, 9) <> 'platform:' AND NEW.scope NOT IN ('finance:view', 'finance:withdraw:approve',
      'users:manage', 'roles:manage', 'audit:view', 'approvals:policy')
    ELSE substr(NEW.scope, 1, 9) = 'platform:' END;
END;
CREATE TRIGGER member_scopes_fit BEFORE INSERT ON member_scopes
BEGIN
  SELECT RAISE(ABORT, 'member_scopes: no scope of this tenant') WHERE CASE WHEN NEW.tenant_id = zeroblob(16)
    THEN substr(NEW.scope, 1, 9) <> 'platform:' AND NEW.scope NOT IN ('finance:view', 'finance:withdraw:approve',
      'users:manage', 'roles:manage', 'audit:view', 'approvals:policy')
    ELSE substr(NEW.scope, 1, 9) = 'platform:' END;
END;
CREATE TRIGGER member_scopes_still_fit BEFORE UPDATE ON member_scopes
BEGIN
  SELECT RAISE(ABORT, 'member_scopes: no scope of this tenant') WHERE CASE WHEN NEW.tenant_id = zeroblob(16)
    THEN substr(NEW.scope, 1, 9) <> 'platform:' AND NEW.scope NOT IN ('finance:view', 'finance:withdraw:approve',
      'users:manage', 'roles:manage', 'audit:view', 'approvals:policy')
    ELSE substr(NEW.scope, 1, 9) = 'platform:' END;
END;

-- A program never operates the platform.
CREATE TRIGGER api_key_scopes_fit BEFORE INSERT ON api_key_scopes
BEGIN
  SELECT RAISE(ABORT, 'api_key_scopes: no scope of this tenant')
    WHERE NEW.tenant_id = zeroblob(16) OR substr(NEW.scope, 1, 9) = 'platform:';
END;
CREATE TRIGGER api_key_scopes_still_fit BEFORE UPDATE ON api_key_scopes
BEGIN
  SELECT RAISE(ABORT, 'api_key_scopes: no scope of this tenant')
    WHERE NEW.tenant_id = zeroblob(16) OR substr(NEW.scope, 1, 9) = 'platform:';
END;
