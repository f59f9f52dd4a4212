import { describe, expect, it } from 'vitest'
import { promptMessagesOf, promptOf, resourceOf, resourceTemplateOf } from '../../src/results/resources-and-prompts.ts'

const icons = [{ src: 'https://docs.example/icon.png' }]
const meta = { 'docs.example/rank': 1 }
/** A field that no specification has. */
const strange = { secret: 'x' }

describe('what a server lists', () => {
  it.each([
    [
      'a resource',
      resourceOf,
      { uri: 'a://b', name: 'b', title: 'B', description: 'A file.', mimeType: 'text/plain', size: 7 },
    ],
    [
      'a resource template',
      resourceTemplateOf,
      { uriTemplate: 'a://{name}', name: 'any', title: 'Any', description: 'Any file.', mimeType: 'text/plain' },
    ],
    [
      'a prompt',
      promptOf,
      { name: 'greet', title: 'Greet', description: 'Greets.', arguments: [{ name: 'whom', required: true }] },
    ],
  ])('reaches the host with every field of %s, and with no other', (_what, read, fields) => {
    expect(read({ ...fields, ...strange, icons, _meta: meta })).toEqual({ ...fields, icons, meta })
    expect(read({ ...fields, ...strange })).toEqual(fields)
  })
})

describe('a prompt that is filled in', () => {
  const messages = [{ role: 'user' as const, content: { type: 'text', text: 'Hello.', ...strange } }]

  it('has its messages as parts', () => {
    expect(promptMessagesOf({ messages })).toEqual({
      messages: [{ role: 'user', content: { type: 'text', text: 'Hello.' } }],
    })
  })

  it('has its description', () => {
    expect(promptMessagesOf({ description: 'Greets.', messages })).toMatchObject({ description: 'Greets.' })
  })
})
