import { randomUUID } from 'node:crypto'
import process from 'node:process'
import { replicaContract } from '@mcpclient/sync/contract'
import type { Replica } from '@mcpclient/sync'
import { Pool } from 'pg'
import { afterAll, describe } from 'vitest'
import { openPlace } from '../processes/place.ts'
import { documentedTable } from './documented-table.ts'

const { sql, open } = documentedTable<Pool>('PostgreSQL', 'eventsInPostgres')
const place = await openPlace('postgres')
const server = place.missing === undefined ? await place.newStore() : undefined
const pools: Pool[] = []
const created: string[] = []
const schemas = new WeakMap<Replica, string>()
const admin = connect('public')

/** Connects to one schema: each test has its own tables. */
function connect(schema: string): Pool {
  const pool = new Pool({ connectionString: server?.at, options: `-c search_path=${schema}`, max: 6 })
  pool.on('error', () => {})
  pools.push(pool)
  return pool
}

afterAll(async () => {
  // The server may be an existing one.
  if (server !== undefined) for (const schema of created) await admin.query(`drop schema ${schema} cascade`)
  await Promise.all(pools.map((pool) => pool.end()))
  await place.close()
})

if (server === undefined) process.stderr.write(`The PostgreSQL table: not tested: ${place.missing}\n`)

function openIn(schema: string): Replica {
  const replica = open(connect(schema))
  schemas.set(replica, schema)
  return replica
}

const schemaOf = (replica: Replica): string => schemas.get(replica) ?? ''

describe.skipIf(server === undefined)('on a real server', () => {
  replicaContract(
    async () => {
      const schema = `replica_${randomUUID().replaceAll('-', '')}`
      created.push(schema)
      await admin.query(`create schema ${schema}`)
      const replica = openIn(schema)
      await connect(schema).query(sql)
      return replica
    },
    {
      name: 'the PostgreSQL table of the guide',
      shared: (replica) => openIn(schemaOf(replica)),
      host(replica) {
        const pool = connect(schemaOf(replica))
        const valuesOf = ({ title, place }: Readonly<Record<string, unknown>>) => [title, place]
        const EDIT = 'update events set title = $1, place = $2 where id = $3'
        return {
          async create(item) {
            const created = await pool.query(
              'insert into events (title, place) values ($1, $2) returning id',
              valuesOf(item),
            )
            return String(created.rows[0].id)
          },
          async edit(id, item) {
            await pool.query(EDIT, [...valuesOf(item), id])
          },
          async remove(id) {
            await pool.query('delete from events where id = $1', [id])
          },
          async begin(id, item) {
            const client = await pool.connect()
            await client.query('begin')
            await client.query(EDIT, [...valuesOf(item), id])
            return {
              async commit() {
                await client.query('commit')
                client.release()
              },
            }
          },
        }
      },
    },
  )
})
