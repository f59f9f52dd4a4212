import { createMcpClient } from '@mcpclient/core'
import { expectTypeOf, it } from 'vitest'
import { linkedin } from '../src/index.ts'

const mcp = createMcpClient({ connectors: { linkedin: linkedin({ token: 'x', version: '202609' }) } })
const ada = mcp.as('ada').linkedin

it('types calls from the schemas', () => {
  const created = () => ada.call('create_post', { author: 'urn:li:person:1', commentary: 'Hi' })
  expectTypeOf<Awaited<ReturnType<typeof created>>['id']>().toEqualTypeOf<string>()
  const read = () => ada.call('get_post', { post: 'urn:li:share:1' })
  expectTypeOf<Awaited<ReturnType<typeof read>>['publishedAt']>().toEqualTypeOf<number | undefined>()
})

it('rejects wrong calls', () => {
  // @ts-expect-error a post has an author
  void ada.call('create_post', { commentary: 'Hi' })
  // @ts-expect-error publishing is no reading
  void ada.getData('create_post', { author: 'urn:li:person:1', commentary: 'Hi' })
  // @ts-expect-error there is no such setting
  linkedin({ linkedinVersion: '202609' })
})
