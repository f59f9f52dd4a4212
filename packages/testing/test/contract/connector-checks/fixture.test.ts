import { expect, test } from 'vitest'
import { expectedRequest, readFixture } from '../../../src/contract/connector-checks/fixture.ts'
import { notes } from '../notes-connector.ts'

const read = (fixture: unknown, source = 'get_note.json') => readFixture(fixture, source, notes.tools)

test('a file names its tool up to the first dot', () => {
  expect(read({ response: {}, output: null }, 'get_note.missing.json').toolName).toBe('get_note')
  expect(read({ tool: 'create_note', response: {}, output: null }).toolName).toBe('create_note')
})

test('one answer is a list of one, and base64 becomes bytes', () => {
  const { answers } = read({ response: { base64: btoa('hi') }, output: null })
  expect(answers).toEqual([{ bytes: new TextEncoder().encode('hi') }])
})

test.each([
  ['what is no object', [], /a fixture is an object/],
  ['an unknown field', { ouput: 1, response: {} }, /there is no field "ouput"/],
  ['an unknown tool', { tool: 'forget', response: {}, output: 1 }, /there is no tool "forget".*get_note/],
  ['neither output nor error', { response: {} }, /either "output" or "error"/],
  ['both output and error', { response: {}, output: 1, error: { code: 'X' } }, /either "output" or "error"/],
  ['no answer', { output: 1 }, /the provider's answer/],
  ['an empty list of answers', { output: 1, responses: [] }, /"responses" is empty/],
  ['an unknown field in an answer', { output: 1, response: { body: {} } }, /an answer has no field "body"/],
])('refuses %s', (_, fixture, sentence) => {
  expect(() => read(fixture)).toThrow(sentence)
})

test('json and form are short for a body, and what is empty is absent', () => {
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
