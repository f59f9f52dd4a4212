import { exchangesOf, loadVendorContract, readFixtures, vendorContracts } from '@mcpclient/testkit'
import type { Exchange } from '@mcpclient/testkit'
import { describe, expect, it } from 'vitest'
import { outlookMail } from '../src/index.ts'
import { folderChanges } from '../src/sync.ts'

const GRAPH = 'https://graph.microsoft.com/v1.0'
const fixtures = readFixtures(import.meta.dirname)
const folder = vendorContracts()

/** Operations of the connector that the trimmed description leaves out. */
const notDescribed = [
  /\/(?:replyAll|forward|createReply|move|send)$/,
  /\/attachments(?:\/[^/]+)?$/,
  /\/mailFolders(?:\/[^/]+\/childFolders)?$/,
]

/** Returns whether a finding is an error of the description: the type of a value is known from its place. */
const isQuirk = (problem: string): boolean => problem.includes("required property '@odata.type'")

describe.skipIf(folder === undefined)("Microsoft's own API description (skipped where it is absent)", () => {
  it.each(fixtures.map((fixture) => [`${fixture.tool}: ${fixture.name}`, fixture] as const))(
    'matches every request and response of %s',
    async (_name, fixture) => {
      const contract = await loadVendorContract(folder ?? '', 'microsoft-graph')
      const exchanges = await exchangesOf(outlookMail({ token: 'eyJ0.fixture' }), fixture)
      expect(exchanges.length).toBeGreaterThan(0)
      for (const { status, responseBody, ...request } of exchanges) {
        const { pathname } = new URL(request.url)
        if (notDescribed.some((path) => path.test(pathname))) continue
        // It describes successful responses only, and 204 for what the service accepts with 202.
        const response = status < 300 && responseBody !== undefined ? { status, responseBody } : {}
        const { op, problems } = contract.check({ ...request, ...response } as Exchange)
        expect(op).not.toBeNull()
        expect(problems.filter((problem) => !isQuirk(problem))).toEqual([])
      }
    },
  )

  it('matches the requests for subscriptions', async () => {
    const contract = await loadVendorContract(folder ?? '', 'microsoft-graph')
    const channel = { id: 'c1', token: 't1', address: 'https://app.example/hooks', expiresAt: 1_796_000_000_000 }
    const { create, renew, stop } = folderChanges.subscribe ?? {}
    const params = { folderId: 'inbox' }
    const requests = [
      create?.({ ...channel, params }, { settings: {} }),
      renew?.({ ...channel, handle: 's1', params }, { settings: {} }),
      stop?.({ id: 'c1', handle: 's1' }),
    ]
    for (const request of requests) {
      const requestBody = request?.body?.kind === 'json' ? request.body.value : undefined
      const exchange = { method: request?.method ?? '', url: `${GRAPH}/${request?.path}`, requestBody }
      const { op, problems } = contract.check(exchange as Exchange)
      expect(op).not.toBeNull()
      expect(problems.filter((problem) => !isQuirk(problem))).toEqual([])
    }
  })

  it('detects a message that Graph would refuse', async () => {
    const contract = await loadVendorContract(folder ?? '', 'microsoft-graph')
    const requestBody = { subject: 'Count', toRecipients: { emailAddress: { address: 'bo@marshes.example' } } }
    const { problems } = contract.check({ method: 'POST', url: `${GRAPH}/me/messages`, requestBody } as Exchange)
    expect(problems.filter((problem) => !isQuirk(problem))).not.toEqual([])
  })
})
