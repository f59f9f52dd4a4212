import { describe, expect, it } from 'vitest'
import { mandrill, twilio } from '../src/schemes.ts'
import { mac, outcome, sent, sha256, bytesOf } from './sent.ts'

const FORM = 'application/x-www-form-urlencoded'
const sign = (text: string): string => mac('token', text, 'base64', 'sha1')
const form = (url: string, body: string, signedText: string, contentType = FORM) =>
  sent({ url, body, headers: { 'content-type': contentType, 'x-twilio-signature': sign(signedText) } })
const judge = (request: ReturnType<typeof sent>) => outcome(twilio(), ['token'], request)

describe('W20: the public URL', () => {
  it('is signed with and without its port', async () => {
    const url = 'https://app.example:8443/hooks/twilio'
    for (const signed of [url, 'https://app.example/hooks/twilio']) {
      expect(await judge(form(url, 'a=1', `${signed}a1`))).toBe('verified')
    }
    for (const signed of ['http://app.example:8443/hooks/twilio', 'https://app.example:443/hooks/twilio']) {
      expect(await judge(form(url, 'a=1', `${signed}a1`))).toBe('signature_mismatch')
    }
    expect(await judge(form('https://[::1]:8443/x', 'a=1', 'https://[::1]/xa1'))).toBe('verified')
  })

  it('is signed with its query as it was entered, or encoded again', async () => {
    const url = 'https://app.example/hooks?name=O%27Brien&x=1+2'
    expect(await judge(form(url, 'a=1', `${url}a1`))).toBe('verified')
    expect(await judge(form(url, 'a=1', `https://app.example/hooks?name=O'Brien&x=1%202a1`))).toBe('verified')
    expect(await judge(form(url, 'a=1', `https://app.example/hooks?name=Other&x=1%202a1`))).toBe('signature_mismatch')
  })

  it('is taken as it is if it cannot be split', async () => {
    expect(await judge(form('no url', 'a=1', 'no urla1'))).toBe('verified')
  })
})

describe('a form', () => {
  const url = 'https://app.example/hooks'

  it('is signed sorted by name, with each value of a repeated name once', async () => {
    expect(await judge(form(url, 'b=2&a=1&B=3', `${url}B3a1b2`))).toBe('verified')
    expect(await judge(form(url, 'a=2&a=1&a=2', `${url}a1a2`))).toBe('verified')
    expect(await judge(form(url, 'a=', `${url}a`))).toBe('verified')
    expect(await judge(form(url, '', url))).toBe('verified')
  })

  it.each(['a', 'a=%2b', 'a=%zz', 'a=%', 'a=%FF', 'a= b', 'a=1&', '&a=1', 'a=1=2', 'a=\u00E9'])(
    'is refused in a spelling that no sender uses: %s',
    async (body) => {
      expect(await judge(form(url, body, url))).toBe('body_malformed')
    },
  )

  it('keeps a byte order mark', async () => {
    expect(await judge(form(url, 'a=%EF%BB%BFx', `${url}a\uFEFFx`))).toBe('verified')
    expect(await judge(form(url, 'a=%EF%BB%BFx', `${url}ax`))).toBe('signature_mismatch')
  })

  it('is refused under another content type, since then the body is not signed', async () => {
    for (const contentType of ['application/json', 'text/plain', '', 'application/x-www-form-urlencodedx']) {
      expect(await judge(form(url, 'a=1', `${url}a1`, contentType))).toBe('body_malformed')
    }
    expect(await judge(form(url, 'a=1', `${url}a1`, 'Application/X-WWW-Form-Urlencoded; charset=UTF-8'))).toBe(
      'verified',
    )
  })
})

describe('bodySHA256', () => {
  const body = '{"a":1}'
  const url = `https://app.example/hooks?bodySHA256=${sha256(bytesOf(body))}`

  it('covers the body', async () => {
    expect(await judge(form(url, body, url, 'application/json'))).toBe('verified')
    expect(await judge(form(url, '{"a":2}', url, 'application/json'))).toBe('body_mismatch')
    expect(await judge(form(url, '', url, 'application/json'))).toBe('body_mismatch')
  })

  it('is covered by the signature', async () => {
    const other = url.replace(sha256(bytesOf(body)), sha256(bytesOf('{"a":2}')))
    expect(await judge(form(other, '{"a":2}', url, 'application/json'))).toBe('signature_mismatch')
    expect(
      await judge(form('https://app.example/hooks?bodySHA256=', body, 'https://app.example/hooks?bodySHA256=')),
    ).toBe('body_mismatch')
  })
})

it('mandrill() keeps the order of a repeated field', async () => {
  const url = 'https://app.example/hooks'
  const request = (text: string) => sent({ url, body: 'b=1&a=2&a=1', headers: { 'x-mandrill-signature': sign(text) } })
  expect(await outcome(mandrill(), ['token'], request(`${url}a2a1b1`))).toBe('verified')
  expect(await outcome(mandrill(), ['token'], request(`${url}a1a2b1`))).toBe('signature_mismatch')
})
