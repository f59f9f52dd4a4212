import { closeSync, openSync } from 'node:fs'
import { resolve } from 'node:path'
import type * as Sqlite from 'node:sqlite'
import type { DatabaseSync } from 'node:sqlite'
import { ConnectorError } from '@mcpclient/core'
import { failureOf } from './sqlite-failure.ts'
import { whenFreeSync } from './when-free.ts'

/** "mcpc": identifies the owner in the file's header. */
const APPLICATION_ID = 0x6d637063
const SCHEMA_VERSION = 1
const IN_MEMORY = ':memory:'
const ONLY_THE_OWNER = 0o600

/**
 * Opens or creates the file: readable by its owner only, in write-ahead mode, with the tables.
 * @param file a path, or `:memory:`
 * @param schema creates the tables if they are absent
 */
export function openDatabase(file: string, schema: string): DatabaseSync {
  if (file === '') throw new ConnectorError('CONFIGURATION_ERROR', 'sqliteStore() needs the path of a file.')
  // The path is absolute, because SQLite treats "file:" as the start of a URL.
  const path = file === IN_MEMORY ? file : resolve(file)
  const database = connect(path)
  try {
    whenFreeSync(() => {
      assertOwnFile(database, path)
    })
    whenFreeSync(() => {
      configure(database, path)
    })
    whenFreeSync(() => {
      createTables(database, path, schema)
    })
    return database
  } catch (error) {
    database.close()
    throw failureOf(error, path)
  }
}

function connect(path: string): DatabaseSync {
  // Loaded late, so that only a host with a store sees the warning of Node about its experimental SQLite.
  const sqlite = process.getBuiltinModule('node:sqlite') as typeof Sqlite | undefined
  if (sqlite === undefined) {
    throw new ConnectorError('CONFIGURATION_ERROR', 'This runtime has no node:sqlite.', {
      hint: 'Use Node 22.13 or later, or another store.',
    })
  }
  if (path !== IN_MEMORY) createFile(path)
  try {
    return new sqlite.DatabaseSync(path)
  } catch (error) {
    throw failureOf(error, path)
  }
}

/** Creates the file for its owner only. SQLite would make it readable for all users; -wal and -shm inherit its mode. */
function createFile(path: string): void {
  try {
    closeSync(openSync(path, 'wx', ONLY_THE_OWNER))
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    // An existing file must not be opened here: closing it would drop the locks of every store in this process.
    if (code === 'EEXIST') return
    const hint =
      code === 'ENOENT' ? 'Create its folder first.' : 'Pass a file in a folder where this process may write.'
    throw new ConnectorError('CONFIGURATION_ERROR', `The file ${path} cannot be created.`, { hint }, { cause: error })
  }
}

/** Rejects a file of another program or of a later version, before anything changes in it. */
function assertOwnFile(database: DatabaseSync, path: string): void {
  // In one statement: another process may create the tables meanwhile.
  const { version, owner, tables } = database
    .prepare(
      `SELECT (SELECT user_version FROM pragma_user_version) AS version,
        (SELECT application_id FROM pragma_application_id) AS owner,
        (SELECT count(*) FROM sqlite_schema) AS tables`,
    )
    .get() as { readonly version: number; readonly owner: number; readonly tables: number }
  if (owner === 0 && version === 0 && tables === 0) return
  if (owner !== APPLICATION_ID) {
    throw new ConnectorError('CONFIGURATION_ERROR', `The database ${path} belongs to another program.`, {
      hint: 'Pass a file that only the store uses. It is created if it is absent.',
    })
  }
  if (version > SCHEMA_VERSION) {
    throw new ConnectorError(
      'CONFIGURATION_ERROR',
      `The store ${path} has schema ${String(version)}; this version of @mcpclient/sqlite knows ${String(SCHEMA_VERSION)}.`,
      { hint: 'Update @mcpclient/sqlite in every program that opens this file.' },
    )
  }
}

function configure(database: DatabaseSync, path: string): void {
  const mode = valueOf(database, 'PRAGMA journal_mode = WAL')
  if (path !== IN_MEMORY && mode !== 'wal') {
    throw new ConnectorError('CONFIGURATION_ERROR', `SQLite cannot create a write-ahead log beside ${path}.`, {
      hint: 'Put the file on a local disk, not on a network file system.',
    })
  }
  // NORMAL may lose the last writes in a power cut. A refresh token that rotated in one of them is a lost grant.
  database.exec('PRAGMA synchronous = FULL')
  // Deleted and replaced data is overwritten, so that a copy of the file contains no old credential.
  database.exec('PRAGMA secure_delete = ON')
}

/** Creates the tables. Several processes may do so concurrently: the first one creates them. */
function createTables(database: DatabaseSync, path: string, schema: string): void {
  database.exec('BEGIN IMMEDIATE')
  try {
    assertOwnFile(database, path)
    database.exec(schema)
    database.exec(`PRAGMA application_id = ${String(APPLICATION_ID)}; PRAGMA user_version = ${String(SCHEMA_VERSION)}`)
    database.exec('COMMIT')
  } catch (error) {
    database.exec('ROLLBACK')
    throw error
  }
}

const valueOf = (database: DatabaseSync, statement: string): unknown =>
  Object.values(database.prepare(statement).get() ?? {})[0]
