import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createMcpClient, stages } from '@mcpclient/core'
import type { Stages } from '@mcpclient/core'
import { describe, expect, it } from 'vitest'
import { layeredSources } from '../src/boundaries.ts'
import { root } from '../src/tree.ts'

const page = readFileSync(join(root, 'docs/architecture.md'), 'utf8')

/** The rows of the tables under a heading of the page, cell by cell. */
function rowsUnder(heading: string): readonly (readonly string[])[] {
  const [, section = ''] = page.split(`\n## ${heading}\n`)
  const [body = ''] = section.split('\n## ')
  return body
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .slice(2)
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
}

function standardPipeline(): Stages {
  let standard: Stages | undefined
  createMcpClient({
    connectors: {},
    pipeline: (given) => {
      standard = given
      return given
    },
  })
  if (standard === undefined) throw new Error('The client did not ask for its pipeline.')
  return standard
}

describe('docs/architecture.md', () => {
  it('names the stages in the order of the pipeline', () => {
    const nameOf = new Map<unknown, string>(Object.entries(stages).map(([name, stage]) => [stage, name]))
    const inWords = (list: readonly unknown[]) =>
      list.map((entry) => (typeof entry === 'string' ? `'${entry}'` : nameOf.get(entry))).join(' → ')
    const { call, request } = standardPipeline()
    expect(rowsUnder('The order of the stages')).toEqual([
      ['once per call', inWords(call)],
      ['once per request', inWords(request)],
    ])
  })

  it('lists at most twelve files for one call, all of which exist', () => {
    const files = rowsUnder('One call in twelve files').map(([file = '']) => file.replaceAll('`', ''))
    expect(files.length).toBeLessThanOrEqual(12)
    expect(files.filter((file) => !existsSync(join(root, 'packages/core/src', file)))).toEqual([])
  })

  it('has the layers that the boundary rules hold', () => {
    const core = layeredSources.find(({ name }) => name === 'core')
    const rooms = core?.layers.slice(1).map((layer, index) => [String(index + 1), layer.join(', ')])
    expect(rowsUnder('What may import what')).toEqual(rooms)
  })
})
