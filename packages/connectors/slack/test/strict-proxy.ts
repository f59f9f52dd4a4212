import type { IncomingMessage } from 'node:http'
import { bodyOf, listen } from '@mcpclient/testkit'
import type { LoopbackServer } from '@mcpclient/testkit'

/**
 * Stands before a lenient emulator of Slack and is as strict as Slack: without the right token it refuses as Slack does.
 * @param options.target origin of the emulator
 * @param options.token the only one that is let through
 */
export function strictProxy({
  target,
  token,
}: {
  readonly target: string
  readonly token: string
}): Promise<LoopbackServer> {
  return listen((request, response) => {
    void respondTo(request)
      .catch((error: unknown) => ({ status: 502, body: String(error) }))
      .then(({ status, body }) => {
        response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(body)
      })
  })

  async function respondTo(request: IncomingMessage): Promise<{ status: number; body: string }> {
    const { authorization } = request.headers
    if (authorization === undefined) return refusal('not_authed')
    if (authorization !== `Bearer ${token}`) return refusal('invalid_auth')
    if (request.method !== 'POST') return refusal('request_not_supported')
    const forwarded = await fetch(target + (request.url ?? '/'), {
      method: 'POST',
      headers: { authorization, 'content-type': request.headers['content-type'] ?? 'application/json' },
      body: await bodyOf(request),
    })
    // An upload goes where the emulator says, which is not where it is reached here.
    const here = `http://${request.headers.host}`
    return { status: forwarded.status, body: (await forwarded.text()).replaceAll(target, here) }
  }
}

const refusal = (error: string) => ({ status: 200, body: JSON.stringify({ ok: false, error }) })
