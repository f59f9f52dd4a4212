import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { ConnectorError } from '@mcpclient/core'
import type { RuntimeEvents } from '@mcpclient/core'
import { Report } from '@mcpclient/example-report'
import { browse } from './browser.ts'
import { registered, startHost } from './host.ts'
import { startOpenIdProvider } from './openid-provider.ts'

const redirectUri = 'http://127.0.0.1:9/callback'
const CALLS = 8

const reasonOf = (promise: Promise<unknown>): Promise<string | undefined> =>
  promise.then(
    () => undefined,
    (error: unknown) => (ConnectorError.is(error) ? error.details.reason : String(error)),
  )

async function run(report: Report, leaveLater: (end: () => Promise<unknown>) => void): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'mcpclient-'))
  leaveLater(() => rm(folder, { recursive: true }))
  const file = join(folder, 'connections.db')
  const provider = await startOpenIdProvider({ redirectUri })
  leaveLater(() => provider.close())

  report.title('The life of a connection', 'a certified OpenID provider, one SQLite file, two processes of one host')
  const key = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64')
  const settings = { issuer: provider.issuer, file, key, redirectUri }
  const { mcp, close } = startHost(settings)
  leaveLater(close)
  const told: string[] = []
  const listen = (event: keyof RuntimeEvents) => mcp.on(event, () => told.push(event))
  for (const event of ['connection.connected', 'connection.renewed', 'connection.disconnected'] as const) listen(event)
  const { accounts } = mcp.as('ada')

  report.chapter('Connect')
  const started = await accounts.connect()
  if (started.status !== 'authorize') throw new Error(`connect() answered ${started.status}`)
  report.note(`${started.url.slice(0, 88)}…`)
  report.claim('connect() answers the address where the person can agree', started.url.startsWith(provider.issuer))
  report.claim('until they have, the connection is pending', (await accounts.status()).state === 'pending')
  const callback = await browse(started.url, redirectUri)
  report.claim(
    'the callback is refused to another tenant',
    (await reasonOf(mcp.completeAuthorization(callback, 'eve'))) === 'state_of_another_tenant',
  )
  const done = await mcp.completeAuthorization(callback, 'ada')
  report.claim(
    `it connects ${done.account?.name ?? 'nobody'}, as the provider's signed id_token says`,
    done.status === 'connected' && done.account?.id === 'ada-1815',
  )
  report.claim(
    'a second time it is refused',
    (await reasonOf(mcp.completeAuthorization(callback, 'ada'))) === 'state_replayed',
  )

  report.chapter('Call')
  const { name } = await accounts.call('whoami', {})
  report.claim(`a call says who this is: ${name}`, name === 'Ada Lovelace')
  const stored = await readFile(file, 'latin1')
  const wal = await readFile(`${file}-wal`, 'latin1').catch(() => '')
  report.claim('the file holds neither the name nor a secret in clear', !/Lovelace|the-secret-of/.test(stored + wal))

  report.chapter('Expire, and renew once across two processes')
  const second = fork(fileURLToPath(new URL('second-process.ts', import.meta.url)), [JSON.stringify(settings)], {
    execArgv: [...process.execArgv, '--disable-warning=ExperimentalWarning'],
  })
  leaveLater(async () => {
    const ended = once(second, 'exit')
    if (second.connected) second.disconnect()
    await ended
  })
  await once(second, 'message')
  for (let expiry = 1; expiry <= 2; expiry++) {
    await wait(2100)
    const answered = once(second, 'message')
    second.send(CALLS)
    const here = await Promise.allSettled(Array.from({ length: CALLS }, () => accounts.call('whoami', {})))
    const [there] = (await answered) as [number]
    const ok = here.filter(({ status }) => status === 'fulfilled').length + there
    report.claim(
      `expiry ${expiry}: ${ok} of ${2 * CALLS} calls in two processes succeeded, with ${provider.seen.refreshes} refresh${expiry > 1 ? 'es' : ''} so far`,
      ok === 2 * CALLS && provider.seen.refreshes === expiry,
    )
  }
  report.claim('the connection is active', (await accounts.status()).state === 'active')

  report.chapter('Revoke, and connect again')
  report.claim('disconnect() forgets the credential', await accounts.disconnect())
  report.claim('and ends the grant at the provider', provider.seen.revocations > 0)
  report.claim('a call says what to do', (await reasonOf(accounts.call('whoami', {}))) === 'not_connected')
  const again = await accounts.connect()
  if (again.status !== 'authorize') throw new Error(`connect() answered ${again.status}`)
  await mcp.completeAuthorization(await browse(again.url, redirectUri), 'ada')
  report.claim('after another consent it works again', (await accounts.call('whoami', {})).sub === 'ada-1815')
  report.note(told.join(', '))
  report.claim('no event held a secret', !JSON.stringify(told).includes(registered.clientSecret))
}

const report = new Report()
const endings: (() => Promise<unknown>)[] = []
try {
  await run(report, (end) => endings.unshift(end))
  for (const end of endings.splice(0)) await end()
  report.end()
} catch (error) {
  report.failed(error)
  process.exitCode = 1
} finally {
  for (const end of endings) await end().catch(() => {})
}
