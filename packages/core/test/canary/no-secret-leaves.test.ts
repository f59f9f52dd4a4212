import { describe, expect, it } from 'vitest'
import type { RecordedRequest } from '@mcpclient/testing'
import { leaksIn } from './detector.ts'
import type { Canary } from './detector.ts'
import { flowClient, grantFlows } from './grant-flows.ts'
import { API, envelope, FINE, notesWith } from './notes.ts'
import { operate } from './operate.ts'
import { signings } from './signings.ts'
import { echoOf, mainFailures, providerFailures } from './provider-failures.ts'
import { witnessedClient } from './witness.ts'

describe.each(Object.entries(signings))('a credential: %s', (how, { auth, credential, next, canaries, inUrl }) => {
  // The way a credential is attached makes no difference to most failures.
  const isFirst = how === Object.keys(signings)[0]
  /** Returns the secrets that a provider finds in a request in any encoding, and the whole request. */
  const found = (request: RecordedRequest): string => {
    const sent = echoOf(request)
    const kinds = new Set(leaksIn('', sent, canaries).map(({ kind }) => kind))
    const values = canaries.filter(({ kind }) => kinds.has(kind)).map(({ value }) => value)
    return [...values, sent].join(' ')
  }

  it.each([
    ...(isFirst ? Object.entries(providerFailures) : mainFailures).map((row) => ({ holder: 'connection', row })),
    ...(isFirst ? mainFailures : []).map((row) => ({ holder: 'app', row })),
  ])('does not leak from the $holder after $row.0', async ({ holder, row: [, failure] }) => {
    let fails = true
    const composed = notesWith(auth)(holder === 'app' ? credential : {})
    const scene = witnessedClient({ notes: composed }, (request) => (fails ? failure(found(request)) : FINE))
    const { attempt, mcp, witness } = scene
    const notes = scene.client('notes')
    const connect = () => notes.connect(holder === 'connection' ? credential : undefined)

    await attempt('connecting with a failure', connect)
    fails = false
    await attempt('connecting', connect)
    expect(await attempt('call', () => notes.invoke('read_note', {}))).toEqual({ text: 'fine' })
    await attempt('backup', () => notes.setBackup(next))
    fails = true
    await attempt('rotation with a failure', () => notes.rotate(next))
    await attempt('backup with a failure', () => notes.setBackup(next))
    await operate(scene, 'a drill')
    await mcp.close()
    expect(witness.leaks(canaries, inUrl === undefined ? [] : urlsWith(canaries, holder))).toEqual([])
  })

  it('does not leak through the reason of a revocation', async () => {
    const scene = witnessedClient({ notes: notesWith(auth)() }, () => FINE)
    const { attempt, mcp, client, witness } = scene
    await attempt('connecting', () => client('notes').connect(credential))
    await attempt('backup', () => client('notes').setBackup(next))
    const reason = `It was ${canaries.map(({ value }) => value).join(' or ')}.`
    expect(await attempt('revocation', () => mcp.vault.revoke({ tenant: 'ada', reason }))).toMatchObject({ revoked: 1 })
    await mcp.close()
    expect(witness.leaks(canaries, inUrl === undefined ? [] : urlsWith(canaries, 'connection'))).toEqual([])
  })
})

/** Lists the allowed places; the app itself has one credential and no next one. */
const urlsWith = (canaries: readonly Canary[], holder: string): readonly string[] =>
  canaries
    .filter(({ kind }) => holder === 'connection' || !kind.startsWith('next'))
    .map(({ kind }) => `URL of a request to ${API}: ${kind}`)

describe.each(Object.entries(grantFlows))('a grant obtained by %s', (_how, row) => {
  it.each(mainFailures)('does not leak after %s', async (_what, failure) => {
    const { endpoints, inUrls, kinds } = row
    const { scene, provider, connect } = flowClient(row)
    const { attempt, mcp, clock, store, witness } = scene
    const notes = scene.client('notes')

    await connect('in peace')
    const called = await attempt('call', () => notes.invoke('read_note', {}))
    expect(called).toEqual(row.isBroken === true ? undefined : { text: 'fine' })
    for (const endpoint of endpoints) {
      provider.failAt(endpoint, failure)
      await connect(`with a failure at ${endpoint}`)
    }
    provider.failAt()
    await connect('in peace again')
    for (const { value } of (await store.list('')).entries) {
      provider.learn('DPoP key', /"d":"([^"]+)"/.exec(value)?.[1])
    }
    for (const endpoint of endpoints) {
      provider.failAt(endpoint, failure)
      await clock.advance(3_600_000)
      await attempt(`call with a failure at ${endpoint}`, () => notes.invoke('read_note', {}))
      await attempt('status', () => notes.status())
      provider.failAt()
      await attempt('call in peace', () => notes.invoke('read_note', {}))
    }
    provider.failAt('revoke', failure)
    await attempt('giving up', () => notes.disconnect())
    await mcp.close()

    const secrets = [...provider.secrets.values()]
    expect(secrets.map(({ kind }) => kind)).toEqual(expect.arrayContaining([...kinds]))
    expect(witness.leaks(secrets, inUrls)).toEqual([])
  })
})

describe('an altered callback', () => {
  const row = grantFlows['a code, with OpenID Connect']
  const set = (name: string, of: (callback: URL) => string) => (callback: URL) => {
    const secret = of(callback)
    callback.searchParams.set(name, secret)
    callback.searchParams.set('error_description', secret)
    callback.searchParams.set('error_uri', `https://as.example/?${secret}`)
  }
  const ways: readonly (readonly [string, (callback: URL) => void])[] = [
    ['with the code as its error', set('error', ({ searchParams }) => searchParams.get('code') ?? '')],
    ['with the state as its error', set('error', ({ searchParams }) => searchParams.get('state') ?? '')],
    ['with the client secret as its error', set('error', () => row.canaries[0]?.value ?? '')],
    ['with an error and a code', set('error', () => 'access_denied')],
    ['with the code as its issuer', set('iss', ({ searchParams }) => searchParams.get('code') ?? '')],
    ['with two codes', ({ searchParams }) => searchParams.append('code', searchParams.get('code') ?? '')],
    ['to another address', (callback) => (callback.pathname = `/${callback.searchParams.get('code')}`)],
    ['with another state', ({ searchParams }) => searchParams.set('state', searchParams.get('code') ?? '')],
    ['without a state', ({ searchParams }) => searchParams.delete('state')],
  ]

  it.each(ways)('leaks nothing %s', async (_how, alter) => {
    const { scene, provider, connect } = flowClient(row)
    const { attempt, mcp, witness } = scene
    const callback = await connect('with an altered callback', alter)
    await attempt('completing as somebody else', () => mcp.completeAuthorization(callback, 'eve'))
    await connect('in peace')
    await attempt('completing again', () => mcp.completeAuthorization(callback, { tenant: 'ada', user: 'bob' }))
    await attempt('completing with nonsense', () =>
      mcp.completeAuthorization(callback.search, { tenant: 'ada', user: 'bob' }),
    )
    await operate(scene, 'a drill')
    await mcp.close()
    expect(witness.leaks(provider.secrets.values(), row.inUrls)).toEqual([])
  })

  it('leaks the state of a step-up only into the URL for the user, and into no log', async () => {
    const { scene, provider, connect } = flowClient(row)
    const { attempt, mcp, client, witness } = scene
    await connect('in peace')
    const shared = await attempt('envelope', () => mcp.handle(envelope('share_note'), { tenant: 'ada', user: 'bob' }))
    const url = shared?.status === 'error' ? shared.error.details?.['authorizeUrl'] : undefined
    provider.visit(new URL(String(url)))
    await attempt('sharing', () => client('notes').invoke('share_note', {}))
    await mcp.close()
    const places = ['authorize URL', 'envelope', 'error of sharing', 'error of sharing.toJSON()']
    expect(
      witness.leaks(
        provider.secrets.values(),
        places.map((place) => `${place}: state`),
      ),
    ).toEqual([])
  })
})
