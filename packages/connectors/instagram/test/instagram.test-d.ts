import { createMcpClient } from '@mcpclient/core'
import { expectTypeOf, it } from 'vitest'
import { instagram } from '../src/index.ts'
import type { InstagramTypes } from '../src/index.ts'

const { instagram: ada } = createMcpClient({
  connectors: { instagram: instagram({ clientId: 'c', clientSecret: 's' }) },
}).as('ada')

it('types calls from the schemas', () => {
  expectTypeOf(ada.call('publish_media', { creation_id: '1' })).resolves.toEqualTypeOf<{ id: string }>()
  expectTypeOf<InstagramTypes['events']['comment']['text']>().toEqualTypeOf<string | undefined>()
})

it('rejects wrong calls and options', () => {
  // @ts-expect-error an unknown option
  instagram({ appId: 'c' })
  // @ts-expect-error an unknown type
  void ada.call('create_media_container', { media_type: 'PHOTO' })
})
