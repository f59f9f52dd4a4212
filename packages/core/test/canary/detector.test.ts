import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { ConnectorError } from '@mcpclient/core'
import type { CallStage, Stages } from '@mcpclient/core'
import { apiKey } from '@mcpclient/core/define'
import { canary, leaksIn } from './detector.ts'
import { FINE, notesWith } from './notes.ts'
import { createWitness, witnessedClient } from './witness.ts'

const secret = canary('secret', '"+/=&% ä')

describe('a secret is detected', () => {
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

  it.each(ways)('finds it %s', (_way, write) => {
    const text = `before ${write(value)} after`
    expect(leaksIn('text', text, [secret])).toMatchObject([{ surface: 'text', kind: 'secret' }])
  })

  it('does not report other values', () => {
    const other = canary('another one', '"+/=&% ä').value
    for (const [, write] of ways) expect(leaksIn('text', write(other), [secret])).toEqual([])
  })

  it.each<readonly [string, unknown]>([
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
  ])('finds it in %s', (_where, seen) => {
    const witness = createWitness()
    witness.see('it', seen)
    expect(witness.leaks([secret]).length).toBeGreaterThan(0)
    // An allowed leak is not reported; an allowance that is never used is.
    const allowed = witness.leaks([secret]).map((leak) => (typeof leak === 'string' ? leak : placeIn(leak)))
    expect(witness.leaks([secret], [...new Set(allowed)])).toEqual([])
    expect(witness.leaks([secret], [...new Set(allowed), 'log: secret'])).toEqual(['no secret in log: secret'])
  })

  const placeIn = ({ surface, kind }: { readonly surface: string; readonly kind: string }): string =>
    `${surface.replace(/^(?:inspect|JSON\.stringify)\((.*)\)$/, '$1')}: ${kind}`
})

it.each<readonly [string, (stages: Stages, leak: (where: string) => void) => Stages]>([
  ['log', (stages, leak) => withStage(stages, () => leak('log'))],
  [
    'error',
    (stages) =>
      withStage(stages, () => {
        throw new ConnectorError('TIMEOUT', secret.value)
      }),
  ],
])('finds a leak of a client into its %s', async (where, pipeline) => {
  const scene = witnessedClient({ notes: notesWith(apiKey({ header: 'X-Api-Key' }))() }, () => FINE, {
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
