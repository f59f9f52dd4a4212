import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { machinePath } from '../../bin/pnpm.mjs'
import { examplesIn } from '../../src/doc-examples.ts'
import type { Manifest } from '../../src/manifest.ts'

// What an author does outside of this repository, with the tarballs that would be published.

const consumer = inject('consumer')
const windows = process.platform === 'win32'
/** npm installs from a registry, and TypeScript and vitest start cold. */
const TIMEOUT_MS = 300_000

let workspace = ''
let folder = ''

beforeAll(() => {
  workspace = mkdtempSync(join(tmpdir(), 'create-connector-'))
  folder = join(workspace, 'acme-mail')
})
afterAll(() => rmSync(workspace, { recursive: true, force: true }))

/** Runs a command to its end and returns what it printed, or throws that if it fails. */
function run(command: string, input: readonly string[], cwd: string): string {
  const { NODE_OPTIONS: _, NODE_ENV: __, VITEST: ___, ...environment } = process.env
  const { status, stdout, stderr, error } = spawnSync(command, input, {
    cwd,
    encoding: 'utf8',
    env: { ...environment, PATH: machinePath(), NO_COLOR: '1' },
    shell: windows,
  })
  if (status !== 0) throw new Error(`${command} ${input.join(' ')} failed.\n${stdout}${stderr}${error?.message ?? ''}`)
  return stdout
}

const npm = (...input: readonly string[]): string => run('npm', input, folder)

function useTarballs(): void {
  const path = join(folder, 'package.json')
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as Manifest
  const tarballs = consumer.packages
    .filter(({ name }) => manifest.devDependencies?.[name] !== undefined)
    .map(({ name, tarball }) => [name, `file:${tarball}`] as const)
  const devDependencies = { ...manifest.devDependencies, ...Object.fromEntries(tarballs) }
  writeFileSync(path, JSON.stringify({ ...manifest, devDependencies }))
}

it('creates a connector that installs, compiles, keeps the contract and packs', { timeout: TIMEOUT_MS }, () => {
  const program = join(consumer.folder, 'node_modules/@mcpclient/create-connector/dist/main.js')
  run(process.execPath, [program, '@my-org/acme-mail', '--base-url', 'https://api.acme.example'], workspace)
  const manifest = readFileSync(join(folder, 'package.json'), 'utf8')
  expect(manifest).not.toMatch(/workspace:|catalog:/)

  useTarballs()
  npm('install', '--no-audit', '--no-fund', '--prefer-offline')
  // The scripts of a package find this Node before the one that npm runs on.
  if (!windows) symlinkSync(process.execPath, join(folder, 'node_modules/.bin/node'))

  npm('run', 'types')
  expect(npm('test')).toMatch(/Tests {2}\d\d passed/)

  const [{ filename, files }] = JSON.parse(npm('pack', '--json', '--foreground-scripts=false')) as readonly [
    { readonly filename: string; readonly files: readonly { readonly path: string }[] },
  ]
  expect(filename).toBe('my-org-acme-mail-0.1.0.tgz')
  expect(files.map(({ path }) => path).toSorted()).toEqual([
    'README.md',
    'dist/acme-mail.d.ts',
    'dist/acme-mail.js',
    'dist/index.d.ts',
    'dist/index.js',
    'package.json',
  ])

  const examples = examplesIn('README.md', readFileSync(join(folder, 'README.md'), 'utf8'))
  expect(examples).toHaveLength(1)
  for (const { source } of examples) writeFileSync(join(folder, 'test/readme.ts'), source)
  npm('run', 'types')

  const script = `console.log(Object.keys(await import('@my-org/acme-mail')).join())`
  expect(run(process.execPath, ['--input-type=module', '--eval', script], folder)).toBe('acmeMail\n')
})
