import { ConnectorError } from '@mcpclient/core'

export interface TableOptions {
  /** Default `mcpclient`. Choose one that no API shows to browsers. */
  readonly schema?: string | undefined
  /** Default `entries`. Its buckets and the record of its migrations are in tables named after it. */
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

/** PostgreSQL cuts names off at 63 bytes; the longest suffix has 11. */
const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,51}$/
const OURS = /_(?:buckets|migrations)$/

/** @throws ConnectorError CONFIGURATION_ERROR for a name that would have to be cut or escaped */
export function namesOf({ schema = 'mcpclient', table = 'entries' }: TableOptions): Tables {
  for (const name of [schema, table]) {
    if (NAME.test(name) && !OURS.test(name)) continue
    throw new ConnectorError(
      'CONFIGURATION_ERROR',
      'The schema and the table of a store are named by 1 to 52 letters, digits or "_".',
      { hint: 'Begin with a letter, and do not end with "_buckets" or "_migrations".' },
    )
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
