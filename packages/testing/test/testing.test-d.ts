import { expectTypeOf, test } from 'vitest'
import { memoryStore } from '@mcpclient/core'
import type { Clock, Store, Transport } from '@mcpclient/core'
import { createFakeClock, faultTransport, scriptedTransport, seededRandom } from '@mcpclient/testing'
import { storeContract } from '@mcpclient/testing/contract'
import type { FakeClock, RecordedRequest, ScriptedAnswer } from '@mcpclient/testing'

test('what is made fits the ports', () => {
  expectTypeOf(createFakeClock()).toExtend<Clock>()
  expectTypeOf(scriptedTransport([])).toExtend<Transport>()
  expectTypeOf(faultTransport(scriptedTransport([]), { seed: 1 })).toExtend<Transport>()
  expectTypeOf(seededRandom('a')).toEqualTypeOf<() => number>()
})

test('a script is a list or a function, and a function sees the request', () => {
  scriptedTransport([{ json: { ok: true } }, new Error('reset'), () => ({ status: 500 }), async () => ({ text: '' })])
  scriptedTransport((request, index) => {
    expectTypeOf(request).toEqualTypeOf<RecordedRequest>()
    expectTypeOf(request.json).toBeUnknown()
    expectTypeOf(index).toBeNumber()
    return {}
  })
  // @ts-expect-error a status is a number
  scriptedTransport([{ status: '200' }])
  // @ts-expect-error a body is called json, text, bytes or events
  scriptedTransport([{ body: 'text' }])
  // @ts-expect-error one answer is not a script
  scriptedTransport({ status: 200 } satisfies ScriptedAnswer)
})

test('requests are read, not written', () => {
  const { requests } = scriptedTransport([])
  // @ts-expect-error the record belongs to the transport
  requests.push({})
})

test('until gives what the promise gives', () => {
  expectTypeOf<FakeClock['until']>().toBeCallableWith(Promise.resolve(1))
  expectTypeOf(createFakeClock().until(Promise.resolve('done'))).toEqualTypeOf<Promise<string>>()
  expectTypeOf(createFakeClock().pending).toBeNumber()
})

test('faults are known by name', () => {
  const inner = scriptedTransport([])
  faultTransport(inner, { plan: ['reset', { kind: 'throttled', headers: { 'retry-after': '3' } }] })
  faultTransport(inner, { seed: 'a', rates: { refused: 0.1, slow: { rate: 0.1, ms: 5 } }, clock: createFakeClock() })
  // @ts-expect-error no fault has this name
  faultTransport(inner, { plan: ['lightning'] })
  // @ts-expect-error a shape without a rate strikes nobody
  faultTransport(inner, { rates: { slow: { ms: 5 } } })
})

test('a contract takes something that makes stores', () => {
  expectTypeOf(storeContract).toBeCallableWith(() => memoryStore())
  expectTypeOf(storeContract).toBeCallableWith(async () => memoryStore(), { name: 'mine', advance: async () => {} })
  expectTypeOf(storeContract).toBeCallableWith(() => memoryStore(), { advance: 'wait' })
  // @ts-expect-error time passes by itself, or is made to
  storeContract(() => memoryStore(), { advance: 'later' })
  expectTypeOf(storeContract).parameter(0).toEqualTypeOf<() => Store | Promise<Store>>()
  // @ts-expect-error a store is not something that makes one
  storeContract(memoryStore())
})
