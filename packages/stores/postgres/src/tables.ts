import { ConnectorError } from '@mcpclient/core'

export interface TableOptions {
  /**
   * The schema of the tables. Choose one that no API exposes to browsers.
   * @default 'mcpclient'
   */
  readonly schema?: string | undefined
  /**
   * The table of the entries. The tables of buckets and migrations are named after it.
   * @default 'entries'
   */
  readonly table?: string | undefined
}

/** Names, quoted for SQL. */
export interface Tables {
  readonly schema: string
  readonly entries: string
  readonly buckets: string
  readonly migrations: string
  /** Names for indexes, which live in the schema of their table. */
  readonly expiryIndex: string
  readonly fullIndex: string
}

/** PostgreSQL truncates names at 63 bytes; the longest suffix has 11. */
const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,51}$/
const RESERVED = /_(?:buckets|migrations)$/

/** @throws ConnectorError `CONFIGURATION_ERROR` for a name that would have to be truncated or escaped */
export function namesOf({ schema = 'mcpclient', table = 'entries' }: TableOptions): Tables {
  for (const name of [schema, table]) {
    if (NAME.test(name) && !RESERVED.test(name)) continue
    throw new ConnectorError('CONFIGURATION_ERROR', 'The name of a schema or a table is invalid.', {
      hint: 'Use 1 to 52 letters, digits or "_", begin with a letter, and do not end with "_buckets" or "_migrations".',
    })
  }
  const inSchema = (name: string): string => `"${schema}"."${name}"`
  return {
    schema: `"${schema}"`,
    entries: inSchema(table),
    buckets: inSchema(`${table}_buckets`),
    migrations: inSchema(`${table}_migrations`),
    expiryIndex: `"${table}_expiry"`,
    fullIndex: `"${table}_full"`,
  }
}
