import { describe, expect, it } from 'vitest'
import { valueAt } from '@mcpclient/core/define'
import { refusal } from '../../src/oauth/refusal.ts'
import { withValueAt } from '../../src/connector/reply.ts'

const inherited = ['constructor', '__proto__', 'toString', 'constructor.name', '__proto__.toString', 'a.__proto__']

describe('valueAt', () => {
  it.each(inherited)('finds nothing at %s', (path) => {
    expect(valueAt({ a: {} }, path)).toBeUndefined()
    expect(valueAt([[]], path)).toBeUndefined()
  })

  it('finds own properties of any name', () => {
    const body: unknown = JSON.parse('{"__proto__":{"items":[1]},"constructor":2,"list":[{"id":3}],"a.b":4}')
    expect(valueAt(body, '__proto__.items')).toEqual([1])
    expect(valueAt(body, 'constructor')).toBe(2)
    expect(valueAt(body, 'list.0.id')).toBe(3)
    expect(valueAt(body, 'list.length')).toBe(1)
    expect(valueAt(body, ['a.b'])).toBe(4)
  })
})

describe('withValueAt', () => {
  it.each(['__proto__.polluted', 'constructor.prototype.polluted', 'a.__proto__.polluted'])(
    'sets %s on its copy alone',
    (path) => {
      const body = { a: {} }
      const changed = withValueAt(body, path, true)
      expect(valueAt(changed, path)).toBe(true)
      expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
      expect(Object.getPrototypeOf(changed)).toBe(Object.prototype)
      expect(body).toEqual({ a: {} })
    },
  )

  it.each([undefined, null, 5, 'text', {}, { rows: null }, { rows: 'x' }])(
    'makes the parents that %j lacks',
    (body) => {
      expect(withValueAt(body, 'rows.items', [1])).toMatchObject({ rows: { items: [1] } })
    },
  )
})

describe('a refusal of a token endpoint', () => {
  it.each(['constructor', 'toString', 'valueOf'])('maps the error %s to an error of the library', (error) => {
    const failure = refusal({ error }, { host: 'as.example', purpose: 'the code', status: 400, secrets: [] })
    expect(failure).toMatchObject({ code: 'MCP_CLIENT_ERROR', details: { providerCode: error } })
    expect(failure.advice).toEqual(expect.any(String))
  })
})
