import { execFileSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { errorOf } from '@mcpclient/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { resolveSecrets } from '../../src/secrets/resolve-secrets.ts'
import { fileSecrets } from '../../src/node.ts'
import { silentLogger } from '../../src/ports/logger.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mcpclient-secrets-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** A program of every Unix. Node itself cannot create named pipes. */
const MAKE_PIPE = 'mkfifo'
const isRoot = process.getuid?.() === 0
const isWindows = process.platform === 'win32'

const write = async (name: string, contents: string | Uint8Array): Promise<string> => {
  const path = join(folder, name)
  await writeFile(path, contents)
  return path
}
const read = (reference: string, options?: Parameters<typeof fileSecrets>[0]): Promise<string> =>
  fileSecrets(options).read(reference, {})

describe('a file', () => {
  it.each([
    ['word', 'word'],
    ['word\n', 'word'],
    ['word\r\n', 'word'],
    ['word\n\n', 'word\n'],
    [' spaces ', ' spaces '],
    ['two\nlines\n', 'two\nlines'],
    ['grüße 🙂', 'grüße 🙂'],
    ['\uFEFFword', 'word'],
  ])('contains for %j the secret %j', async (contents, secret) => {
    expect(await read(await write('secret', contents))).toBe(secret)
  })

  it('is read again after it was replaced', async () => {
    const path = await write('rotated', 'old')
    const source = fileSecrets()
    expect(await source.read(path, {})).toBe('old')
    await write('rotated', 'new')
    expect(await source.read(path, {})).toBe('new')
  })

  it('must not be empty', async () => {
    const path = await write('empty', '\n')
    const error = await errorOf(resolveSecrets({ key: `file:${path}` }, { sources: [fileSecrets()] }))
    expect(error.message).toContain('is empty')
  })

  it('may have 1 MiB and not a byte more', async () => {
    const path = await write('large', 'x'.repeat(1_048_576))
    expect(await read(path)).toHaveLength(1_048_576)
    await write('large', `canary${'x'.repeat(1_048_576)}`)
    const error = await errorOf(read(path))
    expect(error).toMatchObject({ code: 'CONFIGURATION_ERROR' })
    expect(error.message).toContain('more than 1 MiB')
    expect(inspect(error, { depth: 9 })).not.toContain('canary')
  })

  it('must be UTF-8', async () => {
    const path = await write('binary', Uint8Array.from([0xff, 0xfe, 0x00]))
    expect((await errorOf(read(path))).message).toContain('not valid UTF-8')
  })

  it('is named with its path if it is missing', async () => {
    const path = join(folder, 'missing')
    expect((await errorOf(read(path))).message).toBe(`file:${path} does not exist.`)
    expect((await errorOf(read(join(await write('plain', 'x'), 'below')))).message).toContain('does not exist')
  })

  it.skipIf(isRoot || isWindows)('is reported if it is not readable', async () => {
    const path = await write('private', 'x')
    await chmod(path, 0o000)
    expect((await errorOf(read(path))).message).toContain('may not be read by this process')
  })
})

describe('fileSecrets refuses', () => {
  it('a folder', async () => {
    expect((await errorOf(read(folder))).message).toContain('is not a file')
  })

  it.skipIf(isWindows)('a pipe, without waiting for a writer', async () => {
    const path = join(folder, 'pipe')
    execFileSync(MAKE_PIPE, [path])
    expect((await errorOf(read(path))).message).toContain('is not a file')
  })

  it.skipIf(isWindows)('a device that never ends', async () => {
    expect((await errorOf(read('/dev/zero'))).message).toContain('is not a file')
  })

  it.skipIf(isWindows)('circular symbolic links', async () => {
    const [one, two] = [join(folder, 'one'), join(folder, 'two')]
    await symlink(one, two)
    await symlink(two, one)
    expect((await errorOf(read(one))).message).toContain('circular')
  })
})

describe('a root', () => {
  it('makes references relative to it', async () => {
    await write('token', 'here')
    expect(await read('token', { root: folder })).toBe('here')
    expect(await read('./token', { root: `${folder}/` })).toBe('here')
    expect(await read(join(folder, 'token'), { root: folder })).toBe('here')
  })

  it('is required for relative references, because the working folder is arbitrary', async () => {
    expect((await errorOf(read('token'))).advice).toContain('fileSecrets({ root })')
  })

  it('excludes every file outside', async () => {
    const root = join(folder, 'root')
    await mkdir(root, { recursive: true })
    await mkdir(`${root}-beside`, { recursive: true })
    await writeFile(join(`${root}-beside`, 'token'), 'canary')
    await write('outside', 'canary')
    for (const reference of [
      '../outside',
      '../root-beside/token',
      join(folder, 'outside'),
      '/etc/hostname',
      '.',
      '..',
    ]) {
      const error = await errorOf(read(reference, { root }))
      expect(error.code).toBe('CONFIGURATION_ERROR')
      expect(JSON.stringify(error)).not.toContain('canary')
    }
  })

  it.skipIf(isWindows)('resolves links before the check', async () => {
    const root = join(folder, 'linked')
    await mkdir(root)
    await symlink(await write('target', 'canary'), join(root, 'out'))
    expect((await errorOf(read('out', { root }))).message).toContain('outside the root')
  })

  it.skipIf(isWindows)('works with a volume of Kubernetes, also when its secret is updated', async () => {
    // The kubelet links each name to ..data, that to a dated folder, and replaces the middle link.
    const root = join(folder, 'volume')
    for (const [version, secret] of [
      ['..2026_01', 'first'],
      ['..2026_02', 'second'],
    ] as const) {
      await mkdir(join(root, version), { recursive: true })
      await writeFile(join(root, version, 'token'), secret, { mode: 0o644 })
    }
    await symlink('..2026_01', join(root, '..data'))
    await symlink('..data/token', join(root, 'token'))
    const source = fileSecrets({ root })
    expect(await source.read('token', {})).toBe('first')
    await symlink('..2026_02', join(root, '..data_tmp'))
    await rename(join(root, '..data_tmp'), join(root, '..data'))
    expect(await source.read('token', {})).toBe('second')
  })

  it('is a configuration error if it is missing', async () => {
    expect((await errorOf(read('token', { root: join(folder, 'nowhere') }))).code).toBe('CONFIGURATION_ERROR')
  })
})

it.skipIf(isWindows)('warns once about a world-readable file and about no other', async () => {
  const [open, closed] = [await write('open', 'canary'), await write('closed', 'canary')]
  await chmod(open, 0o644)
  await chmod(closed, 0o600)
  const heard: unknown[] = []
  const source = fileSecrets({ logger: { ...silentLogger, warn: (...words) => void heard.push(words) } })
  for (const path of [open, closed, open]) await source.read(path, {})
  expect(heard).toEqual([[{ path: open, mode: '644' }, 'Every user of the machine can read a secret file.']])
  expect(JSON.stringify(heard)).not.toContain('canary')
})
