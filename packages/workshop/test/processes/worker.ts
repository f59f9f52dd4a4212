import { ConnectorError, createMcpClient, fetchTransport } from '@mcpclient/core'
import { vault } from '@mcpclient/core/vault'
import { defineConnector, get, oauth2, tool } from '@mcpclient/core/define'
import * as z from 'zod'
import type { Results, Order, WorkerSettings } from './messages.ts'
import { openStore } from './open-store.ts'

/** One process of a host: composes its client over the shared store, and does what its parent says. */
const { name, store: address, issuer, redirectUri, leaseMs } = JSON.parse(process.argv[2] ?? '') as WorkerSettings

const accounts = defineConnector({
  id: 'accounts',
  name: 'Accounts',
  baseUrl: `${issuer}/`,
  auth: oauth2({ issuer, scopes: ['openid'], refresh: { rotation: 'single_use' } }),
  tools: {
    whoami: tool({
      description: 'Say who this is.',
      effect: 'read',
      input: z.object({}),
      output: z.object({ sub: z.string() }),
      request: () => get('me'),
    }),
  },
})

const store = await openStore(address)
const inner = fetchTransport()
const client = createMcpClient({
  connectors: { accounts: accounts({ clientId: 'host', clientSecret: 'a-secret-of-the-host' }) },
  vault: vault({ store, redirectUri, renewal: { leaseMs, pollMs: 50, clockSkewMs: 1000 } }),
  retry: { attempts: 1 },
  // The authorization server keeps a list of who showed what.
  transport: {
    ...inner,
    send: (request) => inner.send({ ...request, headers: { ...request.headers, 'x-process': name } }),
  },
})
const account = client.as('ada').accounts

const call = (): Promise<string> =>
  account.call('whoami', {}).then(
    ({ sub }) => (sub === 'ada' ? 'ok' : `returned for ${sub}`),
    (error: unknown) => (ConnectorError.is(error) ? (error.details.reason ?? error.code) : String(error)),
  )

const outcomes: Record<string, number> = {}
let looping = false
const running: Promise<void>[] = []
const loop = async (): Promise<void> => {
  while (looping) {
    const outcome = await call()
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
    // Some calls at every moment are enough, and the machine is not this process's alone.
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

const deeds: { readonly [Deed in Order['do']]: (order: Extract<Order, { do: Deed }>) => Promise<Results[Deed]> } = {
  begin: async () => {
    const started = await account.connect()
    if (started.status !== 'authorize') throw new Error(`began with ${started.status}`)
    return started.url
  },
  complete: async ({ callback }) => (await client.completeAuthorization(callback, 'ada')).status,
  call: ({ times }) => Promise.all(Array.from({ length: times }, call)),
  loop: ({ width }) => {
    looping = true
    for (let index = 0; index < width; index++) running.push(loop())
    return Promise.resolve(true)
  },
  stop: async () => {
    looping = false
    await Promise.all(running)
    return outcomes
  },
  status: async () => {
    const { state, reason } = await account.status()
    return { state, reason }
  },
}

process.on('message', ({ id, order }: { id: number; order: Order }) => {
  const deed = deeds[order.do] as (order: Order) => Promise<unknown>
  deed(order).then(
    (result) => process.send?.({ id, result }),
    (error: unknown) => process.send?.({ id, error: error instanceof Error ? error.message : String(error) }),
  )
})
process.on('disconnect', () => process.exit(0))
process.send?.({ ready: true })
