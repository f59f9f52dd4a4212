import { expect, it } from 'vitest'
import { createFakeClock, scriptedTransport } from '@mcpclient/testing'
import { discoverAuthorizationServer } from '../../src/oauth/discovery.ts'
import { flowContext } from '../oauth/flow-context.ts'

const ISSUER = 'https://as.example'

it('metadata that were missing once are fetched again within the hour', async () => {
  const clock = createFakeClock()
  let isThere = false
  const transport = scriptedTransport(() =>
    isThere ? { json: { issuer: ISSUER, token_endpoint: `${ISSUER}/token` } } : { status: 403, text: '<html>' },
  )
  const context = flowContext({ clock, transport })
  const find = () => discoverAuthorizationServer(context, ISSUER)
  expect(await find()).toBeUndefined()
  isThere = true
  await clock.advance(59_000)
  expect(await find()).toBeUndefined()
  await clock.advance(1000)
  expect(await find()).toMatchObject({ token_endpoint: `${ISSUER}/token` })
  const asked = transport.requests.length
  await clock.advance(3_599_000)
  expect(await find()).toBeDefined()
  expect(transport.requests).toHaveLength(asked)
})
