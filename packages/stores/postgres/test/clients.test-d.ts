import type { PGlite } from '@electric-sql/pglite'
import type { Client, Pool, PoolClient } from 'pg'
import type { Sql } from 'postgres'
import { expectTypeOf, it } from 'vitest'
import type { Store } from '@mcpclient/core'
import { migrate, postgresStore } from '../src/index.ts'
import type { Migration, PostgresClient } from '../src/index.ts'

it('accepts every driver without an adapter', () => {
  expectTypeOf<Pool>().toExtend<PostgresClient>()
  expectTypeOf<Client>().toExtend<PostgresClient>()
  expectTypeOf<PoolClient>().toExtend<PostgresClient>()
  expectTypeOf<Sql>().toExtend<PostgresClient>()
  expectTypeOf<PGlite>().toExtend<PostgresClient>()
})

it('rejects everything else', () => {
  expectTypeOf<{ execute: (text: string) => Promise<unknown> }>().not.toExtend<PostgresClient>()
  // @ts-expect-error a connection string is no client
  postgresStore('postgres://localhost/app')
  // @ts-expect-error the options have no such name
  void migrate({} as Pool, { tabel: 'entries' })
})

it('returns a store, and migrations with an id and SQL', () => {
  expectTypeOf(postgresStore).returns.toExtend<Store>()
  expectTypeOf<Migration>().toEqualTypeOf<{ readonly id: string; readonly sql: string }>()
})
