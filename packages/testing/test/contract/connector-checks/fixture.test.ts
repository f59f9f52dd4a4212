import { expect, it } from 'vitest'
import { expectedRequest, readFixture } from '../../../src/contract/connector-checks/fixture.ts'
import { notes } from '../notes-connector.ts'

const read = (fixture: unknown, source = 'get_note.json') => readFixture(fixture, source, notes.tools)

it('a file names its tool up to the first dot', () => {
  expect(read({ response: {}, output: null }, 'get_note.missing.json').toolName).toBe('get_note')
  expect(read({ tool: 'create_note', response: {}, output: null }).toolName).toBe('create_note')
})

it('one response is a list of one, and base64 becomes bytes', () => {
  const { responses } = read({ response: { base64: btoa('hi') }, output: null })
  expect(responses).toEqual([{ bytes: new TextEncoder().encode('hi') }])
})

it.each([
  ['what is no object', [], /a fixture is an object/],
  ['an unknown field', { ouput: 1, response: {} }, /there is no field "ouput"/],
  ['an unknown tool', { tool: 'forget', response: {}, output: 1 }, /there is no tool "forget".*get_note/],
  ['neither output nor error', { response: {} }, /either "output" or "error"/],
  ['both output and error', { response: {}, output: 1, error: { code: 'X' } }, /either "output" or "error"/],
  ['no response', { output: 1 }, /the provider's response/],
  ['an empty list of responses', { output: 1, responses: [] }, /"responses" is empty/],
  ['an unknown field in a response', { output: 1, response: { body: {} } }, /a response has no field "body"/],
])('refuses %s', (_, fixture, sentence) => {
  expect(() => read(fixture)).toThrow(sentence)
})

it('json and form are short for a body, and empty parts are absent', () => {
  const asked = { method: 'POST', path: 'notes' } as const
  expect(expectedRequest({ ...asked, json: { a: 1 }, query: {} })).toEqual({
    ...asked,
    body: { kind: 'json', value: { a: 1 } },
  })
  expect(expectedRequest({ ...asked, form: { a: 1 }, headers: {} })).toEqual({
    ...asked,
    body: { kind: 'form', fields: { a: 1 } },
  })
})
