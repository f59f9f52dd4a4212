import { must, mustBe } from '../broken-promise.ts'
import { rejectionOf, transportCheck } from './transport-check.ts'
import type { TransportCheck } from './transport-check.ts'

const isAbort = (rejection: unknown, reason: unknown): boolean =>
  rejection === reason || (rejection instanceof Error && rejection.name === 'AbortError')

const reasons: readonly (() => unknown)[] = [
  () => new DOMException('Stopped.', 'AbortError'),
  () => Object.assign(new Error('The caller left.'), { code: 'CANCELLED' }),
]

export const aborts: readonly TransportCheck[] = [
  transportCheck(
    'a request that is aborted before it begins is not sent',
    (_request, response) => response.end(),
    async ({ send, received }) => {
      for (const reason of reasons.map((make) => make())) {
        const rejection = await rejectionOf(send('/', { signal: AbortSignal.abort(reason) }))
        must(isAbort(rejection, reason), 'send must reject with the reason of the signal.')
      }
      mustBe(received.length, 0, 'Nothing may be sent.')
    },
  ),
  transportCheck(
    'a request that is aborted before its headers arrive ends with the reason',
    () => undefined,
    async ({ url }, transport) => {
      for (const reason of reasons.map((make) => make())) {
        const controller = new AbortController()
        const { signal } = controller
        const work = rejectionOf(transport.send({ method: 'GET', url: `${url}/`, headers: {}, signal }))
        setImmediate(() => controller.abort(reason))
        must(isAbort(await work, reason), 'send must reject with the reason of the signal.')
      }
    },
  ),
  transportCheck(
    'a body that is aborted while it is read ends with the reason',
    (_request, response) => {
      response.writeHead(200, { 'content-length': '100' })
      response.write('half')
    },
    async ({ send }) => {
      for (const reason of reasons.map((make) => make())) {
        for (const how of ['text', 'bytes'] as const) {
          const controller = new AbortController()
          const response = await send('/', { signal: controller.signal })
          const work = rejectionOf(response[how]())
          setImmediate(() => controller.abort(reason))
          must(isAbort(await work, reason), `${how} must reject with the reason of the signal.`)
        }
      }
    },
  ),
  transportCheck(
    'a stream that is aborted while it is read ends with the reason',
    (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write('data: 1\n\n')
    },
    async ({ send }) => {
      for (const reason of reasons.map((make) => make())) {
        const controller = new AbortController()
        const reader = (await send('/', { signal: controller.signal })).stream()?.getReader()
        await reader?.read()
        const work = rejectionOf(reader?.read() ?? Promise.resolve())
        setImmediate(() => controller.abort(reason))
        must(isAbort(await work, reason), 'The stream must fail with the reason of the signal.')
      }
    },
  ),
]
