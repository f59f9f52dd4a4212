import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export type Provider = 'brave' | 'tavily' | 'google'

/** A fixture of `<provider>/fixtures/search.json`, as far as these tests read it. */
export interface Fixture {
  readonly name: string
  readonly input: { readonly query: string }
  readonly response: { readonly status?: number; readonly json: unknown }
}

export const fixturesOf = (provider: Provider): readonly Fixture[] =>
  JSON.parse(readFileSync(join(import.meta.dirname, provider, 'fixtures', 'search.json'), 'utf8')) as readonly Fixture[]
