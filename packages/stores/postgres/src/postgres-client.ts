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
    assertSafeBehindPooler(offered)
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

/** The ports of PgBouncer and of Supabase's pooler. */
const POOLER_PORTS: ReadonlySet<unknown> = new Set([6432, 6543])
const POOLER_HOST = /pooler|pgbouncer/i

/**
 * With `fetch_types`, postgres.js asks for the types when it connects. Behind a pooler whose server is down that query is
 * rejected where nobody can catch it, and the process ends.
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
