import { describe, expect, test } from 'vitest'
import { flowScene, grantFlows } from './grant-flows.ts'
import { API, envelope, notesWith } from './notes.ts'
import { signings } from './signings.ts'
import { allOf, troubles } from './troubles.ts'
import { stage } from './witness.ts'

const holders = ['app', 'connection'] as const

describe.each(Object.entries(signings))('%s', (_how, { auth, credential, canaries, inUrl }) => {
  const said = canaries.map(({ value }) => value).join(' ')

  test.each(holders.flatMap((holder) => Object.entries(troubles).map(([what, trouble]) => ({ holder, what, trouble }))))(
    'held by the $holder, and $what',
    async ({ holder, trouble }) => {
      let troubled = false
      const scene = stage({ notes: notesWith(auth)(holder === 'app' ? (credential as object) : {}) }, (request) =>
        troubled ? trouble(`${said} ${allOf(request)}`) : { json: { id: 'acct-1', text: 'fine' } },
      )
      const { attempt, mcp, clock, witness } = scene
      const notes = scene.client('notes')
      const connect = () => notes.connect(holder === 'connection' ? (credential as never) : undefined)

      troubled = true
      await attempt('connect in trouble', connect)
      troubled = false
      await attempt('connect', connect)
      await attempt('call', () => notes.invoke('read_note', {}))
      troubled = true
      for (const name of ['read_note', 'count_words', 'write_note']) {
        await attempt('call in trouble', () => notes.invoke(name, { text: 'Heron' }))
        await attempt('envelope', () => mcp.handle(envelope(name, { text: 'Heron' }), 'ada'))
      }
      await attempt('health', () => notes.health())
      await attempt('rotation', () => notes.rotate(credential as never))
      await attempt('backup', () => notes.setBackup(credential as never))
      await attempt('status', () => notes.status())
      await clock.advance(120_000)
      await attempt('maintain', () => mcp.vault.maintain())
      await attempt('list', () => mcp.vault.list('ada'))
      await attempt('revoke', () => mcp.vault.revoke({ tenant: 'ada', reason: `It was ${said}.` }))
      await attempt('status once revoked', () => notes.status())
      await attempt('disconnect', () => notes.disconnect())
      await mcp.close()

      const inUrls = inUrl === undefined ? [] : canaries.map(({ kind }) => `URL of a request to ${API}: ${kind}`)
      expect(witness.leaks(canaries, inUrls)).toEqual([])
      expect(witness.places(canaries)).toEqual(inUrls)
    },
  )
})

describe.each(Object.entries(grantFlows))('a grant that is got by %s', (_how, row) => {
  test.each(Object.entries(troubles))('and %s', async (_what, trouble) => {
    const { endpoints, inUrls } = row
    const { scene, provider, connect } = flowScene(row)
    const { attempt, mcp, clock, store, witness } = scene
    const notes = scene.client('notes')

    for (const endpoint of endpoints) {
      provider.trouble(endpoint, trouble)
      await connect(`with trouble at ${endpoint}`)
    }
    provider.trouble()
    await connect('in peace')
    for (const { value } of (await store.list('')).entries) {
      provider.learn('DPoP key', /"d":"([^"]+)"/.exec(value)?.[1])
    }
    for (const endpoint of endpoints) {
      provider.trouble(endpoint, trouble)
      await clock.advance(3_600_000)
      await attempt(`call with trouble at ${endpoint}`, () => notes.invoke('read_note', {}))
      await attempt('status', () => notes.status())
      provider.trouble()
      await attempt('call in peace', () => notes.invoke('read_note', {}))
    }
    provider.trouble('revoke', trouble)
    await attempt('giving up', () => notes.disconnect())
    await mcp.close()

    const all = [...provider.secrets.values()]
    const allowed = inUrls
  expect(witness.leaks(all, allowed)).toEqual([])
    expect(witness.places(all)).toEqual(inUrls.toSorted())
  })
})
