import { valueAt } from '@mcpclient/core/define'

/** A document in the Atlassian Document Format. */
export interface AdfDocument {
  readonly type: 'doc'
  readonly version: 1
  readonly content: readonly object[]
}

/** Converts plain text: an empty line begins a paragraph, and a line break stays a line break. */
export const documentOf = (text: string): AdfDocument => ({
  type: 'doc',
  version: 1,
  content: text
    .replaceAll(/\r\n?/g, '\n')
    .split(/\n{2,}/)
    .filter((paragraph) => paragraph !== '')
    .map((paragraph) => ({ type: 'paragraph', content: paragraph.split('\n').flatMap(lineOf) })),
})

/** Returns the nodes of a line. Jira refuses an empty text node. */
const lineOf = (line: string, index: number): readonly object[] => [
  ...(index === 0 ? [] : [{ type: 'hardBreak' }]),
  ...(line === '' ? [] : [{ type: 'text', text: line }]),
]

/** Deeper nodes are left out: a document of Jira has fewer levels. */
const MAX_DEPTH = 32

/**
 * Returns the text of a document: lists, code and tables stay recognizable, other formatting is dropped.
 *
 * Source: https://developer.atlassian.com/cloud/jira/platform/apis/document/structure
 */
export const textOf = (document: unknown): string => blocksOf(document, 0).join('\n\n')

const childrenOf = (node: unknown): readonly unknown[] => {
  const content = valueAt(node, 'content')
  return Array.isArray(content) ? content : []
}

const attribute = (node: unknown, name: string): string => {
  const value = valueAt(node, `attrs.${name}`)
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}

/** Returns the text of each block inside a node. */
function blocksOf(node: unknown, depth: number): readonly string[] {
  if (depth > MAX_DEPTH) return []
  return childrenOf(node)
    .map((child, index) => blockOf(child, index, node, depth + 1))
    .filter((block) => block !== '')
}

function blockOf(node: unknown, index: number, parent: unknown, depth: number): string {
  const inside = (separator: string): string => blocksOf(node, depth).join(separator)
  switch (valueAt(node, 'type')) {
    case 'paragraph':
    case 'heading':
    case 'codeBlock':
    case 'caption':
      return inlineOf(node)
    case 'bulletList':
    case 'orderedList':
    case 'taskList':
    case 'decisionList':
    case 'table':
      return inside('\n')
    case 'listItem':
      return item(valueAt(parent, 'type') === 'orderedList' ? `${index + 1}. ` : '- ', inside('\n'))
    case 'taskItem':
      return item(attribute(node, 'state') === 'DONE' ? '[x] ' : '[ ] ', inlineOf(node))
    case 'decisionItem':
      return item('- ', inlineOf(node))
    case 'tableRow':
      return inside(' | ')
    case 'tableHeader':
    case 'tableCell':
      return inside(' ')
    case 'blockquote':
      return inside('\n\n').replaceAll(/^/gm, '> ')
    case 'expand':
    case 'nestedExpand':
      return [attribute(node, 'title'), inside('\n\n')].filter((part) => part !== '').join('\n\n')
    case 'rule':
      return '---'
    case 'blockCard':
    case 'embedCard':
    case 'media':
      return inlineNode(node)
    default:
      return inside('\n\n')
  }
}

const item = (marker: string, text: string): string => marker + text.replaceAll('\n', `\n${' '.repeat(marker.length)}`)

const inlineOf = (node: unknown): string => childrenOf(node).map(inlineNode).join('')

function inlineNode(node: unknown): string {
  switch (valueAt(node, 'type')) {
    case 'text':
      return linked(node)
    case 'hardBreak':
      return '\n'
    case 'mention':
      return attribute(node, 'text') || `@${attribute(node, 'id')}`
    case 'emoji':
      return attribute(node, 'text') || attribute(node, 'shortName')
    case 'status':
      return attribute(node, 'text')
    case 'date':
      return dayOf(Number(attribute(node, 'timestamp')))
    case 'inlineCard':
    case 'blockCard':
    case 'embedCard':
      return attribute(node, 'url')
    case 'media':
    case 'mediaInline':
      return attribute(node, 'alt')
    default:
      return ''
  }
}

/** Returns the text of a text node, followed by the target of its link if that differs. */
function linked(node: unknown): string {
  const text = valueAt(node, 'text')
  const marks = valueAt(node, 'marks')
  const link: unknown = Array.isArray(marks) ? marks.find((mark) => valueAt(mark, 'type') === 'link') : undefined
  const href = attribute(link, 'href')
  const shown = typeof text === 'string' ? text : ''
  return href === '' || href === shown ? shown : `${shown} (${href})`
}

const dayOf = (timestamp: number): string => {
  const date = new Date(timestamp)
  return Number.isNaN(date.getTime()) ? '' : date.toISOString().slice(0, 'yyyy-mm-dd'.length)
}
