import { createFakeClock, seededRandom } from '@mcpclient/testing'
import { simulatedGmail } from '@mcpclient/testing/simulators'
import type { SimulatedGmailOptions } from '@mcpclient/testing/simulators'

const BASE = 'https://gmail.googleapis.com/gmail/v1/users/me/'

/** Creates a mailbox, and functions that call it as a client does. */
export function setUp(options: Partial<SimulatedGmailOptions> = {}) {
  const clock = createFakeClock()
  const pushed: unknown[] = []
  let refusals = 0
  const google = simulatedGmail({
    clock,
    random: seededRandom(7),
    accessToken: 'secret',
    async deliver(request) {
      pushed.push(await request.json())
      return new Response(null, { status: refusals-- > 0 ? 503 : 204 })
    },
    ...options,
  })
  const send = (path: string, body?: unknown, method = body === undefined ? 'GET' : 'POST') =>
    google.handle(
      new Request(BASE + path, {
        method,
        headers: { authorization: 'Bearer secret' },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
    )
  return {
    clock,
    google,
    pushed,
    /** Returns the body of a response. */
    async call(path: string, body?: unknown, method?: string) {
      const text = await (await send(path, body, method)).text()
      return text === '' ? undefined : JSON.parse(text)
    },
    status: async (path: string, body?: unknown) => (await send(path, body)).status,
    /** Refuses the next notifications. */
    refuse(count: number) {
      refusals = count
    },
  }
}
