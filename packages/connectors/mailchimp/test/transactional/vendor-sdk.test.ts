import transactional from '@mailchimp/mailchimp_transactional'
import { compareWithSdk, succeedingCases } from '@mcpclient/testkit'
import { describe, expect, it } from 'vitest'
import { mailchimpTransactional } from '../../src/index.ts'

const KEY = 'md-recorded'

type Methods<Name extends string> = Readonly<Record<Name, (body: unknown) => Promise<unknown>>>
/** The client, as far as it is called here: the community's types lack some of it. */
interface Sdk {
  basePath: string
  readonly users: Methods<'info'>
  readonly messages: Methods<'send' | 'sendTemplate' | 'search' | 'info'>
  readonly templates: Methods<'list'>
}

/** The call of each tool. Its body is the one of the fixture. */
const calls: Readonly<Record<string, (sdk: Sdk, body: unknown) => Promise<unknown>>> = {
  get_account: ({ users }, body) => users.info(body),
  send_email: ({ messages }, body) => messages.send(body),
  send_template_email: ({ messages }, body) => messages.sendTemplate(body),
  list_messages: ({ messages }, body) => messages.search(body),
  get_message: ({ messages }, body) => messages.info(body),
  list_templates: ({ templates }, body) => templates.list(body),
}

const cases = succeedingCases(import.meta.dirname)

describe('beside the client of Mailchimp Transactional', () => {
  it('compares every tool', () => {
    expect(new Set(cases.map(([, { tool }]) => tool))).toEqual(new Set(Object.keys(calls)))
    expect(Object.keys(calls).toSorted()).toEqual(Object.keys(mailchimpTransactional.tools).toSorted())
  })

  it.each(cases)('sends the same request for %s, with the key in its body', async (_name, fixture) => {
    const { ours, theirs } = await compareWithSdk(fixture, {
      connector: ({ url }) => mailchimpTransactional({ apiKey: KEY, baseUrl: `${url}/api/1.0/`, ...fixture.settings }),
      sdk: ({ url }) => {
        const sdk = transactional(KEY) as unknown as Sdk
        sdk.basePath = `${url}/api/1.0`
        return calls[fixture.tool]?.(sdk, { ...(fixture.requests[0]?.['json'] as object) })
      },
      headers: ['authorization', 'content-type'],
    })
    expect(ours).toEqual(theirs)
    expect(ours[0].body).toMatchObject({ key: KEY })
  })
})
