import type { Adapter, AdapterPayload } from 'oidc-provider'

/** Returns the storage adapter of the test server, with maps of its own for each server. */
export function createRows(): (model: string) => Adapter {
  const rows = new Map<string, AdapterPayload>()
  const findWhere = (model: string, fits: (payload: AdapterPayload) => boolean): AdapterPayload | undefined =>
    [...rows].find(([key, payload]) => key.startsWith(`${model}:`) && fits(payload))?.[1]

  return (model) => ({
    upsert: async (id, payload) => void rows.set(`${model}:${id}`, payload),
    find: async (id) => rows.get(`${model}:${id}`),
    findByUid: async (uid) => findWhere(model, (payload) => payload.uid === uid),
    findByUserCode: async (userCode) => findWhere(model, (payload) => payload.userCode === userCode),
    destroy: async (id) => void rows.delete(`${model}:${id}`),
    revokeByGrantId: async (grantId) => {
      for (const [key, payload] of rows) if (payload.grantId === grantId) rows.delete(key)
    },
    consume: async (id) => {
      const payload = rows.get(`${model}:${id}`)
      if (payload !== undefined) rows.set(`${model}:${id}`, { ...payload, consumed: Math.floor(Date.now() / 1000) })
    },
  })
}
