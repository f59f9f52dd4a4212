import { describe, expect, it } from 'vitest'
import { recordRequest } from '../src/request-record.ts'

const ADDRESS = 'https://api.example/v1/birds/grey%20heron?b=2&a=1'
const record = (init: RequestInit = {}, url = ADDRESS) =>
  recordRequest(new Request(url, init), ['authorization', 'if-match'])
const post = (body: BodyInit, type?: string) =>
  record({ method: 'POST', body, ...(type !== undefined && { headers: { 'content-type': type } }) })

describe('the record of a request', () => {
  it('has the chosen headers that were sent, and no others', async () => {
    const headers = { authorization: 'Bearer t', 'user-agent': 'vendor-sdk/1' }
    expect(await record({ headers })).toEqual({
      method: 'GET',
      origin: 'https://api.example',
      path: '/v1/birds/grey%20heron',
      query: ['a=1', 'b=2'],
      headers: { authorization: 'Bearer t' },
      body: undefined,
    })
  })

  it.each([
    ['the order of the query', 'https://api.example/v1/birds/grey%20heron?a=1&b=2'],
    ['the escapes of a path', 'https://api.example/v1/birds/%67rey%20heron?b=2&a=1'],
  ])('is the same whatever %s', async (_name, url) => {
    expect(await record({}, url)).toEqual(await record())
  })

  it.each([
    ['an origin', 'https://api.example.net/v1/birds/grey%20heron?b=2&a=1'],
    ['an escaped slash', 'https://api.example/v1%2Fbirds/grey%20heron?b=2&a=1'],
    ['a repeated parameter', 'https://api.example/v1/birds/grey%20heron?b=2&a=1&a=1'],
  ])('differs with %s', async (_name, url) => {
    expect(await record({}, url)).not.toEqual(await record())
  })

  it('reads JSON, forms, multipart, text and bytes', async () => {
    const form = new FormData()
    form.append('name', 'heron')
    form.append('file', new File(['grey'], 'heron.txt', { type: 'text/plain' }))
    const bytes = new Uint8Array([0xff, 0x00])
    expect((await post('{"b":[1],"a":null}', 'application/json; charset=utf-8')).body).toEqual({ a: null, b: [1] })
    expect((await post('[]', 'application/merge-patch+json')).body).toEqual([])
    expect((await post(new URLSearchParams({ b: '2', a: '1 0' }))).body).toEqual(['a=1 0', 'b=2'])
    expect((await post(form)).body).toEqual([
      { name: 'name', value: 'heron' },
      { name: 'file', filename: 'heron.txt', type: 'text/plain', value: 'grey' },
    ])
    expect((await post('grey')).body).toBe('grey')
    expect((await post(bytes, 'application/octet-stream')).body).toEqual(bytes)
  })
})
