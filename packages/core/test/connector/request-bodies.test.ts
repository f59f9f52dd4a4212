import { expect, it } from 'vitest'
import { form } from '@mcpclient/core/define'

const fields = { text: 'Hi', count: 2, none: undefined, tags: ['a', 'b'], block: { type: 'divider' } }

it('sends objects in a form as JSON, and repeats the field of a list', () => {
  expect(form(fields)).toEqual({ kind: 'form', fields: { ...fields, block: '{"type":"divider"}' } })
})

it('sends lists in a form as JSON if the provider expects that', () => {
  expect(form(fields, { lists: 'json' })).toEqual({
    kind: 'form',
    fields: { ...fields, tags: '["a","b"]', block: '{"type":"divider"}' },
  })
})
