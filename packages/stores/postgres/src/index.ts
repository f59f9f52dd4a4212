/**
 * `@mcpclient/postgres`: a store in PostgreSQL, Supabase included.
 */
export { postgresStore } from './postgres-store.ts'
export type { PostgresStoreOptions } from './postgres-store.ts'
export { migrate } from './migrate.ts'
export { migrations } from './migrations.ts'
export type { Migration } from './migrations.ts'
export type { PgQueryable, PostgresClient, PostgresJs, PostgresValue } from './postgres-client.ts'
export type { TableOptions } from './tables.ts'
