import { randomBytes } from 'node:crypto'
import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { encrypted, localKeyring, memoryStore, resolveSecrets, secretReader } from '@mcpclient/core'
import type { KeyProvider, RequestStage, SecretSource, Stages, Store } from '@mcpclient/core'
import { apiKey, customAuth } from '@mcpclient/core/define'
import { canary } from './detector.ts'
import type { Canary } from './detector.ts'
import { flowScene, grantFlows } from './grant-flows.ts'
import { API, envelope, FINE, notesWith } from './notes.ts'
import { operate } from './operate.ts'
import { signings } from './signings.ts'
import { createWitness, stage } from './witness.ts'

describe('what the host brings along', () => {
  const secret = canary('API key', '"+/=&%')
  const connector = notesWith(apiKey({ header: 'X-Api-Key' }))()
  const credential = { apiKey: secret.value } as never

  test.each(['get', 'put', 'delete', 'list'] as const)('a store whose %s fails, and says what it was about', async (broken) => {
    const store = memoryStore()
    let isBroken = false
    const failing: Store = {
      ...store,
      [broken]: async (...sent: Parameters<Store['put']>) => {
        const { entries } = await store.list('')
        const about = inspect({ sent, entries }, { depth: 5 })
        if (isBroken) throw Object.assign(new Error(about, { cause: about }), { detail: about, sent })
        return Reflect.apply(store[broken], store, sent) as never
      },
    }
    const scene = stage({ notes: connector }, () => FINE, { credentials: failing })
    const { attempt, mcp, client, witness } = scene
    const notes = client('notes')
    await attempt('connecting', () => notes.connect(credential))
    isBroken = true
    await attempt('connecting without a store', () => notes.connect(credential))
    await attempt('backup without a store', () => notes.setBackup(credential))
    await attempt('rotation without a store', () => notes.rotate(credential))
    await operate(scene, secret.value)
    await mcp.close()
    expect(witness.leaks([secret])).toEqual([])
  })

  test.each(['get', 'put', 'delete', 'list'] as const)('a store of authorizations whose %s fails', async (broken) => {
    const row = grantFlows['a code, with a private key and DPoP']
    const store = memoryStore()
    let rest = 0
    const failing: Store = {
      ...store,
      [broken]: async (...sent: Parameters<Store['put']>) => {
        const { entries } = await store.list('')
        if (--rest < 0) throw new Error(inspect({ sent, entries }, { depth: 5 }))
        return Reflect.apply(store[broken], store, sent) as never
      },
    }
    const { scene, provider, connect } = flowScene(row, { credentials: failing })
    for (let good = 0; good < 8; good++) {
      rest = good
      await connect(`with ${good} good operations`)
    }
    rest = Infinity
    await connect('in peace')
    rest = 0
    await operate(scene, 'a drill')
    for (const { value } of (await store.list('')).entries) {
      provider.learn('DPoP key', /"d":"([^"]+)"/.exec(value)?.[1])
    }
    await scene.mcp.close()
    expect(scene.witness.leaks(provider.secrets.values(), row.inUrls)).toEqual([])
  })

  const throws = (about: unknown): never => {
    throw Object.assign(new Error(inspect(about, { depth: 8, showHidden: true })), { about })
  }
  const spy: RequestStage = (next) => async (attempt) => {
    await next(attempt)
    return throws(attempt)
  }

  test.each([
    ['an approver that throws', { permissions: { approve: throws } }],
    ['a policy that throws', { permissions: { policy: throws } }],
    ['a policy for credentials that throws', { credentialAccess: throws }],
    ['an audit that throws', { audit: { wantsUse: true, record: throws } }],
    ['an audit that rejects', { audit: { wantsUse: true, record: async (entry: unknown) => throws(entry) } }],
    [
      'a stage that looks at all there is',
      { pipeline: (standard: Stages) => ({ ...standard, request: [...standard.request, () => spy] }) },
    ],
  ])('%s', async (_what, options) => {
    const scene = stage({ notes: connector }, () => FINE, options as never)
    await scene.attempt('connecting', () => scene.client('notes').connect(credential))
    await operate(scene, 'a drill')
    await scene.mcp.close()
    expect(scene.witness.leaks([secret])).toEqual([])
  })

  test.each([
    ['throws', throws],
    ['rejects', async (about: unknown) => throws(about)],
  ])('a signature that %s with the secret in its error', async (_how, fail) => {
    let fails = false
    const fields = { signingSecret: { label: 'Signing secret', secret: true } }
    const auth = customAuth({
      kind: 'own',
      fields,
      sign: (request, given) => (fails ? fail({ request, given }) : { headers: {} }),
    })
    const scene = stage({ notes: notesWith(auth)() }, () => FINE)
    const connect = () => scene.client('notes').connect({ signingSecret: secret.value } as never)
    await scene.attempt('connecting', connect)
    fails = true
    await scene.attempt('connecting again', connect)
    await operate(scene, 'a drill')
    await scene.mcp.close()
    expect(scene.witness.leaks([secret])).toEqual([])
  })

  test('a tool that is given a secret: only the approver sees what it is for', async () => {
    const scene = stage({ notes: connector }, () => ({ status: 500, json: {} }))
    const { attempt, mcp, client, witness } = scene
    const given = canary('secret in an input')
    for (const input of [
      { text: given.value },
      { text: given.value.repeat(20) },
      { text: [given.value] },
      { text: 'Heron', mood: given.value },
      given.value,
    ]) {
      await attempt('call', () => client('notes').invoke('write_note', input))
      await attempt('envelope', () => mcp.handle({ ...envelope('write_note'), tool_input: input }, 'ada'))
      await attempt('connecting', () => client('notes').connect({ apiKey: [given.value] } as never))
    }
    await client('notes').connect(credential).catch(() => undefined)
    await mcp.close()
    expect(witness.leaks([given])).toEqual([])
  })
})

describe.each(Object.entries(signings))('what a host holds in its hands: %s', (_how, signing) => {
  const { auth, credential, canaries, inUrl } = signing

  test.each(['app', 'connection'])('shows nothing when it is printed; the %s has it', async (holder) => {
    const setting = canary('secret in a setting', '"%')
    const settings = { callbackSecret: setting.value }
    const factory = notesWith(auth)
    const connector = factory(holder === 'app' ? { ...credential, ...settings } : settings)
    const store = encrypted(memoryStore(), { keys: randomBytes(32).toString('base64') })
    const scene = stage({ notes: connector }, () => FINE, { credentials: store })
    const { attempt, mcp, client, witness } = scene
    const notes = client('notes')
    const typed = holder === 'app' ? undefined : (credential as never)
    await attempt('connecting', () => notes.connect(typed, { settings: settings as never }))
    await attempt('settings of another kind', () => notes.connect(typed, { settings: { callbackSecret: [setting.value] } as never }))
    await attempt('a composition of another kind', () => factory({ callbackSecret: [setting.value] } as never))
    await attempt('an incomplete credential', () => factory({ ...credential, token: undefined, apiKey: '' } as never))
    await attempt('descriptions', () => mcp.listTools('ada'))
    await attempt('status', () => notes.status())
    const held = { connector, factory, store, notes, there: notes.at('work'), mcp, view: mcp.as('ada'), vault: mcp.vault }
    for (const [name, value] of Object.entries(held)) witness.see(name, value)
    witness.see('options', { connectors: { notes: connector }, credentials: store })
    await mcp.close()
    const inUrls = inUrl === undefined ? [] : [`URL of a request to ${API}: ${canaries[0]?.kind}`]
    expect(witness.leaks([...canaries, setting], inUrls)).toEqual([])
  })
})

describe('the keys of a store', () => {
  const bytes = randomBytes(32)
  const key = bytes.toString('base64')
  const secret = canary('API key')
  const keyCanaries: readonly Canary[] = [
    { kind: 'encryption key', value: key },
    { kind: 'encryption key in hex', value: bytes.toString('hex') },
    { kind: 'encryption key as numbers', value: [...bytes.subarray(0, 12)].join(', ') },
  ]

  test('do not show in the error of a key that is no good, or in a keyring', async () => {
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

  test('nor do data keys where a provider of keys fails, and says what it was about', async () => {
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
      const scene = stage({ notes: notesWith(apiKey({ header: 'X-Api-Key' }))() }, () => FINE, { credentials })
      const { attempt, mcp, client, witness } = scene
      await attempt('connecting', () => client('notes').connect({ apiKey: secret.value } as never))
      if (keys !== ring) await operate(scene, 'a drill')
      await mcp.close()
      expect(witness.leaks([secret, ...keyCanaries, ...dataKeys])).toEqual([])
    }
    expect(dataKeys.length).toBeGreaterThan(2)
  })
})

test('a secret of the configuration shows in no error of its source, and in no reader', async () => {
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
