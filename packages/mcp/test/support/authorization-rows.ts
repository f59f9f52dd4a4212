import type { Adapter, AdapterPayload } from 'oidc-provider'

/** Stores the rows of one provider. The library's own store is shared by all providers of a process. */
export function authorizationRows(): (model: string) => Adapter {
  const rows = new Map<string, AdapterPayload>()
  return (model) => {
    const keyOf = (id: string) => `${model} ${id}`
    const search = (fits: (row: AdapterPayload) => boolean) =>
      Promise.resolve([...rows].find(([key, row]) => key.startsWith(keyOf('')) && fits(row))?.[1])
    return {
      async upsert(id, row) {
        rows.set(keyOf(id), row)
      },
      find: (id) => Promise.resolve(rows.get(keyOf(id))),
      findByUid: (uid) => search((row) => row.uid === uid),
      findByUserCode: (code) => search((row) => row.userCode === code),
      async destroy(id) {
        rows.delete(keyOf(id))
      },
      async consume(id) {
        Object.assign(rows.get(keyOf(id)) ?? {}, { consumed: Math.floor(Date.now() / 1000) })
      },
      async revokeByGrantId(grantId) {
        const ended = [...rows].filter(([, row]) => row.grantId === grantId)
        for (const [key] of ended) rows.delete(key)
      },
    }
  }
}
