import { errorOf } from '@mcpclient/testing'
import { expect, it } from 'vitest'
import { refuse } from '../../src/errors/refuse.ts'

const refuseBelow = (calls: number): Promise<never> =>
  calls === 0 ? refuse('CIRCUIT_OPEN', 'Nothing was sent.', { retryAfterMs: 5 }) : refuseBelow(calls - 1)

it('rejects with the error', async () => {
  const error = await errorOf(refuseBelow(0))
  expect(error).toMatchObject({ code: 'CIRCUIT_OPEN', message: 'Nothing was sent.', details: { retryAfterMs: 5 } })
  expect(error.stack).toContain('ConnectorError: Nothing was sent.')
})

it('captures no stack of its callers', async () => {
  const framesOf = async (calls: number) => ((await errorOf(refuseBelow(calls))).stack ?? '').match(/refuseBelow/g)
  expect(await framesOf(8)).toBe(null)
})
