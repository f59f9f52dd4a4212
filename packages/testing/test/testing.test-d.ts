import { expectTypeOf, it } from 'vitest'
import { memoryStore } from '@mcpclient/core'
import type { Clock, Store, Transport } from '@mcpclient/core'
import { createFakeClock, faultTransport, scriptedTransport, seededRandom } from '@mcpclient/testing'
import { storeContract } from '@mcpclient/testing/contract'
import type { FakeClock, RecordedRequest, ScriptedResponse } from '@mcpclient/testing'

it('the fakes implement the ports', () => {
  expectTypeOf(createFakeClock()).toExtend<Clock>()
  expectTypeOf(scriptedTransport([])).toExtend<Transport>()
  expectTypeOf(faultTransport(scriptedTransport([]), { seed: 1 })).toExtend<Transport>()
  expectTypeOf(seededRandom('a')).toEqualTypeOf<() => number>()
})

it('a script is a list or a function, and a function sees the request', () => {
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
  // @ts-expect-error one response is not a script
  scriptedTransport({ status: 200 } satisfies ScriptedResponse)
})

it('requests are read-only', () => {
  const { requests } = scriptedTransport([])
  // @ts-expect-error the record belongs to the transport
  requests.push({})
})

it('until returns the value of the promise', () => {
  expectTypeOf<FakeClock['until']>().toBeCallableWith(Promise.resolve(1))
  expectTypeOf(createFakeClock().until(Promise.resolve('done'))).toEqualTypeOf<Promise<string>>()
  expectTypeOf(createFakeClock().pending).toBeNumber()
})

it('faults are typed by name', () => {
  const inner = scriptedTransport([])
  faultTransport(inner, { plan: ['reset', { kind: 'throttled', headers: { 'retry-after': '3' } }] })
  faultTransport(inner, { seed: 'a', rates: { refused: 0.1, slow: { rate: 0.1, ms: 5 } }, clock: createFakeClock() })
  // @ts-expect-error no fault has this name
  faultTransport(inner, { plan: ['lightning'] })
  // @ts-expect-error a shape without a rate never strikes
  faultTransport(inner, { rates: { slow: { ms: 5 } } })
})

it('a contract accepts a function that creates stores', () => {
  expectTypeOf(storeContract).toBeCallableWith(() => memoryStore())
  expectTypeOf(storeContract).toBeCallableWith(async () => memoryStore(), { name: 'mine', advance: async () => {} })
  expectTypeOf(storeContract).toBeCallableWith(() => memoryStore(), { advance: 'wait' })
  // @ts-expect-error time passes by itself, or is made to
  storeContract(() => memoryStore(), { advance: 'later' })
  expectTypeOf(storeContract).parameter(0).toEqualTypeOf<() => Store | Promise<Store>>()
  // @ts-expect-error a store is not something that makes one
  storeContract(memoryStore())
})
