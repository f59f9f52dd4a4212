import { createMcpClient } from '@mcpclient/core'
import { expectTypeOf, it } from 'vitest'
import { hello } from '../src/index.ts'

const ada = createMcpClient({ connectors: { hello: hello() } }).as('ada')

it('types calls from the schemas', () => {
  expectTypeOf(ada.hello.call('greet', { name: 'Ada' })).resolves.toEqualTypeOf<{ message: string }>()
  expectTypeOf(ada.hello.call('list_notes', {})).resolves.toEqualTypeOf<
    { notes: { id: string; text: string }[] } & { readonly complete: boolean }
  >()
})

it('rejects wrong calls', () => {
  // @ts-expect-error a guest book has no language
  hello({ language: 'fr' })
  // @ts-expect-error a text is required
  void ada.hello.call('leave_note', {})
  // @ts-expect-error only lists have pages
  ada.hello.pages('greet', { name: 'Ada' })
  // @ts-expect-error leaving a note is no reading
  void ada.hello.getData('leave_note', { text: 'Hi.' })
})
