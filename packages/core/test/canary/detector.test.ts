import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { ConnectorError } from '@mcpclient/core'
import type { CallStage, Stages } from '@mcpclient/core'
import { apiKey } from '@mcpclient/core/define'
import { canary, leaksIn } from './detector.ts'
import { FINE, notesWith } from './notes.ts'
import { createWitness, stage } from './witness.ts'

const secret = canary('secret', '"+/=&% ä')

describe('a secret is found', () => {
  const { value } = secret
  const ways: readonly (readonly [string, (text: string) => string])[] = [
    ['as it is', (text) => text],
    ['cut off', (text) => text.slice(0, 20)],
    ['in base64', (text) => Buffer.from(text).toString('base64')],
    ['in base64url', (text) => Buffer.from(text).toString('base64url')],
    ['in base64, behind a name', (text) => Buffer.from(`ada:${text}`).toString('base64')],
    ['in base64, behind a longer name', (text) => Buffer.from(`adam:${text}`).toString('base64')],
    ['percent-encoded', encodeURIComponent],
    ['percent-encoded twice', (text) => encodeURIComponent(encodeURIComponent(text))],
    ['in a form', (text) => new URLSearchParams({ text }).toString()],
    ['in JSON', (text) => JSON.stringify({ text })],
    ['in JSON in JSON', (text) => JSON.stringify({ text: JSON.stringify({ text }) })],
    ['in hex', (text) => Buffer.from(text).toString('hex')],
    ['in capitals', (text) => text.toUpperCase()],
    ['as a host', (text) => new URL(`https://${text.slice(0, 32)}.example`).host],
  ]

  test.each(ways)('%s', (_way, write) => {
    const text = `before ${write(value)} after`
    expect(leaksIn('text', text, [secret])).toMatchObject([{ surface: 'text', kind: 'secret' }])
  })

  test('and nothing else is', () => {
    const other = canary('another one', '"+/=&% ä').value
    for (const [, write] of ways) expect(leaksIn('text', write(other), [secret])).toEqual([])
  })

  test.each<readonly [string, unknown]>([
    ['a message', new Error(value)],
    ['a cause', new Error('a', { cause: new Error('b', { cause: { value } }) })],
    ['an error among several', new AggregateError([new Error(value)])],
    ['a field of an error', Object.assign(new Error('a'), { request: { value } })],
    ['the details of one of ours', new ConnectorError('TIMEOUT', 'a', { issues: [{ path: value, message: '' }] })],
    ['a field that is hidden', Object.defineProperty({}, 'hidden', { value })],
    ['a symbol', { [Symbol(value)]: 1 }],
    ['a key', { [value]: 1 }],
    ['something deep', { a: { b: { c: { d: [new Map([['e', new Set([value])]])] } } } }],
    ['something that JSON alone shows', { toJSON: () => value, [inspect.custom]: () => '' }],
    ['text that was thrown', value],
  ])('in %s', (_where, seen) => {
    const witness = createWitness()
    witness.see('it', seen)
    expect(witness.leaks([secret]).length).toBeGreaterThan(0)
    // What is allowed is no leak, and what is allowed for nothing is one.
    const allowed = witness.leaks([secret]).map((leak) => (typeof leak === 'string' ? leak : placeIn(leak)))
    expect(witness.leaks([secret], [...new Set(allowed)])).toEqual([])
    expect(witness.leaks([secret], [...new Set(allowed), 'log: secret'])).toEqual(['no secret got to log: secret'])
  })

  const placeIn = ({ surface, kind }: { readonly surface: string; readonly kind: string }): string =>
    `${surface.replace(/^(?:inspect|JSON\.stringify)\((.*)\)$/, '$1')}: ${kind}`
})

test.each<readonly [string, (stages: Stages, leak: (where: string) => void) => Stages]>([
  ['log', (stages, leak) => withStage(stages, () => leak('log'))],
  [
    'error',
    (stages) =>
      withStage(stages, () => {
        throw new ConnectorError('TIMEOUT', secret.value)
      }),
  ],
])('a client that leaks into its %s on purpose is caught', async (where, pipeline) => {
  const scene = stage({ notes: notesWith(apiKey({ header: 'X-Api-Key' }))() }, () => FINE, {
    pipeline: (stages) => pipeline(stages, () => scene.witness.logger.info({ apiKey: secret.value }, 'Signed.')),
  })
  const notes = scene.client('notes')
  await scene.attempt('connecting', () => notes.connect({ apiKey: secret.value }))
  await scene.attempt('call', () => notes.invoke('read_note', {}))
  await scene.mcp.close()
  const surfaces = scene.witness.leaks([secret]).map((leak) => (typeof leak === 'string' ? leak : leak.surface))
  expect(surfaces.some((surface) => surface.includes(where))).toBe(true)
})

function withStage(stages: Stages, leak: () => void): Stages {
  const leaky: CallStage = (next) => (call) => {
    leak()
    return next(call)
  }
  return { ...stages, call: [...stages.call, () => leaky] }
}
