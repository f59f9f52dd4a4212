import type { DatabaseSync } from 'node:sqlite'

/** Returns the tables of a store: entries and buckets. A host's own name for a table contains no colon. */
export const schemaOf = (table: string): string => `
  CREATE TABLE IF NOT EXISTS "${table}" (
    key TEXT PRIMARY KEY NOT NULL,
    value TEXT NOT NULL,
    version TEXT NOT NULL,
    expires_at INTEGER
  ) STRICT;
  CREATE INDEX IF NOT EXISTS "${table}:expiry" ON "${table}" (expires_at) WHERE expires_at IS NOT NULL;
  CREATE TABLE IF NOT EXISTS "${table}:buckets" (
    key TEXT PRIMARY KEY NOT NULL,
    taken REAL NOT NULL,
    at REAL NOT NULL,
    full_at REAL NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS "${table}:full" ON "${table}:buckets" (full_at);
`

/**
 * Versions are random, not counted: a counter from a restored backup would issue versions again that earlier writers
 * still hold.
 */
const NEW_VERSION = 'lower(hex(randomblob(16)))'
const LIVE = '(expires_at IS NULL OR expires_at > :now)'
const SWEPT_PER_WRITE = 2

/** Prepares the statements of a store. Each writing statement is atomic by itself. */
export function prepareStatements(database: DatabaseSync, table: string) {
  const entries = `"${table}"`
  const buckets = `"${table}:buckets"`
  const insert = `INSERT INTO ${entries} AS old (key, value, version, expires_at)
    VALUES (:key, :value, ${NEW_VERSION}, :expiresAt)
    ON CONFLICT (key) DO UPDATE
    SET value = excluded.value, version = excluded.version, expires_at = excluded.expires_at`
  const prepare = (statement: string) => database.prepare(statement)
  return {
    get: prepare(`SELECT value, version FROM ${entries} WHERE key = :key AND ${LIVE}`),
    put: prepare(`${insert} RETURNING version`),
    create: prepare(`${insert} WHERE old.expires_at <= :now RETURNING version`),
    swap: prepare(`UPDATE ${entries} SET value = :value, version = ${NEW_VERSION}, expires_at = :expiresAt
      WHERE key = :key AND version = :ifVersion AND ${LIVE} RETURNING version`),
    remove: prepare(`DELETE FROM ${entries} WHERE key = :key AND ${LIVE}`),
    removeVersion: prepare(`DELETE FROM ${entries} WHERE key = :key AND version = :ifVersion AND ${LIVE}`),
    list: prepare(`SELECT key, value, version FROM ${entries}
      WHERE key >= :from AND key < :end AND key <> :after AND ${LIVE} ORDER BY key`),
    sweep: prepare(`DELETE FROM ${entries} WHERE rowid IN
      (SELECT rowid FROM ${entries} WHERE expires_at <= :now LIMIT ${String(SWEPT_PER_WRITE)})`),
    bucket: prepare(`SELECT taken, at FROM ${buckets} WHERE key = :key`),
    fill: prepare(`INSERT OR REPLACE INTO ${buckets} (key, taken, at, full_at) VALUES (:key, :taken, :at, :fullAt)`),
    sweepBuckets: prepare(`DELETE FROM ${buckets} WHERE key IN
      (SELECT key FROM ${buckets} WHERE full_at <= :now LIMIT ${String(SWEPT_PER_WRITE)})`),
  }
}
