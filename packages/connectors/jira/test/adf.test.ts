import { describe, expect, it } from 'vitest'
import { documentOf, textOf } from '../src/adf.ts'

const text = (value: string, ...marks: object[]) => ({ type: 'text', text: value, ...(marks.length > 0 && { marks }) })
const block = (type: string, ...content: object[]) => ({ type, content })
const paragraph = (...content: object[]) => block('paragraph', ...content)
const doc = (...content: object[]) => ({ type: 'doc', version: 1, content })

describe('a document from plain text', () => {
  it('begins a paragraph at an empty line, and breaks other lines', () => {
    expect(documentOf('One\ntwo\r\n\r\n\nThree')).toEqual(
      doc(paragraph(text('One'), { type: 'hardBreak' }, text('two')), paragraph(text('Three'))),
    )
  })

  it('never contains an empty text node, which Jira refuses', () => {
    expect(documentOf('')).toEqual(doc())
    expect(documentOf('\na\n')).toEqual(doc(paragraph({ type: 'hardBreak' }, text('a'), { type: 'hardBreak' })))
  })

  it.each(['One', 'One\ntwo', 'One\n\ntwo\nthree', ' * no list', '<b>no tag</b>'])('has the text %j', (plain) => {
    expect(textOf(documentOf(plain))).toBe(plain)
  })
})

describe('the text of a document', () => {
  it('keeps lists, quotes, code and tables recognizable', () => {
    const item = (...content: object[]) => block('listItem', ...content)
    const cell = (value: string) => block('tableCell', paragraph(text(value)))
    const document = doc(
      { ...block('heading', text('Count')), attrs: { level: 2 } },
      block('bulletList', item(paragraph(text('Herons')), block('orderedList', item(paragraph(text('grey')))))),
      block('taskList', { ...block('taskItem', text('Boots')), attrs: { state: 'DONE' } }),
      block('blockquote', paragraph(text('Quiet'), { type: 'hardBreak' }, text('please'))),
      { ...block('codeBlock', text('count()\n')), attrs: { language: 'js' } },
      { type: 'rule' },
      block('table', block('tableRow', cell('Hour'), cell('Metres')), block('tableRow', cell('6'), cell('1.2'))),
    )
    expect(textOf(document)).toBe(
      [
        'Count',
        '- Herons\n  1. grey',
        '[x] Boots',
        '> Quiet\n> please',
        'count()\n',
        '---',
        'Hour | Metres\n6 | 1.2',
      ].join('\n\n'),
    )
  })

  it('names what links, mentions and cards stand for', () => {
    const link = { type: 'link', attrs: { href: 'https://marshes.example/map' } }
    const inline = paragraph(
      { type: 'mention', attrs: { id: '5b10', text: '@Ada Reed' } },
      text(' see '),
      text('the map', link),
      text(' or '),
      text('https://marshes.example/map', link),
      { type: 'emoji', attrs: { shortName: ':wave:' } },
      { type: 'date', attrs: { timestamp: '1793836800000' } },
      { type: 'status', attrs: { text: 'OPEN', color: 'blue' } },
      { type: 'inlineCard', attrs: { url: 'https://marshes.atlassian.net/browse/MRSH-2' } },
    )
    expect(textOf(doc(inline))).toBe(
      '@Ada Reed see the map (https://marshes.example/map) or https://marshes.example/map:wave:2026-11-05OPEN' +
        'https://marshes.atlassian.net/browse/MRSH-2',
    )
  })

  it('reads the text inside nodes that it does not know', () => {
    expect(
      textOf(doc(block('panel', paragraph(text('Careful'))), block('a_node_of_next_year', paragraph(text('New'))))),
    ).toBe('Careful\n\nNew')
  })

  it.each([undefined, null, 1, 'x', [], {}, { content: 'x' }, doc({ type: 'paragraph' }), { content: [null, 1] }])(
    'is a string for %j',
    (value) => {
      expect(textOf(value)).toBe('')
    },
  )

  it('is bounded for a document that is nested too deep', () => {
    let nested: object = paragraph(text('deep'))
    for (let depth = 0; depth < 10_000; depth++) nested = block('panel', nested)
    expect(textOf(doc(nested, paragraph(text('flat'))))).toBe('flat')
  })
})
