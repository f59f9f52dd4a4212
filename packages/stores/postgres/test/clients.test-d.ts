import type { PGlite } from '@electric-sql/pglite'
import type { Client, Pool, PoolClient } from 'pg'
import type { Sql } from 'postgres'
import { expectTypeOf, test } from 'vitest'
import type { Store } from '@mcpclient/core'
import { migrate, postgresStore } from '../src/index.ts'
import type { Migration, PostgresClient } from '../src/index.ts'

test('every driver fits as it is', () => {
  expectTypeOf<Pool>().toExtend<PostgresClient>()
  expectTypeOf<Client>().toExtend<PostgresClient>()
  expectTypeOf<PoolClient>().toExtend<PostgresClient>()
  expectTypeOf<Sql>().toExtend<PostgresClient>()
  expectTypeOf<PGlite>().toExtend<PostgresClient>()
})

test('and nothing else does', () => {
  expectTypeOf<{ execute: (text: string) => Promise<unknown> }>().not.toExtend<PostgresClient>()
  // @ts-expect-error a connection string is no client
  postgresStore('postgres://localhost/app')
  // @ts-expect-error the options have no such name
  void migrate({} as Pool, { tabel: 'entries' })
})

test('a store is a store, and a migration a text with an id', () => {
  expectTypeOf(postgresStore).returns.toExtend<Store>()
  expectTypeOf<Migration>().toEqualTypeOf<{ readonly id: string; readonly sql: string }>()
})
