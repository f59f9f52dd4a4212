import { describe, expect, it } from 'vitest'
import { uncovered } from '../../src/auth/scope-coverage.ts'

describe('scopes that a grant lacks', () => {
  it.each<[string, string[], string[], string[]]>([
    ['nothing', ['read', 'write'], ['read', 'write'], []],
    ['what was not granted', ['read', 'write'], ['read'], ['write']],
    ['all, where nothing was granted', ['read'], [], ['read']],
    ['no protocol scope (Microsoft)', ['openid', 'offline_access', 'Mail.Read'], ['Mail.Read'], []],
    ['no protocol scope in other letters', ['OpenID', 'Offline_Access'], [], []],
    ['nothing for another case', ['user.read'], ['User.Read'], []],
    ['nothing for another order and duplicates', ['a', 'b', 'a'], ['b', 'a', 'b'], []],
    ['nothing that is wanted of nobody', [], ['read'], []],
  ])('are %s', (_name, wanted, granted, missing) => {
    expect(uncovered(wanted, granted, undefined)).toEqual(missing)
  })

  it("are covered by equality even with the provider's own rule", () => {
    const covers = (granted: string, wanted: string) => granted === 'admin' && wanted !== 'billing'
    expect(uncovered(['read'], ['read'], covers)).toEqual([])
    expect(uncovered(['read'], ['admin'], covers)).toEqual([])
    expect(uncovered(['billing'], ['admin'], covers)).toEqual(['billing'])
  })
})
