import { describe, expect, it } from 'vitest'
import { fetchTransport } from '@mcpclient/core'
import { kyTransport } from '@mcpclient/core/transports'
import { undiciTransport } from '@mcpclient/core/undici'
import { BrokenPromise, transportChecks } from '@mcpclient/testing'
import { transportContract } from '@mcpclient/testing/contract'
import { brokenTransports } from './broken-transports.ts'

transportContract(() => fetchTransport(), { name: 'fetchTransport' })
transportContract(() => kyTransport(), { name: 'kyTransport' })
transportContract(() => kyTransport({ headers: { 'x-client': 'mine' } }), { name: 'kyTransport with options' })
transportContract(() => undiciTransport(), { name: 'undiciTransport' })

describe('a transport is caught that', () => {
  it.each(brokenTransports)('$fault', async ({ caughtBy, over }) => {
    const check = transportChecks.find(({ name }) => name === caughtBy)
    if (check === undefined) throw new Error(`The contract has no check "${caughtBy}".`)
    await expect(check.run(over(fetchTransport()))).rejects.toThrow(BrokenPromise)
  })

  it('needs each check of the contract to catch one of them', () => {
    const needed = new Set(brokenTransports.map(({ caughtBy }) => caughtBy))
    expect(transportChecks.map(({ name }) => name).filter((name) => !needed.has(name))).toEqual([])
  })
})
