import { redact, redactText, sleep, TransportError, untilAborted } from '@mcpclient/core'
import type { Clock, Transport, TransportRequest, TransportResponse } from '@mcpclient/core'
import { faultShapes, takesTime } from './fault.ts'
import type { Fault, FaultKind, FaultShape } from './fault.ts'
import { seededRandom } from '../random.ts'
import { recordRequest } from './recorded-request.ts'
import { createResponse } from './response.ts'
import { respond } from './scripted-response.ts'

export interface FaultOptions {
  /** Selects, with `rates`, the requests that fail. The same seed and order of requests cause the same faults. */
  readonly seed?: number | string | undefined
  /** One fault for each request, in order. Requests after the last one pass. */
  readonly plan?: readonly (FaultKind | Fault)[] | undefined
  /** The rate of each kind, from 0 to 1; in total at most 1. All other requests pass. */
  readonly rates?: Readonly<Partial<Record<FaultKind, number | (FaultShape & { readonly rate: number })>>> | undefined
  /** Time for `delayed` and `slow` */
  readonly clock?: Clock | undefined
}

/** A recorded request without its secrets, and its fault. */
export interface FaultedRequest {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** JSON and forms are parsed. */
  readonly body: unknown
  readonly fault: FaultKind
  /** Whether the inner transport received it. */
  readonly reached: boolean
}

export interface FaultTransport extends Transport {
  readonly requests: readonly FaultedRequest[]
  /** Put the seed into the message of a failing test: it reproduces the same faults. */
  readonly seed: number | string
}

/**
 * Wraps a transport with faults, planned or random, which are reproducible.
 *
 * @example
 * const transport = faultTransport(provider, { seed: 7, rates: { reset: 0.1, throttled: 0.2 } })
 *
 * @throws Error for rates that are no rates, and for faults that need a clock where none is given
 */
export function faultTransport(inner: Transport, options: FaultOptions): FaultTransport {
  const { seed = 0, plan = [], clock } = options
  const rates = readRates(options.rates ?? {})
  const random = seededRandom(seed)
  const requests: FaultedRequest[] = []

  const planned = plan.map(shaped)
  const timed = [...planned, ...rates.map(({ fault }) => fault)].find((fault) => takesTime(fault.kind))
  if (timed !== undefined && clock === undefined) {
    throw new Error(`The fault "${timed.kind}" needs a clock: pass one, such as createFakeClock().`)
  }

  const nextFault = (): Fault => {
    if (options.rates === undefined) return planned[requests.length] ?? shaped('pass')
    let left = random()
    for (const { fault, rate } of rates) {
      if (left < rate) return fault
      left -= rate
    }
    return shaped('pass')
  }

  return {
    requests,
    seed,
    async send(request) {
      request.signal?.throwIfAborted()
      const fault = nextFault()
      requests.push(withoutSecrets(request, fault))
      return strike(fault, request, inner, clock)
    },
    async prewarm() {
      await inner.prewarm?.()
    },
    async close() {
      await inner.close?.()
    },
  }
}

function shaped(fault: FaultKind | Fault): Fault {
  const given = typeof fault === 'string' ? { kind: fault } : fault
  if (!isFaultKind(given.kind)) throw new Error(`There is no fault "${String(given.kind)}".`)
  return { ...faultShapes[given.kind], ...given }
}

function readRates(
  rates: NonNullable<FaultOptions['rates']>,
): readonly { readonly fault: Fault; readonly rate: number }[] {
  const read = Object.keys(rates).flatMap((kind) => {
    if (!isFaultKind(kind)) throw new Error(`There is no fault "${kind}".`)
    const given = rates[kind]
    if (given === undefined) return []
    const { rate, ...shape } = typeof given === 'number' ? { rate: given } : given
    if (!(rate >= 0 && rate <= 1)) throw new Error(`The rate of "${kind}" is ${rate}: it must be from 0 to 1.`)
    return [{ fault: shaped({ kind, ...shape }), rate }]
  })
  const sum = read.reduce((total, { rate }) => total + rate, 0)
  if (sum > 1 + ROUNDING) throw new Error(`The rates add up to ${sum}: they must stay within 1.`)
  return read
}

const isFaultKind = (kind: string): kind is FaultKind => Object.hasOwn(faultShapes, kind)

/** Ten times 0.1 is a little more than 1. */
const ROUNDING = 1e-9

async function strike(
  fault: Fault,
  request: TransportRequest,
  inner: Transport,
  clock: Clock | undefined,
): Promise<TransportResponse> {
  const { signal } = request
  if (fault.kind === 'refused') {
    throw new TransportError('The connection was refused: a fault of the test.', { sent: false })
  }
  if (fault.kind === 'delayed' && clock !== undefined) await sleep(clock, fault.ms ?? 0, signal)
  const response = fault.reached === true ? await inner.send(request) : undefined
  const instead = madeUp[fault.kind]
  if (instead !== undefined) {
    // The body is never read, and a real one would keep its connection busy.
    await response?.stream()?.cancel()
    return instead(fault, signal)
  }
  if (response === undefined)
    throw new Error(`The fault "${fault.kind}" needs the response: leave out \`reached: false\`.`)

  const { status, headers } = response
  if (fault.kind === 'truncated') {
    const body = await response.bytes()
    return createResponse({ status, headers, chunks: [body.subarray(0, body.length / 2)] }, signal)
  }
  if (fault.kind === 'slow' && clock !== undefined) {
    const chunks = inParts(await response.bytes(), clock, fault.ms ?? 0, signal)
    return createResponse({ status, headers, chunks }, signal)
  }
  return response
}

const madeUpStatus: MadeUp = async ({ status, headers }, signal) => respond({ status, headers }, signal)

/** The error or response that replaces the provider's own. The other kinds pass it through. */
const madeUp: Readonly<Partial<Record<FaultKind, MadeUp>>> = {
  async reset() {
    throw new TransportError('A test fault reset the connection, and the response is lost.', { sent: true })
  },
  hang: (_fault, signal) => untilAborted(new Promise<never>(() => {}), signal),
  throttled: madeUpStatus,
  server_error: madeUpStatus,
  unavailable: madeUpStatus,
  html: async ({ status, headers }, signal) =>
    respond({ status, headers: { 'content-type': 'text/html', ...headers }, text: ERROR_PAGE }, signal),
}

type MadeUp = (fault: Fault, signal: AbortSignal | undefined) => Promise<TransportResponse>

const PARTS = 4

async function* inParts(
  body: Uint8Array,
  clock: Clock,
  ms: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void> {
  const size = Math.ceil(body.length / PARTS)
  for (let part = 0; part < PARTS; part++) {
    await sleep(clock, ms, signal)
    yield body.subarray(part * size, (part + 1) * size)
  }
}

const ERROR_PAGE =
  '<!doctype html><html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>'

function withoutSecrets(request: TransportRequest, { kind, reached = false }: Fault): FaultedRequest {
  const { method, url, headers, body, json, form } = recordRequest(request)
  return {
    method,
    url: redactText(url),
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, redactedHeader(name, value)])),
    body: redact(json ?? form ?? body),
    fault: kind,
    reached,
  }
}

function redactedHeader(name: string, value: string): string {
  const pair = redact([name, value])
  return Array.isArray(pair) ? String(pair[1]) : ''
}
