import { expect, it } from 'vitest'
import { memoryStore } from '@mcpclient/core'
import type { Store } from '@mcpclient/core'
import { storedRegistrations } from '../../src/vault/registrations.ts'

const ISSUER = 'https://login.example'
const first = { client_id: 'first' }
const second = { client_id: 'second' }

it('returns only the registration of its issuer and its group', async () => {
  const store = memoryStore()
  const registrations = storedRegistrations(store, 'docs')
  expect(await registrations.find(ISSUER)).toBeUndefined()
  expect(await registrations.keep(ISSUER, first)).toEqual(first)
  expect(await registrations.find(ISSUER)).toEqual(first)
  expect(await registrations.find('https://other.example')).toBeUndefined()
  expect(await storedRegistrations(store, 'wiki').find(ISSUER)).toBeUndefined()
})

it('returns the registration that another process stored first', async () => {
  const store = memoryStore()
  const [one, other] = [storedRegistrations(store, 'docs'), storedRegistrations(store, 'docs')]
  await one.keep(ISSUER, first)
  expect(await other.keep(ISSUER, second)).toEqual(first)
  expect(await one.find(ISSUER)).toEqual(first)
})

it.each(['{', 'null', '"text"'])('replaces the row %j, because it is no registration', async (row) => {
  const store = memoryStore()
  const broken: Store = { ...store, put: (key, _value, options) => store.put(key, row, options) }
  await storedRegistrations(broken, 'docs').keep(ISSUER, first)
  const registrations = storedRegistrations(store, 'docs')
  expect(await registrations.find(ISSUER)).toBeUndefined()
  expect(await registrations.keep(ISSUER, second)).toEqual(second)
  expect(await registrations.find(ISSUER)).toEqual(second)
})

it('deletes a registration, and reports a store that fails to', async () => {
  const store = memoryStore()
  const registrations = storedRegistrations(store, 'docs')
  await registrations.keep(ISSUER, first)
  await registrations.forget(ISSUER)
  expect(await registrations.find(ISSUER)).toBeUndefined()
  const down: Store = { ...store, delete: () => Promise.reject(new Error('The store is down.')) }
  await expect(storedRegistrations(down, 'docs').forget(ISSUER)).rejects.toThrow('The store is down.')
})
