-- The platform: a tenant of its own, whose id is nil, whose members are the operators and whose audit chain says what they
-- did. It is made when it is first needed; what may be held there, and what only there, is refused by the tables.

CREATE FUNCTION wabotiq_scope_fits(tenant UUID, scope TEXT) RETURNS BOOLEAN LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN tenant = '00000000-0000-0000-0000-000000000000'
    THEN substr(scope, 1, 9) = 'platform:' OR scope IN ('finance:view', 'finance:withdraw:approve', 'users:manage',
      'roles:manage', 'audit:view', 'approvals:policy')
    ELSE substr(scope, 1, 9) <> 'platform:' END
$$;

ALTER TABLE role_scopes ADD CONSTRAINT role_scopes_fit CHECK (wabotiq_scope_fits(tenant_id, scope));
ALTER TABLE member_scopes ADD CONSTRAINT member_scopes_fit CHECK (wabotiq_scope_fits(tenant_id, scope));
-- A program never operates the platform.
ALTER TABLE api_key_scopes ADD CONSTRAINT api_key_scopes_fit CHECK (
  tenant_id <> '00000000-0000-0000-0000-000000000000' AND wabotiq_scope_fits(tenant_id, scope));

-- The operator's list of businesses counts their members.
CREATE POLICY door_operator ON members FOR SELECT USING (wabotiq_door() = 'operator');
