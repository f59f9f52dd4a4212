import { exchangesOf, loadVendorContract, readFixtures, vendorContracts } from '@mcpclient/testkit'
import { describe, expect, it } from 'vitest'
import { sendgrid } from '../src/index.ts'

const folder = vendorContracts()

const quirks = [
  // SendGrid's own library sends an object.
  'request/custom_args must be string',
  // Its reference shows null.
  'response/errors/0/help must be object',
  // The status of the sandbox: https://www.twilio.com/docs/sendgrid/for-developers/sending-email/sandbox-mode
  'undocumented status 200',
]
const isQuirk = (problem: string): boolean => quirks.some((quirk) => problem.startsWith(quirk))

const contractOf = (url: string): string | undefined => {
  if (url.endsWith('/mail/send')) return 'sendgrid-mail'
  return url.includes('/user/webhooks/') ? 'sendgrid-webhooks' : undefined
}

const described = ['send_email', 'send_template_email', 'schedule_email']
const fixtures = readFixtures(import.meta.dirname).filter(
  ({ tool }) => described.includes(tool) || tool.endsWith('event_webhook') || tool.endsWith('event_webhooks'),
)

describe.skipIf(folder === undefined)("SendGrid's own API description (skipped where it is absent)", () => {
  it.each(fixtures.map((fixture) => [`${fixture.tool}: ${fixture.name}`, fixture] as const))(
    'matches every request and response of %s',
    async (_name, fixture) => {
      const connector = sendgrid({ token: 'SG.1', from: 'ada@marshes.example', ...fixture.settings })
      const exchanges = (await exchangesOf(connector, fixture)).flatMap((exchange) => {
        const contract = contractOf(exchange.url)
        return contract === undefined ? [] : [{ exchange, contract }]
      })
      expect(exchanges.length).toBeGreaterThan(0)
      for (const { exchange, contract } of exchanges) {
        const { op, problems } = (await loadVendorContract(folder ?? '', contract)).check(exchange)
        expect(op).not.toBeNull()
        expect(problems.filter((problem) => !isQuirk(problem))).toEqual([])
      }
    },
  )

  it('detects a body that SendGrid would refuse', async () => {
    const contract = await loadVendorContract(folder ?? '', 'sendgrid-mail')
    const url = 'https://api.sendgrid.com/v3/mail/send'
    const requestBody = { personalizations: [{ cc: [{ email: 'bo@example.com' }] }] }
    expect(contract.check({ method: 'POST', url, requestBody, status: 202 }).problems.length).toBeGreaterThan(1)
  })
})
