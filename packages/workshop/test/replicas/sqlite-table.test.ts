import { DatabaseSync } from 'node:sqlite'
import { replicaContract } from '@mcpclient/sync/contract'
import type { Replica } from '@mcpclient/sync'
import { documentedTable } from './documented-table.ts'

const { sql, open } = documentedTable<DatabaseSync>('SQLite', 'eventsInSqlite')
const databases = new WeakMap<Replica, DatabaseSync>()

replicaContract(
  () => {
    const database = new DatabaseSync(':memory:')
    database.exec(sql)
    const replica = open(database)
    databases.set(replica, database)
    return replica
  },
  {
    name: 'the SQLite table of the guide',
    host(replica) {
      const run = (text: string, values: Record<string, string | null>) =>
        databases.get(replica)?.prepare(text).all(values) ?? []
      const valuesOf = (item: object) => item as { readonly title: string; readonly place: string | null }
      return {
        async create(item) {
          return String(
            run('insert into events (title, place) values (:title, :place) returning id', valuesOf(item))[0]?.['id'],
          )
        },
        async edit(id, item) {
          run('update events set title = :title, place = :place where id = :id', { ...valuesOf(item), id })
        },
        async remove(id) {
          run('delete from events where id = :id', { id })
        },
      }
    },
  },
)
