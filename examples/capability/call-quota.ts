import { ConnectorError, storeKey } from '@mcpclient/core'
import type { CallStage, Capability, ClientContext } from '@mcpclient/core'

/** A capability that limits the calls of each tenant per day. */
export interface CallQuota extends Capability {
  /** Returns how many calls the tenant has made today. */
  used(tenant: string): Promise<number>
}

const DAY_MS = 24 * 3_600_000

/** @param callsPerDay of one tenant, in all processes that share the client's `state` store */
export function callQuota({ callsPerDay }: { readonly callsPerDay: number }): CallQuota {
  let client: ClientContext | undefined
  const bound = (): ClientContext => {
    if (client !== undefined) return client
    throw new Error('Compose the quota first: createMcpClient({ capabilities: [quota] }).')
  }
  const keyOf = (tenant: string): string =>
    storeKey('call-quota', tenant, String(Math.floor(bound().clock.now() / DAY_MS)))
  const used = async (tenant: string): Promise<number> => Number((await bound().state.get(keyOf(tenant)))?.value ?? 0)

  /** Adds one call with a compare-and-swap, because other processes write the same row. */
  const count = async (tenant: string): Promise<boolean> => {
    const { state } = bound()
    for (;;) {
      const row = await state.get(keyOf(tenant))
      const calls = Number(row?.value ?? 0)
      if (calls >= callsPerDay) return false
      const options = { ifVersion: row?.version ?? null, ttlMs: 2 * DAY_MS }
      if (!('conflict' in (await state.put(keyOf(tenant), String(calls + 1), options)))) return true
    }
  }

  const stage: CallStage = (next) => async (call) => {
    if (await count(call.principal.tenant)) return next(call)
    throw new ConnectorError('QUOTA_EXCEEDED', `${call.principal.tenant} has made ${callsPerDay} calls today.`, {
      outcome: 'not_processed',
      hint: 'Try again tomorrow, or raise callsPerDay.',
    })
  }

  return {
    name: 'call-quota',
    callStages: { quota: () => stage },
    bind(context) {
      client = context
    },
    used,
  }
}
