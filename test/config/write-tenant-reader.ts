/** Part of `npm run generate`: writes `deploy/clickhouse/tenant-reader.sql`. */
import { writeFileSync } from 'node:fs'
import { readSnapshot } from '../schema/schema-snapshot.ts'
import { pathOf } from './read-yaml.ts'
import { buildTenantReader } from './tenant-reader.ts'

writeFileSync(pathOf('deploy/clickhouse/tenant-reader.sql'), buildTenantReader(readSnapshot()))
