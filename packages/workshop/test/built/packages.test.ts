import { readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { describe, expect, inject, it } from 'vitest'
import { packedManifest } from '../../src/consumer.ts'

const consumer = inject('consumer')
/** The profile is ESM only: CommonJS and TypeScript's oldest resolution are not supported. */
const OTHER_RESOLUTIONS = new Set(['node10', 'node16-cjs'])

describe.each(consumer.packages.map((each) => [each.name, each] as const))('%s as packed', (name, { tarball }) => {
  it('has no warning of publint', async () => {
    const { messages, pkg } = await publint({
      pack: { tarball: toArrayBuffer(await readFile(tarball)) },
      level: 'warning',
    })
    expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([])
  })

  it('has types that every ESM resolution finds', async () => {
    const result = await checkPackage(createPackageFromTarballData(await readFile(tarball)))
    const problems = result.types === false ? ['it has no types'] : result.problems
    expect(problems.filter((problem) => !isOfOtherResolution(problem))).toEqual([])
  })

  it('names versions, not this workspace', () => {
    expect(packedManifest(consumer, name)).not.toMatch(/workspace:|catalog:/)
  })

  it('ships its build, sources, manual and licence, and no tests', () => {
    const files = readdirSync(join(consumer.folder, 'node_modules', name)).toSorted()
    const template = name === '@mcpclient/create-connector' ? ['template'] : []
    expect(files).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'dist', 'package.json', 'src', ...template])
  })
})

function isOfOtherResolution(problem: unknown): boolean {
  return (
    typeof problem === 'object' &&
    problem !== null &&
    'resolutionKind' in problem &&
    OTHER_RESOLUTIONS.has(String(problem.resolutionKind))
  )
}

function toArrayBuffer(data: Uint8Array): ArrayBuffer {
  return new Uint8Array(data).buffer
}
