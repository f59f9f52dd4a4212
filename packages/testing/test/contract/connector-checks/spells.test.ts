import { expect, it } from 'vitest'
import { spells } from '../../../src/contract/connector-checks/spells.ts'

const SECRET = 'heron/ada+token~44 "17"'

it.each([
  ['as it is', `key ${SECRET}!`],
  ['escaped for a URL', `?key=${encodeURIComponent(SECRET)}`],
  ['escaped twice', encodeURIComponent(encodeURIComponent(SECRET))],
  ['escaped for a form', new URLSearchParams({ key: SECRET }).toString()],
  ['escaped for JSON', JSON.stringify({ key: SECRET })],
  ['in base64', btoa(SECRET)],
  ['in base64 behind a user name', btoa(`u:${SECRET}`)],
  ['in base64 behind another one', btoa(`us:${SECRET}:more`)],
  ['in base64 for URLs', btoa(`user:${SECRET}`).replaceAll('+', '-').replaceAll('/', '_')],
])('finds a secret %s', (_, text) => {
  expect(spells(text, SECRET)).toBe(true)
})

it.each([
  ['nothing', ''],
  ['a part', SECRET.slice(0, 12)],
  ['something like it', 'heron/bob+token~44 "17"'],
  ['base64 of something like it', btoa('user:heron/bob+token~44')],
])('does not match %s', (_, text) => {
  expect(spells(text, SECRET)).toBe(false)
})
