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

/** The host's callback URL. No server listens there, because the browser below stops at the redirect. */
const redirectUri = 'http://127.0.0.1:9/callback'
/** Concurrent calls in each process. */
const CALLS = 8

/** Returns the reason of a rejection, or undefined if the promise resolves. */
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
    if (started.status !== 'authorize') throw new Error(`connect() returned ${started.status}`)
    report.note(`${started.url.slice(0, 88)}…`)
    report.claim('connect() returns the consent page of the provider', started.url.startsWith(provider.issuer))
    return browse(started.url, redirectUri)
  }
  const callback = await agree()
  report.claim('until the callback, the connection is pending', (await accounts.status()).state === 'pending')
  const stolen = await reasonOf(mcp.completeAuthorization(callback, 'eve'))
  report.claim('the callback is rejected for another tenant', stolen === 'state_of_another_tenant')
  const { account } = await mcp.completeAuthorization(callback, 'ada')
  report.claim(`the callback connects ${account?.name}, according to the signed id_token`, account?.id === 'ada-1815')
  const replayed = await reasonOf(mcp.completeAuthorization(callback, 'ada'))
  report.claim('the callback is rejected the second time', replayed === 'state_replayed')

  report.chapter('Call')
  const { name } = await accounts.call('whoami', {})
  report.claim(`whoami returns ${name}`, name === 'Ada Lovelace')

  report.chapter('Expire, and refresh once across two processes')
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
    report.claim(`the token expired, and ${succeeded} of ${2 * CALLS} calls succeeded`, succeeded === 2 * CALLS)
    report.claim(`refreshes so far: ${provider.seen.refreshes}`, provider.seen.refreshes === expiry)
  }
  report.claim('the connection is active', (await accounts.status()).state === 'active')

  report.chapter('Revoke, and connect again')
  report.claim('disconnect() deletes the credential', await accounts.disconnect())
  report.claim('disconnect() revokes the grant at the provider', provider.seen.revocations > 0)
  report.claim('a call rejects with not_connected', (await reasonOf(accounts.call('whoami', {}))) === 'not_connected')
  report.claim('no call succeeds in the other process', (await second.call(CALLS)) === 0)
  await mcp.completeAuthorization(await agree(), 'ada')
  report.claim('calls succeed after the user consents again', (await accounts.call('whoami', {})).sub === 'ada-1815')

  report.chapter('What was stored')
  report.note(audit.entries.map(({ operation, outcome }) => `${operation} ${outcome}`).join(', '))
  const rows = await Promise.all([file, `${file}-wal`].map((path) => readFile(path, 'latin1').catch(() => '')))
  const written = rows.join('') + JSON.stringify(audit.entries)
  const { secrets } = provider.seen
  report.claim(
    `none of ${secrets.size} secrets is in the database or in the audit`,
    secrets.size > 0 && ![...secrets].some((secret) => written.includes(secret)),
  )
  report.claim('the name of the account is not in the database in plain text', !rows.join('').includes('Lovelace'))
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
