import { randomBytes } from 'node:crypto'
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { memoryStore } from '@mcpclient/core'
import type { KeyProvider, RequestStage, Stages, Store } from '@mcpclient/core'
import { resolveSecrets, secretReader } from '@mcpclient/core/secrets'
import type { SecretSource } from '@mcpclient/core/secrets'
import { encrypted, localKeyring } from '@mcpclient/core/vault'
import { apiKey, customAuth } from '@mcpclient/core/define'
import { canary } from './detector.ts'
import type { Canary } from './detector.ts'
import { flowClient, grantFlows } from './grant-flows.ts'
import { API, envelope, FINE, notesWith } from './notes.ts'
import { operate } from './operate.ts'
import { signings } from './signings.ts'
import { createWitness, witnessedClient } from './witness.ts'
import type { WitnessedClient } from './witness.ts'

/** Returns a store whose given operation fails on demand, with all its arguments in the error. */
function failingStore(operation: 'get' | 'put' | 'delete' | 'list', fails: () => boolean): Store {
  const store = memoryStore()
  return {
    ...store,
    [operation]: async (...sent: Parameters<Store['put']>) => {
      const { entries } = await store.list('')
      const about = inspect({ sent, entries }, { depth: 5 })
      if (fails()) throw Object.assign(new Error(about, { cause: about }), { detail: about, sent })
      return Reflect.apply(store[operation], store, sent) as never
    },
  }
}

/** Returns the recorded failures, which prove that there was something to leak. */
const failures = ({ witness }: WitnessedClient): readonly string[] =>
  witness.seen.map(([surface]) => surface).filter((surface) => /^error of|^log warn/.test(surface))

describe('a secret and the failures of a host', () => {
  const secret = canary('API key', '"+/=&%')
  const connector = notesWith(apiKey({ header: 'X-Api-Key' }))()
  const credential = { apiKey: secret.value }

  it.each(['get', 'put', 'delete', 'list'] as const)('leaks nothing from a store whose %s fails', async (operation) => {
    let isBroken = false
    const credentials = failingStore(operation, () => isBroken)
    const scene = witnessedClient({ notes: connector }, () => FINE, { store: credentials })
    const { attempt, mcp, client, witness } = scene
    const notes = client('notes')
    await attempt('connecting', () => notes.connect(credential))
    expect(failures(scene)).toEqual([])
    isBroken = true
    await attempt('connecting without a store', () => notes.connect(credential))
    await attempt('backup without a store', () => notes.setBackup(credential))
    await attempt('rotation without a store', () => notes.rotate(credential))
    await operate(scene, 'a drill')
    await mcp.close()
    expect(failures(scene)).not.toEqual([])
    expect(witness.leaks([secret])).toEqual([])
  })

  it.each(['get', 'put', 'delete', 'list'] as const)(
    'leaks nothing from a store of authorizations whose %s fails',
    async (operation) => {
      const row = grantFlows['a code, with a private key and DPoP']
      let good = 0
      const credentials = failingStore(operation, () => --good < 0)
      const { scene, provider, connect } = flowClient(row, { store: credentials })
      for (let allowed = 0; allowed < 8; allowed++) {
        good = allowed
        await connect(`with ${allowed} good operations`)
      }
      good = Infinity
      await connect('in peace')
      for (const { value } of (await credentials.list('')).entries) {
        provider.learn('DPoP key', /"d":"([^"]+)"/.exec(value)?.[1])
      }
      good = 0
      await operate(scene, 'a drill')
      await scene.mcp.close()
      expect(failures(scene)).not.toEqual([])
      expect(scene.witness.leaks(provider.secrets.values(), row.inUrls)).toEqual([])
    },
  )

  const throws = (about: unknown): never => {
    throw Object.assign(new Error(inspect(about, { depth: 8, showHidden: true })), { about })
  }
  const spy: RequestStage = (next) => async (attempt) => {
    await next(attempt)
    return throws(attempt)
  }

  it.each([
    ['an approver that throws', { permissions: { approve: throws } }],
    ['a policy that throws', { permissions: { policy: throws } }],
    ['a policy for credentials that throws', { access: throws }],
    ['an audit that throws', { audit: { wantsUse: true, record: throws } }],
    ['an audit that rejects', { audit: { wantsUse: true, record: async (entry: unknown) => throws(entry) } }],
    [
      'a stage that looks at all there is',
      { pipeline: (standard: Stages) => ({ ...standard, request: [...standard.request, () => spy] }) },
    ],
  ])('leaks nothing from %s', async (_what, options) => {
    const scene = witnessedClient({ notes: connector }, () => FINE, options)
    await scene.attempt('connecting', () => scene.client('notes').connect(credential))
    await operate(scene, 'a drill')
    await scene.mcp.close()
    expect(failures(scene)).not.toEqual([])
    expect(scene.witness.leaks([secret])).toEqual([])
  })

  it.each([
    ['throws', throws],
    ['rejects', async (about: unknown) => throws(about)],
  ])('leaks nothing from a signature that %s with the secret in its error', async (_how, fail) => {
    let fails = false
    const fields = { signingSecret: { label: 'Signing secret', secret: true } }
    const auth = customAuth({
      kind: 'own',
      fields,
      sign: (request, given) => (fails ? fail({ request, given }) : { headers: {} }),
    })
    const scene = witnessedClient({ notes: notesWith(auth)() }, () => FINE)
    const connect = () => scene.client('notes').connect({ signingSecret: secret.value })
    await scene.attempt('connecting', connect)
    fails = true
    await scene.attempt('connecting again', connect)
    await operate(scene, 'a drill')
    await scene.mcp.close()
    expect(failures(scene)).not.toEqual([])
    expect(scene.witness.leaks([secret])).toEqual([])
  })

  it('shows the secret in the input of a tool only to the approver', async () => {
    let fails = false
    const scene = witnessedClient({ notes: connector }, () => (fails ? { status: 500, json: {} } : FINE))
    const { attempt, mcp, client, witness } = scene
    const given = canary('secret in an input')
    await attempt('connecting', () => client('notes').connect(credential))
    for (const input of [
      { text: given.value },
      { text: given.value.repeat(20) },
      { text: [given.value] },
      { text: 'Heron', mood: given.value },
      given.value,
    ]) {
      fails = !fails
      await attempt('call', () => client('notes').invoke('write_note', input))
      await attempt('envelope', () => mcp.handle({ ...envelope('write_note'), tool_input: input }, 'ada'))
      await attempt('connecting with something else', () => client('notes').connect({ apiKey: [given.value] }))
    }
    await mcp.close()
    expect(witness.leaks([given], ['proposal: secret in an input'])).toEqual([])
  })
})

describe.each(Object.entries(signings))('an object that a host holds: %s', (_how, signing) => {
  const { auth, credential, canaries, inUrl } = signing

  it.each(['app', 'connection'])('prints no secret of the %s', async (holder) => {
    const setting = canary('secret in a setting', '"%')
    const settings = { callbackSecret: setting.value }
    const factory = notesWith(auth)
    const connector = factory(holder === 'app' ? { ...credential, ...settings } : settings)
    const store = encrypted(memoryStore(), { keys: randomBytes(32).toString('base64') })
    const scene = witnessedClient({ notes: connector }, () => FINE, { store })
    const { attempt, mcp, client, witness } = scene
    const notes = client('notes')
    const typed = holder === 'app' ? undefined : credential
    await attempt('connecting', () => notes.connect(typed, { settings }))
    await attempt('settings of another kind', () =>
      notes.connect(typed, { settings: { callbackSecret: [setting.value] } }),
    )
    await attempt('a composition of another kind', () => factory({ callbackSecret: [setting.value] } as never))
    await attempt('an incomplete credential', () => factory({ ...credential, token: undefined, apiKey: '' }))
    await attempt('descriptions', () => mcp.listTools('ada'))
    await attempt('status', () => notes.status())
    const held = {
      connector,
      factory,
      store,
      notes,
      there: notes.at('work'),
      mcp,
      view: mcp.as('ada'),
      vault: mcp.vault,
    }
    for (const [name, value] of Object.entries(held)) witness.see(name, value)
    witness.see('options', { connectors: { notes: connector }, credentials: store })
    await mcp.close()
    const inUrls = inUrl === undefined ? [] : [`URL of a request to ${API}: ${canaries[0]?.kind}`]
    expect(witness.leaks([...canaries, setting], inUrls)).toEqual([])
  })
})

describe('the keys of an encrypted store', () => {
  const bytes = randomBytes(32)
  const key = bytes.toString('base64')
  const secret = canary('API key')
  const keyCanaries: readonly Canary[] = [
    { kind: 'encryption key', value: key },
    { kind: 'encryption key in hex', value: bytes.toString('hex') },
    { kind: 'encryption key as numbers', value: [...bytes.subarray(0, 12)].join(', ') },
  ]

  it('do not appear in the error of an invalid key, or in a keyring', async () => {
    const witness = createWitness()
    const keys = [
      key.slice(4),
      `${key.slice(0, -6)}?????=`,
      `${bytes.toString('hex')}00`,
      { current: 'k2', keys: { k1: key } },
      { current: 'k1', keys: { k1: key, k2: key } },
      { current: key, keys: { [key]: key } },
      key,
    ]
    for (const each of keys) {
      try {
        witness.see('keyring', localKeyring(each))
        witness.see('store', encrypted(memoryStore(), { keys: each }))
      } catch (error) {
        witness.see('error', error)
      }
    }
    expect(witness.seen.map(([surface]) => surface)).toContain('error.message')
    expect(witness.leaks(keyCanaries)).toEqual([])
  })

  it('do not appear if a key provider fails with its arguments in the error', async () => {
    const dataKeys: Canary[] = []
    const learn = (dataKey: Uint8Array): never => {
      const text = Buffer.from(dataKey)
      dataKeys.push({ kind: 'data key', value: text.toString('base64') })
      dataKeys.push({ kind: 'data key in hex', value: text.toString('hex') })
      throw Object.assign(new Error(`not ${text.toString('base64')}, ${text.toString('hex')}`), { dataKey })
    }
    const ring = localKeyring(key)
    const inner = memoryStore()
    const failing: KeyProvider = {
      wrap: async (dataKey) => learn(dataKey),
      unwrap: async (wrapped, context) => learn(await ring.unwrap(wrapped, context)),
    }
    for (const keys of [failing, ring, failing, randomBytes(32).toString('base64')]) {
      const credentials = encrypted(inner, { keys })
      const scene = witnessedClient({ notes: notesWith(apiKey({ header: 'X-Api-Key' }))() }, () => FINE, {
        store: credentials,
      })
      const { attempt, mcp, client, witness } = scene
      await attempt('connecting', () => client('notes').connect({ apiKey: secret.value }))
      if (keys !== ring) await operate(scene, 'a drill')
      await mcp.close()
      expect(witness.leaks([secret, ...keyCanaries, ...dataKeys])).toEqual([])
    }
    expect(dataKeys.length).toBeGreaterThan(2)
  })
})

it('keeps a configured secret out of the errors of its source, and out of its reader', async () => {
  const witness = createWitness()
  const secret = canary('configured secret', '"%')
  const source = (scheme: string, read: SecretSource['read']): SecretSource => ({ scheme, read })
  const sources = [
    source('good', async () => secret.value),
    source('bad', async () => {
      throw Object.assign(new Error(`not ${secret.value}`, { cause: secret.value }), { secret })
    }),
    source('odd', async () => [secret.value] as never),
  ]
  const reader = secretReader({ sources })
  for (const reference of ['good:a', 'bad:a', 'odd:a', secret.value, `good: ${secret.value}`, `none:${secret.value}`]) {
    try {
      await reader.read(reference)
      witness.see('resolved', Object.keys(await resolveSecrets({ a: reference, b: 'good:a' }, { sources })))
    } catch (error) {
      witness.see('error', error)
    }
  }
  witness.see('reader', reader)
  expect(witness.leaks([secret])).toEqual([])
})
