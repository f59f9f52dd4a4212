import { ConnectorError } from '@mcpclient/core'
import { expect, it } from 'vitest'
import { reachableText } from '../../../src/contract/connector-checks/reachable-text.ts'

const SECRET = 'heron-4417'
const holds = (value: unknown): boolean => reachableText(value).some((text) => text.includes(SECRET))

class Shy {
  get hint(): string {
    return SECRET
  }
}

it.each([
  ['a text', SECRET],
  ['a field', { a: [{ b: SECRET }] }],
  ['the name of a field', { [SECRET]: 1 }],
  ['a symbol', { [Symbol(SECRET)]: 1 }],
  ['a hidden field', Object.defineProperty({}, 'a', { value: SECRET })],
  ['a getter of a class', new Shy()],
  ['a message', new Error(`Bad ${SECRET}.`)],
  ['a cause', new Error('Bad.', { cause: { headers: { authorization: SECRET } } })],
  ['an error among several', new AggregateError([new Error(SECRET)])],
  ['a map', new Map([['a', { b: SECRET }]])],
  ['bytes', { body: new TextEncoder().encode(SECRET) }],
  ['what it looks like as text', { toString: () => SECRET }],
  ['what it looks like as JSON', { toJSON: () => ({ a: SECRET }) }],
  ['a function', Object.assign(() => undefined, { a: SECRET })],
])('finds a secret in %s', (_, value) => {
  expect(holds(value)).toBe(true)
})

it('finds nothing in the cause of a ConnectorError, which is private', () => {
  expect(holds(new ConnectorError('MCP_CLIENT_ERROR', 'Bad.', {}, { cause: SECRET }))).toBe(false)
})

it('ends for a value that contains itself', () => {
  const ring: Record<string, unknown> = { a: SECRET }
  ring['ring'] = ring
  expect(holds(ring)).toBe(true)
})
