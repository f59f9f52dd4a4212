import * as crypto from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import * as fs from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compileFunction } from 'node:vm'
import * as core from '@mcpclient/core'
import type { Store } from '@mcpclient/core'
import { createFakeClock } from '@mcpclient/testing'
import { credentialScenarios, storeContract } from '@mcpclient/testing/contract'
import ts from 'typescript'
import { afterAll, expect, it } from 'vitest'

const page = readFileSync(join(import.meta.dirname, '../../../../docs/guide/stores.md'), 'utf8')
const example = [...page.matchAll(/^```ts\n(.*?)^```$/gms)]
  .map(([, code = '']) => code)
  .find((code) => code.includes('export function jsonFileStore'))

type MakeStore = (path: string, now: () => number) => Store

/** Runs the code of the page unchanged, as a reader copies it. */
function storeOf(code: string): MakeStore {
  const modules: Readonly<Record<string, unknown>> = {
    '@mcpclient/core': core,
    'node:crypto': crypto,
    'node:fs/promises': fs,
  }
  const { outputText } = ts.transpileModule(code, {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2023 },
  })
  const exported: { jsonFileStore?: MakeStore } = {}
  compileFunction(outputText, ['require', 'exports'])((name: string) => modules[name], exported)
  if (exported.jsonFileStore === undefined) throw new Error('The example exports another name.')
  return exported.jsonFileStore
}

const makeStore = storeOf(example ?? '')
const folder = mkdtempSync(join(tmpdir(), 'mcpclient-own-store-'))
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

const clock = createFakeClock()
const places = new WeakMap<Store, string>()
let files = 0
const open = (path = join(folder, `${String(++files)}.json`), now = clock.now): Store => {
  const store = makeStore(path, now)
  places.set(store, path)
  return store
}

storeContract(open, {
  name: 'the store of the guide',
  advance: clock.advance,
  durable: async (store) => open(places.get(store)),
})

credentialScenarios(() => open(undefined, Date.now), { name: 'the store of the guide' })

it('the store of the guide has less than 60 lines', () => {
  expect(example?.trimEnd().split('\n').length).toBeLessThan(60)
})
