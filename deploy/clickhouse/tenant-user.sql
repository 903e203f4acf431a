-- One user of one tenant, after tenant-reader.sql. Replace acme by the tenant's id, and the hash by SHA-256 of a password, in
-- hexadecimal digits: as it is, nobody can log in. Never grant such a user anything beside the role.
CREATE USER IF NOT EXISTS tenant_acme
  IDENTIFIED WITH sha256_hash BY '0000000000000000000000000000000000000000000000000000000000000000'
  SETTINGS SQL_outlay_tenant = 'acme' CONST;

GRANT outlay_tenant TO tenant_acme;

SET DEFAULT ROLE outlay_tenant TO tenant_acme;
