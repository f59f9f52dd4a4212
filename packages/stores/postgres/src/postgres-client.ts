import { ConnectorError } from '@mcpclient/core'

export type PostgresValue = string | number | null

/** The method of a `Pool` or a `Client` of `pg`, of PGlite, and of compatible clients. */
export interface PgQueryable {
  query(text: string, values?: PostgresValue[]): Promise<{ readonly rows: readonly unknown[] }>
}

/** The method of the `sql` of postgres.js. */
export interface PostgresJs {
  unsafe(text: string, values?: PostgresValue[]): PromiseLike<readonly unknown[]>
}

/** The host's connection, or better its pool. No store closes it. */
export type PostgresClient = PgQueryable | PostgresJs

export type Row = Readonly<Record<string, unknown>>
export type Query = (text: string, values?: PostgresValue[]) => Promise<readonly Row[]>

/**
 * Returns a query function over either driver. Neither driver names the statement, so a pooler may run the next one on
 * another connection.
 * @throws ConnectorError `CONFIGURATION_ERROR` for a value that is no client
 */
export function queryThrough(client: PostgresClient): Query {
  // The sql of postgres.js is a function with methods, and untyped callers may pass anything.
  const offered = client as (Partial<PgQueryable> & Partial<PostgresJs>) | undefined
  const { unsafe, query } = offered ?? {}
  if (typeof unsafe === 'function') {
    assertSafeBehindPooler(offered)
    return async (text, values) => (await unsafe.call(offered, text, values)) as readonly Row[]
  }
  if (typeof query === 'function') {
    return async (text, values) => (await query.call(offered, text, values)).rows as readonly Row[]
  }
  throw new ConnectorError('CONFIGURATION_ERROR', 'The client of postgresStore() has no query or unsafe method.', {
    hint: 'Pass a Pool of pg, the sql of postgres.js, or a PGlite.',
  })
}

/** The ports of PgBouncer and of Supabase's pooler. */
const POOLER_PORTS: ReadonlySet<unknown> = new Set([6432, 6543])
const POOLER_HOST = /pooler|pgbouncer/i

/**
 * Rejects postgres.js with `fetch_types` behind a pooler. It queries the types when it connects, and if the server is
 * down, that query is an unhandled rejection which ends the process.
 */
function assertSafeBehindPooler(client: unknown): void {
  const { options } = client as { readonly options?: Partial<Record<'host' | 'port' | 'fetch_types', unknown>> }
  if (options === undefined || options.fetch_types === false) return
  const isPooler =
    [options.port].flat().some((port) => POOLER_PORTS.has(Number(port))) ||
    [options.host].flat().some((host) => typeof host === 'string' && POOLER_HOST.test(host))
  if (!isPooler) return
  throw new ConnectorError('CONFIGURATION_ERROR', 'postgres.js needs fetch_types: false behind a pooler.', {
    hint: 'Pass postgres(url, { fetch_types: false, prepare: false }): otherwise an outage ends the process.',
  })
}
