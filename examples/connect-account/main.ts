import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { ConnectorError } from '@mcpclient/core'
import { memoryAuditLog } from '@mcpclient/core/vault'
import { Report } from '@mcpclient/example-report'
import { browse } from './browser.ts'
import { startHost } from './host.ts'
import { startOpenIdProvider, TOKEN_SECONDS } from './openid-provider.ts'
import { startSecondProcess } from './start-second-process.ts'

/** Where the host's server would listen; nobody has to, since the browser below stops there. */
const redirectUri = 'http://127.0.0.1:9/callback'
/** At once, in each process. */
const CALLS = 8

/** Why something was refused; undefined if it was not. */
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
  const audit = memoryAuditLog()
  const { mcp, close } = startHost(settings, audit)
  leaveLater(close)
  const { accounts } = mcp.as('ada')

  report.chapter('Connect')
  const agree = async (): Promise<string> => {
    const started = await accounts.connect()
    if (started.status !== 'authorize') throw new Error(`connect() answered ${started.status}`)
    report.note(`${started.url.slice(0, 88)}…`)
    report.claim('connect() answers where the person can agree', started.url.startsWith(provider.issuer))
    return browse(started.url, redirectUri)
  }
  const callback = await agree()
  report.claim('until they are back, the connection is pending', (await accounts.status()).state === 'pending')
  const stolen = await reasonOf(mcp.completeAuthorization(callback, 'eve'))
  report.claim('the callback is refused to another tenant', stolen === 'state_of_another_tenant')
  const { account } = await mcp.completeAuthorization(callback, 'ada')
  report.claim(`it connects ${account?.name}, as the provider's signed id_token says`, account?.id === 'ada-1815')
  const replayed = await reasonOf(mcp.completeAuthorization(callback, 'ada'))
  report.claim('a second time it is refused', replayed === 'state_replayed')

  report.chapter('Call')
  const { name } = await accounts.call('whoami', {})
  report.claim(`a call says who this is: ${name}`, name === 'Ada Lovelace')

  report.chapter('Expire, and renew once across two processes')
  const second = await startSecondProcess(settings)
  leaveLater(() => second.close())
  const callInBoth = async (): Promise<number> => {
    const there = second.call(CALLS)
    const here = await Promise.allSettled(Array.from({ length: CALLS }, () => accounts.call('whoami', {})))
    return here.filter(({ status }) => status === 'fulfilled').length + (await there)
  }
  for (const expiry of [1, 2]) {
    await wait(TOKEN_SECONDS * 1000 + 100)
    const succeeded = await callInBoth()
    report.claim(`the token ended: ${succeeded} of ${2 * CALLS} calls succeed all the same`, succeeded === 2 * CALLS)
    report.claim(`refreshes so far: ${provider.seen.refreshes}`, provider.seen.refreshes === expiry)
  }
  report.claim('the connection is active', (await accounts.status()).state === 'active')

  report.chapter('Revoke, and connect again')
  report.claim('disconnect() forgets the credential', await accounts.disconnect())
  report.claim('and ends the grant at the provider', provider.seen.revocations > 0)
  report.claim('a call says what to do', (await reasonOf(accounts.call('whoami', {}))) === 'not_connected')
  report.claim('in the other process no call succeeds either', (await second.call(CALLS)) === 0)
  await mcp.completeAuthorization(await agree(), 'ada')
  report.claim('after another consent it works again', (await accounts.call('whoami', {})).sub === 'ada-1815')

  report.chapter('What was written down')
  report.note(audit.entries.map(({ operation, outcome }) => `${operation} ${outcome}`).join(', '))
  const rows = await Promise.all([file, `${file}-wal`].map((path) => readFile(path, 'latin1').catch(() => '')))
  const written = rows.join('') + JSON.stringify(audit.entries)
  const { secrets } = provider.seen
  report.claim(
    `none of ${secrets.size} secrets is in the database or in the audit`,
    secrets.size > 0 && ![...secrets].some((secret) => written.includes(secret)),
  )
  report.claim('nor does the database know her name', !rows.join('').includes('Lovelace'))
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
