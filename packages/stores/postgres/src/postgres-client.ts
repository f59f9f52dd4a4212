import { ConnectorError } from '@mcpclient/core'

export type PostgresValue = string | number | null

/** What a `Pool` or a `Client` of `pg` offers, and PGlite, and whatever speaks as they do. */
export interface PgQueryable {
  query(text: string, values?: PostgresValue[]): Promise<{ readonly rows: readonly unknown[] }>
}

/** What the `sql` of postgres.js offers. */
export interface PostgresJs {
  unsafe(text: string, values?: PostgresValue[]): PromiseLike<readonly unknown[]>
}

/** A connection of the host's own, or better a pool of them. It stays the host's: no store closes it. */
export type PostgresClient = PgQueryable | PostgresJs

export type Row = Readonly<Record<string, unknown>>
export type Ask = (text: string, values?: PostgresValue[]) => Promise<readonly Row[]>

/**
 * One way to ask, whichever driver it is. Neither driver names the statement, so a pooler may give the next one to
 * another connection.
 * @throws ConnectorError CONFIGURATION_ERROR for what is no client
 */
export function askThrough(client: PostgresClient): Ask {
  // The sql of postgres.js is a function with methods, and who writes no types may pass anything.
  const offered = client as (Partial<PgQueryable> & Partial<PostgresJs>) | undefined
  const { unsafe, query } = offered ?? {}
  if (typeof unsafe === 'function') {
    return async (text, values) => (await unsafe.call(offered, text, values)) as readonly Row[]
  }
  if (typeof query === 'function') {
    return async (text, values) => (await query.call(offered, text, values)).rows as readonly Row[]
  }
  throw new ConnectorError(
    'CONFIGURATION_ERROR',
    'A store in PostgreSQL needs a client with a query or unsafe method.',
    {
      hint: 'Pass a Pool of pg, the sql of postgres.js, or a PGlite.',
    },
  )
}
