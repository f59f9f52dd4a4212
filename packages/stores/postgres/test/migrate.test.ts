import { PGlite } from '@electric-sql/pglite'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { migrate, migrations, postgresStore } from '../src/index.ts'
import type { PostgresClient } from '../src/index.ts'

const LIMIT = { timeout: 30_000 }

const refusal = (text: string) =>
  expect.objectContaining({ code: 'CONFIGURATION_ERROR', message: expect.stringContaining(text) })

/** One server for all of them, since it takes a second to start; each test finds it as it was when it was new. */
const database = new PGlite()
await database.waitReady
beforeEach(async () => {
  await database.exec(`reset role;
    do $new$
    declare
      name text;
    begin
      for name in select nspname from pg_namespace where nspname !~ '^pg_|^information_schema$' loop
        execute format('drop schema %I cascade', name);
      end loop;
      create schema public;
      for name in select rolname from pg_roles where rolname !~ '^pg_|^postgres$' loop
        execute format('drop owned by %I; drop role %I', name, name);
      end loop;
    end
    $new$`)
})

describe('migrate', LIMIT, () => {
  it('may run repeatedly and changes nothing', async () => {
    await migrate(database)
    await postgresStore(database).put('a', 'x')
    await migrate(database)
    expect((await postgresStore(database).get('a'))?.value).toBe('x')
    const { rows } = await database.query('select id from mcpclient.entries_migrations order by id')
    expect(rows).toEqual(migrations().map(({ id }) => ({ id })))
  })

  it('continues after a host that ran the migrations with its own tool', async () => {
    for (const { sql } of migrations()) await database.exec(sql)
    await postgresStore(database).put('a', 'x')
    for (const { sql } of migrations()) await database.exec(sql)
    await migrate(database)
    expect((await postgresStore(database).get('a'))?.value).toBe('x')
  })

  it('creates several stores, in a schema that exists or not', async () => {
    await database.exec('create schema app; create table app.users (name text)')
    const places = [{ schema: 'app', table: 'credentials' }, { schema: 'app', table: 'State' }, {}]
    for (const place of places) await migrate(database, place)
    const stores = places.map((place) => postgresStore(database, place))
    for (const [index, store] of stores.entries()) await store.put('a', String(index))
    for (const [index, store] of stores.entries()) expect((await store.get('a'))?.value).toBe(String(index))
  })

  it('is atomic', async () => {
    await database.exec('create schema mcpclient; create view mcpclient.entries_buckets as select 1 as key')
    await expect(migrate(database)).rejects.toThrow('SQLSTATE')
    const { rows } = await database.query("select relname from pg_class where relname like 'entries%'")
    expect(rows).toEqual([{ relname: 'entries_buckets' }])
  })

  it('rejects a role without the right to create tables', async () => {
    await database.exec('create role visitor; set role visitor')
    await expect(migrate(database)).rejects.toEqual(refusal('does not let this role'))
  })
})

describe('row-level security', LIMIT, () => {
  /** The default privileges of Supabase's own public schema. */
  const LIKE_SUPABASE = `create role anon; create role authenticated;
    grant usage on schema public to anon, authenticated;
    alter default privileges in schema public grant all on tables to anon, authenticated;`

  it.each(['anon', 'authenticated'])('excludes %s, even from a schema whose tables are granted to it', async (role) => {
    await database.exec(LIKE_SUPABASE)
    await database.exec('create table public.shown (key text)')
    await migrate(database, { schema: 'public' })
    const store = postgresStore(database, { schema: 'public' })
    await store.put('a', 'secret')
    await database.exec(`set role ${role}`)
    // What else is in the schema is none of our business.
    expect((await database.query('select * from public.shown')).rows).toEqual([])
    for (const table of ['entries', 'entries_buckets', 'entries_migrations']) {
      await expect(database.query(`select * from public.${table}`)).rejects.toThrow(/permission denied/)
    }
    await expect(store.get('a')).rejects.toEqual(refusal('does not let this role'))
  })

  it('excludes a role that was granted the tables afterwards', async () => {
    await database.exec(LIKE_SUPABASE)
    await migrate(database)
    const store = postgresStore(database)
    await store.put('a', 'secret')
    await database.exec(`grant usage on schema mcpclient to anon; grant all on all tables in schema mcpclient to anon;
      set role anon`)
    expect(await store.get('a')).toBeUndefined()
    expect(await store.delete('a')).toBe(false)
    await expect(store.put('a', 'mine')).rejects.toEqual(refusal('does not let this role'))
    await expect(store.take('a', { capacity: 1, perMs: 1, cost: 1 })).rejects.toEqual(refusal('does not let this role'))
  })

  it('admits a role as the guide describes', async () => {
    const guide = readFileSync(join(import.meta.dirname, '../../../../docs/guide/supabase.md'), 'utf8')
    const [, sql] = /^```sql\n(create role app_backend.*?)^```$/ms.exec(guide) ?? []
    await migrate(database)
    await database.exec(sql ?? '')
    await database.exec('set role app_backend')
    const store = postgresStore(database)
    const written = await store.put('a', 'x')
    expect(await store.get('a')).toEqual({ value: 'x', ...written })
    expect(await store.take('a', { capacity: 1, perMs: 1000, cost: 1 })).toEqual({ ok: true, waitMs: 0 })
    expect(await store.take('a', { capacity: 1, perMs: 1000, cost: 1 })).toHaveProperty('ok', false)
    expect(await store.delete('a')).toBe(true)
  })
})

describe('an option that is rejected immediately', () => {
  it.each(['', '1st', 'a"b', "a'b", 'a.b', 'ünder', 'x'.repeat(53), 'entries_buckets', 'a_migrations'])(
    'is the name %j',
    (name) => {
      expect(() => postgresStore(database, { table: name })).toThrow(refusal('name of a schema or a table is invalid'))
      expect(() => migrations({ schema: name })).toThrow(refusal('name of a schema or a table is invalid'))
    },
  )

  it.each([undefined, null, {}, { query: 'select 1' }])('is %o instead of a client', (client) => {
    expect(() => postgresStore(client as unknown as PostgresClient)).toThrow(
      refusal('client of postgresStore() has no'),
    )
  })
})
