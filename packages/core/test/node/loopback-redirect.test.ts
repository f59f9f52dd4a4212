import { request } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { loopbackRedirect } from '../../src/node.ts'
import type { LoopbackRedirect, LoopbackRedirectOptions } from '../../src/node.ts'

const opened: LoopbackRedirect[] = []
const open = async (options?: LoopbackRedirectOptions) => {
  const redirect = await loopbackRedirect(options)
  opened.push(redirect)
  return redirect
}
afterEach(async () => {
  for (const redirect of opened.splice(0)) await redirect.close()
})

const AUTHORIZE = 'https://login.example/authorize?client_id=app&state=state-1'
const comeBack = (redirect: LoopbackRedirect, query: string) => fetch(`${redirect.uri}?${query}`)

describe('a callback', () => {
  it('shows a page to the user, and the program gets the full URL', async () => {
    const redirect = await open({ page: 'Back to the terminal.' })
    const waiting = redirect.callback(AUTHORIZE)
    const response = await comeBack(redirect, 'code=c-1&state=state-1')
    expect(await response.text()).toBe('Back to the terminal.')
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
    })
    expect((await waiting).href).toBe(`${redirect.uri}?code=c-1&state=state-1`)
  })

  it('may arrive before the program waits', async () => {
    const redirect = await open()
    await comeBack(redirect, 'code=c-1&state=state-1')
    expect((await redirect.callback(AUTHORIZE)).searchParams.get('code')).toBe('c-1')
  })

  it('arrives as well if the user declined', async () => {
    const redirect = await open()
    const waiting = redirect.callback(AUTHORIZE)
    await comeBack(redirect, 'error=access_denied&state=state-1')
    expect((await waiting).searchParams.get('error')).toBe('access_denied')
  })

  it('is distinguished from one with another state', async () => {
    const redirect = await open()
    const waiting = redirect.callback(AUTHORIZE)
    await comeBack(redirect, 'code=forged&state=guessed')
    await comeBack(redirect, 'code=c-1&state=state-1')
    expect((await waiting).searchParams.get('code')).toBe('c-1')
  })

  it('matches any state after a pushed request, whose URL contains none', async () => {
    const redirect = await open()
    const waiting = redirect.callback('https://login.example/authorize?client_id=app&request_uri=urn:1')
    await comeBack(redirect, 'code=c-1&state=state-1')
    expect((await waiting).searchParams.get('code')).toBe('c-1')
  })

  it('reaches the right one of two concurrent waits', async () => {
    const redirect = await open()
    const both = ['state-1', 'state-2'].map((state) => redirect.callback(`https://login.example/?state=${state}`))
    await comeBack(redirect, 'code=c-2&state=state-2')
    await comeBack(redirect, 'code=c-1&state=state-1')
    expect((await Promise.all(both)).map((url) => url.searchParams.get('code'))).toEqual(['c-1', 'c-2'])
  })
})

describe('another request', () => {
  it.each([
    ['another path', '/favicon.ico?state=state-1', {}],
    ['no state', '/callback?code=c-1', {}],
    ['another name for this machine', '/callback?code=c-1&state=state-1', { headers: { host: 'evil.example' } }],
    ['another method', '/callback?code=c-1&state=state-1', { method: 'POST' }],
  ])('is ignored with %s', async (_, path, options) => {
    const redirect = await open()
    const waiting = redirect.callback(AUTHORIZE)
    // `fetch` does not allow another host header.
    const status = await new Promise((resolve, reject) => {
      request(new URL(path, redirect.uri), options, (response) => {
        response.resume()
        resolve(response.statusCode)
      })
        .on('error', reject)
        .end()
    })
    expect(status).toBe(404)
    await comeBack(redirect, 'code=genuine&state=state-1')
    expect((await waiting).searchParams.get('code')).toBe('genuine')
  })

  it('cannot come from outside, because only the loopback address listens', async () => {
    expect(new URL((await open()).uri).hostname).toBe('127.0.0.1')
  })
})

describe('the wait', () => {
  it('times out without a callback', async () => {
    const redirect = await open()
    await expect(redirect.callback(AUTHORIZE, { timeoutMs: 1 })).rejects.toMatchObject({ code: 'TIMEOUT' })
  })

  it('ends with its signal, even if that is aborted already', async () => {
    const redirect = await open()
    const controller = new AbortController()
    const waiting = redirect.callback(AUTHORIZE, { signal: controller.signal })
    controller.abort()
    await expect(waiting).rejects.toMatchObject({ code: 'CANCELLED' })
    await expect(redirect.callback(AUTHORIZE, { signal: controller.signal })).rejects.toMatchObject({
      code: 'CANCELLED',
    })
  })

  it('ends with the redirect, which may be closed twice', async () => {
    const redirect = await open()
    const waiting = redirect.callback(AUTHORIZE)
    const ended = expect(waiting).rejects.toMatchObject({ code: 'CANCELLED' })
    await redirect.close()
    await redirect.close()
    await ended
    await expect(comeBack(redirect, 'code=c-1&state=state-1')).rejects.toThrow()
  })

  it('does not start without a valid URL', async () => {
    const redirect = await open()
    await expect(redirect.callback('the one from before')).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  })
})

it('reports a port that another program uses', async () => {
  const first = await open()
  const port = Number(new URL(first.uri).port)
  await expect(open({ port })).rejects.toMatchObject({ code: 'CONFIGURATION_ERROR' })
})

it('accepts the registered port and path', async () => {
  const first = await open()
  const port = Number(new URL(first.uri).port)
  await first.close()
  expect((await open({ port, path: '/oauth' })).uri).toBe(`http://127.0.0.1:${port}/oauth`)
})
