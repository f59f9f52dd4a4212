import type { Tables } from './tables.ts'

const SWEPT_PER_WRITE = 2
/** A tolerance for rounding: a thousandth of a token, which never adds up to one. */
const ROUNDING = '0.001'

/** Marks a value, because PGlite drops a byte order mark at the beginning of a string. {@link valueOf} undoes this. */
const MARKED_VALUE = `'.' || value as value`

export const valueOf = (marked: unknown): string => String(marked).slice(1)

/** Returns the server's time, which all hosts share, or the time of the host's clock. */
const nowAt = (parameter: number): string =>
  `coalesce(to_timestamp($${String(parameter)}::float8 / 1000), statement_timestamp())`
const nowMsAt = (parameter: number): string =>
  `coalesce($${String(parameter)}::float8, extract(epoch from statement_timestamp())::float8 * 1000)`

/**
 * Returns the statements of a store: one for each call, atomic by itself, so any pooler works.
 *
 * Versions are random, not from a sequence: after a failover or a restored backup, a sequence would issue numbers again
 * that earlier writers still hold.
 */
export function statementsOver({ entries, buckets }: Tables) {
  // Locked rows are skipped, so two sweepers cannot deadlock.
  const sweep = (table: string, isOver: string): string => `with swept as (
    delete from ${table} where key = any(array(
      select key from ${table} where ${isOver} and key <> $1::text limit ${String(SWEPT_PER_WRITE)} for update skip locked
    ))
  )`
  // $1 key, $2 value, $3 milliseconds to live, $4 now, $5 the expected version
  const now = nowAt(4)
  const expiry = `${now} + $3::float8 * interval '1 millisecond'`
  const sweepEntries = sweep(entries, `expires_at <= ${now}`)
  const insert = `${sweepEntries}
    insert into ${entries} as old (key, value, version, expires_at)
    values ($1::text, $2::text, gen_random_uuid(), ${expiry})
    on conflict (key) do update
    set value = excluded.value, version = excluded.version, expires_at = excluded.expires_at`
  const live = (parameter: number): string => `(expires_at is null or expires_at > ${nowAt(parameter)})`
  return {
    batch: batchStatement(entries, live(2)),
    get: `select ${MARKED_VALUE}, version::text from ${entries} where key = $1::text and ${live(2)}`,
    put: `${insert} returning version::text`,
    create: `${insert} where old.expires_at <= ${now} returning version::text`,
    swap: `${sweepEntries}
      update ${entries} set value = $2::text, version = gen_random_uuid(), expires_at = ${expiry}
      where key = $1::text and version = $5::uuid and ${live(4)} returning version::text`,
    remove: `delete from ${entries}
      where key = $1::text and ${live(2)} and ($3::uuid is null or version = $3::uuid) returning key`,
    list: listStatement(entries, live(5)),
    take: takeStatement(buckets, sweep(buckets, `full_at_ms <= ${nowMsAt(5)}`)),
  }
}

/**
 * Returns the statement of a batch: $1 the writes as JSON, $2 now. It returns the key and the new version of each write
 * that happened.
 *
 * It locks the existing rows in the order of their keys before it writes, so that overlapping batches wait for each other.
 * A deadlock over rows that appear meanwhile is transient, and retried. The input is JSON, because postgres.js cannot send
 * arrays without `fetch_types`.
 */
function batchStatement(entries: string, live: string): string {
  const now = nowAt(2)
  const expiry = `${now} + life * interval '1 millisecond'`
  return `
  with input as materialized (
    select * from json_to_recordset($1::text::json) as each(key text, value text, life float8, kind text, version uuid)
  ), swept as (
    delete from ${entries} where key = any(array(
      select key from ${entries} where expires_at <= ${now} and key not in (select key from input)
      limit ${String(SWEPT_PER_WRITE)} * (select count(*) from input) for update skip locked
    ))
  ), locked as materialized (
    select key from ${entries} where key in (select key from input) order by key for update
  ), ready as materialized (
    select * from input where (select count(*) from locked) >= 0
  ), swapped as (
    update ${entries} as stored set value = ready.value, version = gen_random_uuid(), expires_at = ${expiry} from ready
    where kind = 'swap' and stored.key = ready.key and stored.version = ready.version and ${live}
    returning stored.key, stored.version
  ), removed as (
    delete from ${entries} as stored using ready
    where kind = 'remove' and stored.key = ready.key and ${live}
      and (ready.version is null or stored.version = ready.version)
    returning stored.key
  ), inserted as (
    insert into ${entries} as stored (key, value, version, expires_at)
    select key, value, gen_random_uuid(), ${expiry} from ready where kind in ('put', 'create') order by key
    on conflict (key) do update
    set value = excluded.value, version = excluded.version, expires_at = excluded.expires_at
    where stored.expires_at <= ${now} or excluded.key in (select key from ready where kind = 'put')
    returning key, version
  )
  select key, version::text from swapped union all select key, version::text from inserted
  union all select key, null from removed`
}

/** Returns the statement of a page: $1 first key, $2 end, $3 excluded key, $4 max entries, $5 now, $6 max bytes before an entry. */
const listStatement = (entries: string, live: string): string => `
  select key, ${MARKED_VALUE}, version, following from (
    select key, value, version::text, row_number() over ordered as place, lead(key) over ordered as following,
      sum(octet_length(value)) over ordered - octet_length(value) as before
    from (
      select key, value, version from ${entries}
      where key >= $1::text and key < $2::text and key <> $3::text and ${live}
      order by key limit $4::int + 1
    ) found
    window ordered as (order by key)
  ) page
  where place <= $4::int and before < $6::int
  order by place`

/**
 * Returns the statement of a take: $1 key, $2 capacity, $3 milliseconds to refill it whole, $4 cost, $5 now.
 *
 * The row stores the taken amount, not a time, so counting is exact. It also stores the result of this take, because an
 * update can only return what it wrote. A statement that waited for another one is older than the row: elapsed time
 * must not be counted twice, unless the clock was really set back.
 */
function takeStatement(buckets: string, sweep: string): string {
  const [capacity, perMs, cost, now] = ['$2::float8', '$3::float8', '$4::float8', nowMsAt(5)]
  const at = `greatest(${now}, least(old.at_ms, ${now} + ${perMs}))`
  const back = `greatest(0, ${now} - old.at_ms) * ${capacity} / ${perMs}`
  const taken = `least(greatest(0, old.taken - ${back}), ${capacity} + ${ROUNDING})`
  const fits = `${taken} + ${cost} <= ${capacity} + ${ROUNDING}`
  const after = `${taken} + case when ${fits} then ${cost} else 0 end`
  return `${sweep}
    insert into ${buckets} as old (key, taken, at_ms, full_at_ms, wait_ms)
    values ($1::text, ${cost}, ${now}, ${now} + ${cost} * ${perMs} / ${capacity}, 0)
    on conflict (key) do update set
      taken = ${after},
      at_ms = ${at},
      full_at_ms = ${at} + (${after}) * ${perMs} / ${capacity},
      wait_ms = case when ${fits} then 0
        else ceil((${taken} + ${cost} - ${capacity}) * ${perMs} / ${capacity} + ${at} - ${now}) end
    returning wait_ms::text as wait`
}
