/** A random function with values from 0 to below 1. */
export type Random = () => number

export const pick = <Item>(random: Random, items: readonly Item[]): Item =>
  items[Math.floor(random() * items.length)] as Item

const revoked = (): object => {
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  return proxy
}

const throwing = (thrown: unknown): (() => never) => {
  return () => {
    // oxlint-disable-next-line no-throw-literal, typescript/only-throw-error -- a host's code may throw anything
    throw thrown
  }
}

/** Returns a proxy whose every trap throws. */
const trap = (): object => {
  const refuse = throwing(new Error('trapped'))
  return new Proxy(
    {},
    { get: refuse, has: refuse, ownKeys: refuse, getPrototypeOf: refuse, getOwnPropertyDescriptor: refuse },
  )
}

const cycle = (): object => {
  const ring: Record<string, unknown> = { name: 'ring' }
  ring['self'] = ring
  return ring
}

const deep = (levels: number): unknown => {
  let value: unknown = 'bottom'
  for (let level = 0; level < levels; level++) value = level % 2 === 0 ? [value] : { value }
  return value
}

const withGetter = (name: string, thrown: unknown): object =>
  Object.defineProperty({}, name, { enumerable: true, get: throwing(thrown) })

const withField = (name: string, value: unknown): object => ({ [name]: value })

class Impostor {
  get tenant(): never {
    throw new RangeError('no tenant')
  }
  toString(): never {
    throw new RangeError('no text')
  }
}

const errorWithThrowingMessage = (): Error =>
  Object.defineProperty(new Error('x'), 'message', { get: throwing(new Error('no message')) })

/** Returns an object that looks like an error of another copy of this library. */
const foreignError = (fields: object): object => ({ [Symbol.for('@mcpclient/error')]: true, ...fields })

/** Inherited names, and names that are special in the language. */
export const dangerousNames = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'then',
  'toJSON',
  '__defineGetter__',
  'valueOf',
] as const

export const text = (random: Random): string =>
  pick(random, [
    () => '',
    () => ' ',
    () => 'ada',
    () => 'a'.repeat(Math.floor(random() * 300)),
    () => 'x'.repeat(pick(random, [129, 1000, 20_000])),
    () => '\uD800',
    () => 'ada\u0000',
    () => '\u202Eevil\u200B',
    () => 'undefined',
    () => '\r\nx-injected: 1',
    () => '../../etc/passwd',
    () => '%s${7*7}{{7*7}}',
    () => pick(random, dangerousNames),
  ])()

const makers: readonly ((random: Random) => unknown)[] = [
  () => undefined,
  () => null,
  () => 0,
  () => -1,
  () => Number.NaN,
  () => Infinity,
  () => 2 ** 53,
  () => 10n ** 30n,
  () => true,
  () => Symbol('hostile'),
  () => throwing(null),
  () => () => undefined,
  () => new Impostor(),
  () => new Map([['tenant', 'ada']]),
  () => new Date(Number.NaN),
  () => new Uint8Array(8),
  () => Object.create(null) as object,
  () => JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}') as object,
  () => withGetter('server_id', 0),
  () => withGetter('tenant', undefined),
  () => withGetter('id', new Error('no id')),
  () => withGetter('then', null),
  () => ({ toString: throwing(0), valueOf: throwing(0), [Symbol.toPrimitive]: throwing(0) }),
  () => ({ toJSON: throwing(new Error('no JSON')) }),
  () => withField('then', throwing(new Error('no then'))),
  () => withField('then', (resolve: (value: unknown) => void) => resolve(withField('then', 5))),
  () => Promise.resolve('ada'),
  () => revoked(),
  () => trap(),
  () => cycle(),
  () => errorWithThrowingMessage(),
  () => foreignError({}),
  () => foreignError({ code: 'constructor', details: null, message: 5 }),
  () => foreignError({ code: 'TIMEOUT', message: '', details: { hint: 10n, issues: cycle() } }),
  () => deep(20),
  () => deep(3000),
  () => Array.from({ length: 2000 }, (_, at) => at),
  (random) => text(random),
  (random) => ({ [text(random)]: text(random) }),
  (random) => ({ id: text(random), text: hostileValue(random) }),
  (random) => [hostileValue(random), hostileValue(random)],
]

/** Returns a value that a caller in JavaScript, a queue or a model may pass. */
export const hostileValue = (random: Random): unknown => pick(random, makers)(random)
