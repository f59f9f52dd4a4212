import { valueAt } from '@mcpclient/core/define'
import type { Pages, RequestSpec } from '@mcpclient/core/define'
import type { RecordedRequest } from '../../transports/recorded-request.ts'
import type { ScriptedResponse } from '../../transports/scripted-response.ts'
import { builtRequests } from './built-requests.ts'
import { connectorCheck, notApplicable } from './connector-check.ts'
import type { NotApplicable, Report } from './connector-check.ts'
import { withPlainHeaders } from './fixture-reply.ts'
import { difference, isRecord, jsonForm } from './json-form.ts'
import { mapTexts, pathOf, replaceAt } from './json-walk.ts'
import { playing } from './provider-script.ts'
import { withUnlimited } from './running-connector.ts'
import type { RunningConnector } from './running-connector.ts'
import { described, endingOf, failureIn } from './settle.ts'
import type { Ending } from './settle.ts'
import { successes } from './subject.ts'
import type { Call, ContractSubject } from './subject.ts'

/** A paged call with at least two recorded pages, and what its first page says about the second. */
interface PagedCall extends Call {
  readonly pages: Pages
  readonly first: ScriptedResponse
  /** Whether the response names the next page, by a cursor or a link; else pages are counted. */
  readonly named: boolean
  /** The URL of the second request if the provider links to it. */
  readonly link: string | undefined
}

const HOSTILE_HOST = 'undeclared.example'

export const pagingChecks = [
  connectorCheck('paging: every paged tool has a fixture of two pages or more', (subject, report) => {
    if (pagedTools(subject).length === 0) return noPages
    for (const name of pagedTools(subject)) {
      if (pagedCalls(subject).some(({ toolName }) => toolName === name)) continue
      report(`${name}: no fixture turns a page. Write one with "responses": two pages, the second without a next one.`)
    }
    return undefined
  }),

  connectorCheck('paging: a short page is not the last one', (subject, report) =>
    forEachPaged(subject, async (call) => {
      if (!call.named) return
      const { first } = call
      const items = itemsOf(call, first)
      const short = withItems(call, first, items.slice(0, 1))
      await expectRest(subject, call, short, 'a page with one item', report)
    }),
  ),

  connectorCheck('paging: an empty page is not the last one', (subject, report) =>
    forEachPaged(subject, async (call) => {
      if (!call.named) return
      await expectRest(subject, call, withItems(call, call.first, []), 'an empty page', report)
    }),
  ),

  connectorCheck('paging: a page that leads back to itself ends the list', (subject, report) =>
    forEachPaged(subject, async (call) => {
      const again = { ...call, responses: [call.first] }
      const most = 10
      const { ending, requests } = await ask(subject, again, most)
      if (call.named) {
        const isIncomplete = ending.succeeded && isRecord(ending.value) && ending.value['complete'] === false
        if (isIncomplete && requests.length < most) return
        report(
          `${call.toolName}: when a provider returns the same page forever, the list must end with complete: false; ` +
            described(ending),
        )
      } else if (requests.length > most) {
        report(`${call.toolName}: it asked for ${requests.length} pages, and was allowed ${most}.`)
      }
    }),
  ),

  connectorCheck('paging: a link to a host that is not declared is not followed', async (subject, report) => {
    const calls = pagedCalls(subject).filter(({ link }) => link !== undefined)
    if (calls.length === 0) return notApplicable('no tool follows links')
    for (const call of calls) for (const link of hostileLinks(call)) await expectRefusal(subject, call, link, report)
    return undefined
  }),

  connectorCheck('paging: pages() yields the items that call() collects', (subject, report) =>
    forEachPaged(subject, async (call) => {
      await withUnlimited(subject, call, { response: playing(call) }, async (running) => {
        const gathered: unknown[] = []
        const pages = running.pages(call)
        const ending = await running.until(
          endingOf(
            (async () => {
              for await (const page of pages) for (const item of listIn(page, call.pages)) gathered.push(item)
            })(),
          ),
        )
        if (!ending.succeeded) return report(`${call.label}: pages() must give each page; ${described(ending)}`)
        const differs = difference(jsonForm(gathered), listIn(call.output, call.pages))
        if (differs !== undefined) report(`${call.label}: pages() gives other items than call(): ${differs}.`)
      })
    }),
  ),
]

const noPages = notApplicable('no tool is paged')

const pagedTools = ({ factory }: ContractSubject): readonly string[] =>
  Object.entries(factory.tools)
    .filter(([, { pages }]) => pages !== undefined)
    .map(([name]) => name)

async function forEachPaged(
  subject: ContractSubject,
  examine: (call: PagedCall) => Promise<void>,
): Promise<NotApplicable | undefined> {
  const calls = pagedCalls(subject)
  if (calls.length === 0) return noPages
  for (const call of calls) await examine(call)
  return undefined
}

/** Returns the first recording with two pages for each paged tool. */
function pagedCalls(subject: ContractSubject): readonly PagedCall[] {
  const calls = new Map<string, PagedCall>()
  for (const call of successes(subject)) {
    const { pages } = call.tool
    const [first] = call.responses
    if (pages === undefined || first === undefined || call.responses.length < 2 || calls.has(call.toolName)) continue
    const [request, second] = attempt(() => builtRequests(subject, call))
    if (request === undefined || second === undefined) continue
    // A tool that counts pages requests another one each time; one with a cursor requests the named one.
    const named = difference(jsonForm(pages.next(withPlainHeaders(first), second)), jsonForm(second)) === undefined
    const link = named && second.path !== request.path ? second.path : undefined
    calls.set(call.toolName, { ...call, pages, first, named, link })
  }
  return [...calls.values()]
}

const attempt = (work: () => readonly RequestSpec[]): readonly RequestSpec[] => {
  try {
    return work()
  } catch {
    // The purity check reports it.
    return []
  }
}

/** Returns the items of a response or an output. If the response is the list itself, the output may hold it as `items`. */
function listIn(value: unknown, { items }: Pages): readonly unknown[] {
  const list = [valueAt(value, items), items === '' ? valueAt(value, 'items') : undefined].find(Array.isArray)
  return (list as readonly unknown[] | undefined) ?? []
}

const itemsOf = ({ pages }: PagedCall, response: ScriptedResponse): readonly unknown[] => listIn(response.json, pages)

const withItems = ({ pages }: PagedCall, response: ScriptedResponse, items: readonly unknown[]): ScriptedResponse => ({
  ...response,
  json: replaceAt(response.json, pathOf(pages.items), items),
})

interface Asked {
  readonly ending: Ending
  readonly requests: RunningConnector['requests']
}

const ask = (subject: ContractSubject, call: Call, maxPages: number): Promise<Asked> =>
  withUnlimited(subject, call, { response: playing(call) }, async (running) => ({
    ending: await running.until(endingOf(running.call(call, { maxPages }))),
    requests: running.requests,
  }))

/** Checks that the items of the other pages are returned despite another first page. */
async function expectRest(
  subject: ContractSubject,
  call: PagedCall,
  first: ScriptedResponse,
  what: string,
  report: Report,
): Promise<void> {
  const responses = [first, ...call.responses.slice(1)]
  const { ending, requests } = await ask(subject, { ...call, responses }, responses.length)
  const whole = listIn(call.output, call.pages)
  const gone = itemsOf(call, call.first).length - itemsOf(call, first).length
  const found = ending.succeeded ? listIn(ending.value, call.pages) : []
  if (ending.succeeded && found.length === whole.length - gone && requests.length === responses.length) return
  report(
    `${call.toolName}: ${what} that names the next one must not end the list. Let pages.next() go by what ` +
      `the provider says, never by the number of items. Of ${responses.length} pages ${requests.length} were fetched; ${described(ending)}`,
  )
}

/** Returns variants of the recorded link that lead to another origin. */
function hostileLinks({ link = '' }: PagedCall): readonly string[] {
  const rest = link.replace(/^(?:https?:)?\/\/[^/]*/, '').replace(/^\//, '')
  return [
    `https://${HOSTILE_HOST}/${rest}`,
    `//${HOSTILE_HOST}/${rest}`,
    `https://user:pass@${HOSTILE_HOST}/${rest}`,
    `http://${HOSTILE_HOST}:8080/${rest}`,
    `https:\\\\${HOSTILE_HOST}\\${rest}`,
  ]
}

async function expectRefusal(subject: ContractSubject, call: PagedCall, link: string, report: Report): Promise<void> {
  const { first, toolName } = call
  const astray = (text: string) => text.replaceAll(call.link ?? '', link)
  const headers = mapTexts(first.headers ?? {}, astray)
  const lying = { ...first, json: mapTexts(first.json, astray), ...(isRecord(headers) && { headers: texts(headers) }) }
  const { ending, requests } = await ask(
    subject,
    { ...call, responses: [lying, ...call.responses.slice(1)] },
    call.responses.length,
  )
  const strayed = requests.find(isHostile)
  if (strayed !== undefined) {
    report(`${toolName}: it followed the link ${link} and sent ${strayed.method} ${strayed.url} there.`)
  } else if (failureIn(ending)?.code !== 'PERMISSION_DENIED' && requests.length < 2) {
    report(`${toolName}: a link to ${link} must be refused with PERMISSION_DENIED; ${described(ending)}`)
  }
}

const isHostile = ({ url }: RecordedRequest): boolean => new URL(url).hostname === HOSTILE_HOST

const texts = (record: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, String(value)]))
