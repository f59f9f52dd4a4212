import { namesOf } from './tables.ts'
import type { TableOptions, Tables } from './tables.ts'

export interface Migration {
  readonly id: string
  /** Statements to run in this order, in one transaction. */
  readonly sql: string
}

/**
 * Returns the migrations in order, for hosts whose own tool runs all migrations. {@link migrate} runs the same.
 *
 * The SQL of a migration never changes once it is published, and can run twice.
 * @throws ConnectorError `CONFIGURATION_ERROR` for an invalid name
 */
export function migrations(options: TableOptions = {}): readonly Migration[] {
  const names = namesOf(options)
  return [{ id: '0001_entries_and_buckets', sql: entriesAndBuckets(names) }]
}

/** Creates the schema if it is absent. A role that may not create schemas may not run "if not exists" either. */
export const createSchema = ({ schema }: Tables): string =>
  `do $schema$ begin if to_regnamespace('${schema}') is null then create schema ${schema}; end if; end $schema$;`

/**
 * Returns the first migration. Keys are ASCII and sorted as bytes: the database's locale would sort "a" before "B". Row-level security without
 * a policy admits only the owner of the tables; Supabase would grant its two public roles every table of some schemas.
 */
const entriesAndBuckets = (names: Tables): string => `${createSchema(names)}

create table if not exists ${names.entries} (
  key text collate "C" primary key,
  value text not null,
  version uuid not null,
  expires_at timestamptz
);
create index if not exists ${names.expiryIndex} on ${names.entries} (expires_at) where expires_at is not null;

create table if not exists ${names.buckets} (
  key text collate "C" primary key,
  taken float8 not null,
  at_ms float8 not null,
  full_at_ms float8 not null,
  wait_ms float8 not null
);
create index if not exists ${names.fullIndex} on ${names.buckets} (full_at_ms);
${protect(names.entries)}
${protect(names.buckets)}`

/** Restricts a table to its owner. */
export const protect = (table: string): string => `
alter table ${table} enable row level security;
do $protect$
declare
  public_role text;
begin
  for public_role in select rolname from pg_catalog.pg_roles where rolname in ('anon', 'authenticated') loop
    execute format('revoke all on table ${table} from %I', public_role);
  end loop;
end
$protect$;`
