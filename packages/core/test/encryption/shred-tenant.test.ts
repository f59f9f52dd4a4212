import { createFakeClock, errorOf } from '@mcpclient/testing'
import { describe, expect, it, vi } from 'vitest'
import { encrypted } from '../../src/encryption/encrypted.ts'
import { memoryStore } from '../../src/ports/memory-store.ts'
import { storeKey } from '../../src/ports/store.ts'
import type { Store } from '../../src/ports/store.ts'
import { newKey } from './fake-kms.ts'

const place = (tenant: string, server = 'slack', name = 'default'): string =>
  storeKey('connection', server, tenant, name)

const setUp = () => {
  const clock = createFakeClock()
  const store = memoryStore({ clock })
  const keys = newKey()
  const open = (over: Store = store) => encrypted(over, { keys, clock })
  return { clock, store, open }
}

describe('shredTenant()', () => {
  it('deletes the data keys and the values of the tenant, and no others', async () => {
    const { store, open } = setUp()
    const safe = open()
    for (const tenant of ['a/b', 'a', 'b']) {
      for (const server of ['slack', 'jira']) await safe.put(place(tenant, server), `${tenant} at ${server}`)
    }
    await safe.put('oauth-state/a%2Fb', 'shared')
    await store.put(place('a/b', 'plain'), 'not written by encrypted()')
    expect(await safe.shredTenant('a/b')).toEqual({ shredded: true, deleted: 2 })
    expect((await store.list('')).entries.map(({ key }) => key)).toEqual([
      'connection/jira/a/default',
      'connection/jira/b/default',
      'connection/plain/a%2Fb/default',
      'connection/slack/a/default',
      'connection/slack/b/default',
      'datakey/shared',
      'datakey/tenant/a',
      'datakey/tenant/b',
      'oauth-state/a%2Fb',
    ])
    expect((await safe.get(place('a')))?.value).toBe('a at slack')
    expect((await safe.get('oauth-state/a%2Fb'))?.value).toBe('shared')
    expect(await safe.shredTenant('a/b')).toEqual({ shredded: false, deleted: 0 })
    expect(await safe.shredTenant('nobody')).toEqual({ shredded: false, deleted: 0 })
  })

  it('makes a copied value unreadable, also for a process that had cached the key', async () => {
    const { store, open } = setUp()
    const safe = open()
    await safe.put(place('acme'), 'secret')
    const copy = (await store.get(place('acme')))?.value ?? ''
    await safe.shredTenant('acme')
    await store.put(place('acme'), copy)
    const error = await errorOf(safe.get(place('acme')))
    expect([error.code, error.message]).toEqual([
      'CONFIGURATION_ERROR',
      expect.stringContaining('of a stored value does not exist: its tenant was shredded'),
    ])
    // A second call deletes what was written after the first.
    expect(await safe.shredTenant('acme')).toEqual({ shredded: false, deleted: 1 })
    expect(await safe.get(place('acme'))).toBeUndefined()
  })

  it('is not undone by a running read of the data key', async () => {
    const { store, open } = setUp()
    await open().put(place('acme'), 'secret')
    const copy = (await store.get(place('acme')))?.value ?? ''
    const held: (() => void)[] = []
    let holding = true
    const slow: Store = {
      ...store,
      async get(key) {
        const found = await store.get(key)
        if (holding && key.startsWith('datakey/')) await new Promise<void>((resolve) => held.push(resolve))
        return found
      },
    }
    const safe = open(slow)
    const reading = safe.get(place('acme'))
    await vi.waitFor(() => expect(held).toHaveLength(1), { timeout: 30_000 })
    holding = false
    await safe.shredTenant('acme')
    for (const release of held) release()
    // A read that started before may return the value; a later one must not.
    expect((await reading)?.value).toBe('secret')
    await store.put(place('acme'), copy)
    expect((await errorOf(safe.get(place('acme')))).message).toContain('its tenant was shredded')
  })

  it('lets the tenant return with a data key that no other process confuses with the old one', async () => {
    const { clock, open } = setUp()
    const [here, there] = [open(), open()]
    await here.put(place('acme'), 'before')
    expect((await there.get(place('acme')))?.value).toBe('before')
    await here.shredTenant('acme')
    await here.put(place('acme'), 'after')
    expect((await there.get(place('acme')))?.value).toBe('after')
    expect(await here.shredTenant('nobody')).toEqual({ shredded: false, deleted: 0 })
    await clock.advance(300_000)
    expect((await there.get(place('acme')))?.value).toBe('after')
  })

  it('does not delete what a returning tenant writes meanwhile', async () => {
    const { store, open } = setUp()
    await open().put(place('acme', 'jira'), 'old')
    await open().put(place('acme', 'slack'), 'old')
    let back = false
    const meanwhile: Store = {
      ...store,
      async list(prefix, page) {
        if (!back) {
          back = true
          await open().put(place('acme', 'slack'), 'new')
        }
        return store.list(prefix, page)
      },
    }
    expect(await open(meanwhile).shredTenant('acme')).toEqual({ shredded: true, deleted: 1 })
    expect((await open().get(place('acme', 'slack')))?.value).toBe('new')
  })

  it('leaves a row that is written between the read and the delete', async () => {
    const { store, open } = setUp()
    await open().put(place('acme'), 'old')
    const meanwhile: Store = {
      ...store,
      async delete(key, conditions) {
        if (key === place('acme')) await open().put(key, 'new')
        return store.delete(key, conditions)
      },
    }
    expect(await open(meanwhile).shredTenant('acme')).toEqual({ shredded: true, deleted: 0 })
    expect((await open().get(place('acme')))?.value).toBe('new')
  })

  it('continues after a crash: the data keys are deleted first', async () => {
    const { store, open } = setUp()
    for (const server of ['a', 'b', 'c']) await open().put(place('acme', server), 'old')
    let deletes = 0
    const crashing: Store = {
      ...store,
      async delete(...given) {
        if (++deletes > 2) throw new Error('the process died')
        return store.delete(...given)
      },
    }
    await expect(open(crashing).shredTenant('acme')).rejects.toThrow('the process died')
    expect(await store.get('datakey/tenant/acme')).toBeUndefined()
    expect((await errorOf(open().get(place('acme', 'c')))).message).toContain('its tenant was shredded')
    expect(await open().shredTenant('acme')).toEqual({ shredded: false, deleted: 2 })
  })

  it('deletes a value of the tenant that is unreadable for another reason, too', async () => {
    const { store, open } = setUp()
    await open().put(place('acme'), 'old')
    await store.put(place('acme', 'jira'), 'v1.cut short')
    expect(await open().shredTenant('acme')).toEqual({ shredded: true, deleted: 2 })
  })
})
