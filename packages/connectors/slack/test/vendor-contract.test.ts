import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { valueAt } from '@mcpclient/core/define'
import { exchangesOf, loadVendorContract, readFixtures, vendorContracts } from '@mcpclient/testkit'
import type { Exchange, VendorContract } from '@mcpclient/testkit'
import { describe, expect, it } from 'vitest'
import { slack } from '../src/index.ts'

const fixtures = readFixtures(import.meta.dirname)
const folder = vendorContracts()

/** Never asked: without descriptions, the tests below are skipped. */
const undescribed: Promise<VendorContract> = Promise.resolve({ check: () => ({ op: null, problems: [] }) })
const described = folder === undefined ? undescribed : loadVendorContract(folder, 'slack')

/** The methods that Slack's description, of 2021, leaves out. */
const UNDESCRIBED = [
  'chat.deleteScheduledMessage',
  'chat.scheduledMessages.list',
  'conversations.open',
  'reactions.remove',
  'search.messages',
  'files.getUploadURLExternal',
  'files.completeUploadExternal',
]

/** The known errors of the description. */
const QUIRKS: readonly RegExp[] = [
  // The token goes in a header.
  /^missing query parameter token$/,
  // A form has strings only, which it describes as the numbers that they stand for.
  /^request\/ts must be number /,
  /^request\/\w+ must be boolean /,
  // Slack has added errors and fields since; the samples below know the fields.
  /^response\/error must be equal to one of the allowed values /,
  /^response\S* must NOT have additional properties /,
  // A page may be empty before the last one.
  /^response\/members must NOT have fewer than 1 items /,
]

const isQuirk = (problem: string): boolean => QUIRKS.some((quirk) => quirk.test(problem))

describe.skipIf(folder === undefined)(
  "every fixture against Slack's own API description (skipped where it is absent)",
  () => {
    it.each(fixtures.map((fixture) => [`${fixture.tool}: ${fixture.name}`, fixture] as const))(
      '%s',
      async (_name, fixture) => {
        const contract = await described
        const exchanges = await exchangesOf(slack({ token: 'xoxb-fixture', ...fixture.settings }), fixture)
        for (const exchange of exchanges.filter(isDescribed)) {
          const { op, problems } = contract.check(asDescribed(exchange))
          if (op === null) expect(UNDESCRIBED).toContain(methodOf(exchange))
          else expect(problems.filter((problem) => !isQuirk(problem))).toEqual([])
        }
      },
    )

    const samples = folder === undefined ? {} : samplesIn(folder)
    const sampled = fixtures.filter(({ requests }) => requests.some(({ path }) => samples[String(path)] !== undefined))

    it.each(sampled.map((fixture) => [`${fixture.tool}: ${fixture.name}`, fixture] as const))(
      'matches a recorded response of Slack: %s',
      (_name, { requests, responses }) => {
        for (const [index, { json }] of responses.entries()) {
          expect(unseen(json, samples[String(requests[index]?.['path'])], '')).toEqual([])
        }
      },
    )

    it('detects a request that Slack would refuse', async () => {
      const contract = await described
      const wrong = {
        method: 'GET',
        url: 'https://slack.com/api/conversations.list?page=2',
        status: 200,
        responseBody: {},
      }
      expect(contract.check(wrong).problems).toContain('unknown query parameter page')
    })
  },
)

// An upload goes to an address that no description covers.
const isDescribed = ({ url }: Exchange): boolean => url.startsWith('https://slack.com/api/')

/** Returns an exchange as the description knows it. */
function asDescribed(exchange: Exchange): Exchange {
  // Slack refuses with HTTP 200, and describes its refusals under "default".
  const status = valueAt(exchange.responseBody, 'ok') === true ? 200 : 400
  const { url, requestBody = {}, ...described } = { ...exchange, status }
  if (!READS.test(url)) return { ...described, url, requestBody }
  // Slack takes a form by POST for every method. Its description knows a read as a GET with a query.
  const fields = Object.entries(requestBody as object).map(([name, value]): [string, string] => [name, String(value)])
  return { ...described, method: 'GET', url: `${url}?${new URLSearchParams(fields).toString()}` }
}

const READS = /\/(?:conversations\.(?:list|info|members|history|replies)|users\.(?:list|info|lookupByEmail))$/

const methodOf = ({ url }: Exchange): string => new URL(url).pathname.replace('/api/', '')

function samplesIn(folder: string): Readonly<Record<string, unknown>> {
  const file = JSON.parse(readFileSync(join(folder, 'slack.samples.json'), 'utf8')) as { api: Record<string, unknown> }
  return file.api
}

/** Returns the fields of a response that the vendor's sample lacks. Nothing is known about truncated parts. */
function unseen(value: unknown, sample: unknown, path: string): readonly string[] {
  if (Array.isArray(value)) {
    const known = Array.isArray(sample) ? (sample as unknown[])[0] : undefined
    return known === undefined ? [] : value.flatMap((item) => unseen(item, known, path))
  }
  if (!isRecord(value) || !isRecord(sample) || 'x-trimmed' in sample) return []
  return Object.entries(value).flatMap(([key, inner]) =>
    key in sample ? unseen(inner, sample[key], `${path}.${key}`) : [`${path}.${key}`],
  )
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
