import { expect, it } from 'vitest'
import { withToolTable } from '../../../src/contract/connector-checks/tool-table.ts'
import { notes } from '../notes-connector.ts'

const readme = '# Notes\n\n<!-- tools: notes -->\n<!-- end of tools -->\n\nMore.\n'

it('writes a table between the markers, and only there', () => {
  const current = withToolTable(readme, notes)
  expect(current).toMatch(/^# Notes\n\n<!-- tools: notes -->\n\| tool \| effect \| scopes \| does \|\n/)
  expect(current).toMatch(/\n<!-- end of tools -->\n\nMore\.\n$/)
  expect(current).toContain(
    '| `delete_note` | destroy, idempotent |  | Delete a note for good; the provider keeps no copy. |',
  )
  expect(current).toContain(
    '| `list_notes` | read, in pages | `notes:read` | List the notes of this account, oldest first. |',
  )
  expect(current).toContain(
    '| `rename_note` | write, idempotent by key |  | Give a note another text; safe to repeat under its key. |',
  )
})

it('leaves a current table as it is', () => {
  const current = withToolTable(readme, notes) ?? ''
  expect(withToolTable(current, notes)).toBe(current)
})

it('finds no table without markers for the connector', () => {
  expect(withToolTable('# Notes', notes)).toBeUndefined()
  expect(withToolTable('<!-- tools: other -->\n<!-- end of tools -->', notes)).toBeUndefined()
  expect(withToolTable('<!-- tools: notes -->', notes)).toBeUndefined()
})
