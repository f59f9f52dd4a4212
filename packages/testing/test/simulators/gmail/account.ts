import { createFakeClock, seededRandom } from '@mcpclient/testing'
import { simulatedGmail } from '@mcpclient/testing/simulators'
import type { SimulatedGmailOptions } from '@mcpclient/testing/simulators'
import { loadVendorContract, vendorContracts } from '@mcpclient/testkit'
import { expect } from 'vitest'

const BASE = 'https://gmail.googleapis.com/gmail/v1/users/me/'

const folder = vendorContracts()
/** Google's own description of the API, where it is present. It has most operations, but not all. */
const contract = folder === undefined ? undefined : await loadVendorContract(folder, 'google-gmail')

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
  const answer = async (path: string, body: unknown, method: string) => {
    const response = await send(path, body, method)
    const text = await response.text()
    return { status: response.status, ok: response.ok, body: text === '' ? undefined : JSON.parse(text) }
  }
  return {
    clock,
    google,
    pushed,
    /** Returns the body of a response. Fails on one that Google's description does not allow. */
    async call(path: string, body?: unknown, method = body === undefined ? 'GET' : 'POST') {
      const { status, ok, ...response } = await answer(path, body, method)
      const checked = contract?.check({
        method,
        url: BASE + path,
        requestBody: body,
        status,
        responseBody: response.body,
      })
      if (ok && checked !== undefined && checked.op !== null) expect(checked.problems, path).toEqual([])
      return response.body
    },
    status: async (path: string, body?: unknown) => (await send(path, body)).status,
    /** Refuses the next notifications. */
    refuse(count: number) {
      refusals = count
    },
  }
}
