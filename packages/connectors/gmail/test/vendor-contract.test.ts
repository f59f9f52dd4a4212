import { discoveryMethods, exchangesOf, loadVendorContract, readFixtures, vendorContracts } from '@mcpclient/testkit'
import type { Exchange } from '@mcpclient/testkit'
import { describe, expect, it } from 'vitest'
import { gmail } from '../src/index.ts'
import { includes } from '../src/scopes.ts'
import { mailboxPush } from '../src/sync.ts'
import { setUp } from './sync-scene.ts'

const folder = vendorContracts()
const fixtures = readFixtures(import.meta.dirname)

/** The operations that the description has. It leaves others out, which the tests beside Google's own client cover. */
const DESCRIBED = new Set([
  'gmail.users.getProfile',
  'gmail.users.stop',
  'gmail.users.watch',
  'gmail.users.drafts.create',
  'gmail.users.drafts.send',
  'gmail.users.history.list',
  'gmail.users.labels.create',
  'gmail.users.labels.list',
  'gmail.users.messages.get',
  'gmail.users.messages.list',
  'gmail.users.messages.modify',
  'gmail.users.messages.send',
  'gmail.users.messages.trash',
  'gmail.users.messages.attachments.get',
  'gmail.users.threads.get',
  'gmail.users.threads.list',
])

describe.skipIf(folder === undefined)("Google's own API description (skipped where it is absent)", () => {
  it('matches every request and response of the fixtures', async () => {
    const contract = await loadVendorContract(folder ?? '', 'google-gmail')
    const seen = new Set<string>()
    for (const fixture of fixtures) {
      for (const { status, responseBody, ...request } of await exchangesOf(gmail({ token: 'ya29.fixture' }), fixture)) {
        // It describes successful responses only.
        const response = status < 300 && responseBody !== undefined ? { status, responseBody } : {}
        const { op, problems } = contract.check({ ...request, ...response } as Exchange)
        if (op === null) continue
        seen.add(op)
        expect(problems, `${fixture.tool}: ${fixture.name}`).toEqual([])
      }
    }
    const ofTools = [...DESCRIBED].filter((op) => !op.endsWith('.watch') && !op.endsWith('.stop'))
    expect(seen).toEqual(new Set(ofTools))
  })

  it('matches every request and response of a sync', async () => {
    const contract = await loadVendorContract(folder ?? '', 'google-gmail')
    const scene = setUp()
    const { id } = scene.google.receive({ subject: 'Egret' })
    for (let n = 0; n < 120; n++) scene.google.receive({ subject: `Bird ${n}`, labelIds: n % 2 === 0 ? [] : ['INBOX'] })
    await scene.both({ format: 'full' })
    scene.google.label(id, ['STARRED'], ['UNREAD'])
    scene.google.receive({ subject: 'Heron' })
    scene.relabel('Bird 1', 'STARRED')
    await scene.both({ format: 'full' })
    scene.google.expireHistory()
    await scene.both({ format: 'full' })
    const seen = new Set<string | null>()
    for (const { method, url, body, status, response } of scene.sent) {
      const described = status < 300 && response !== undefined ? { status, responseBody: response } : {}
      const request = { method, url: url.href, ...(body !== undefined && { requestBody: body }) }
      const { op, problems } = contract.check({ ...request, ...described } as Exchange)
      expect(problems).toEqual([])
      seen.add(op)
    }
    const operations = ['getProfile', 'history.list', 'messages.get', 'messages.list', 'messages.modify']
    expect(seen).toEqual(new Set(operations.map((name) => `gmail.users.${name}`)))
  })

  it('matches the requests for a watch', async () => {
    const contract = await loadVendorContract(folder ?? '', 'google-gmail')
    const { create, renew, stop } = mailboxPush.subscribe ?? {}
    const channel = { id: 'c1', token: '', address: 'https://app.example/hooks', expiresAt: 1_796_000_000_000 }
    const context = { settings: { topicName: 'projects/marsh/topics/gmail' } }
    const requests = [
      create?.({ ...channel, params: undefined as never }, context),
      renew?.({ ...channel, params: undefined as never, handle: 'mailbox' }, context),
      stop?.({ id: 'c1', handle: 'mailbox' }),
    ]
    const operations = requests.map((request) => {
      const url = `https://gmail.googleapis.com/gmail/v1/${request?.path}`
      const requestBody = request?.body?.kind === 'json' ? request.body.value : undefined
      const { op, problems } = contract.check({ method: 'POST', url, requestBody } as Exchange)
      expect(problems).toEqual([])
      return op
    })
    expect(operations).toEqual(['gmail.users.watch', 'gmail.users.watch', 'gmail.users.stop'])
  })

  it('detects a request that Google would refuse', async () => {
    const contract = await loadVendorContract(folder ?? '', 'google-gmail')
    const url = 'https://gmail.googleapis.com/gmail/v1/users/me/messages?page=2'
    expect(contract.check({ method: 'GET', url, status: 200, responseBody: {} }).problems).toContain(
      'unknown query parameter page',
    )
  })

  it('accepts a wider scope wherever it accepts the scopes that it includes', () => {
    const methods = discoveryMethods(folder ?? '', 'google-gmail')
    for (const [wide, narrower] of Object.entries(includes)) {
      for (const scope of narrower) {
        const accepting = methods.filter(({ scopes = [] }) => scopes.includes(scope))
        expect(accepting.length).toBeGreaterThan(0)
        expect(accepting.filter(({ scopes = [] }) => !scopes.includes(wide))).toEqual([])
      }
    }
  })
})
