import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { ConnectorError } from '@mcpclient/core'
import { describe, expect, it } from 'vitest'
import { sqliteStore } from '../src/index.ts'
import type { SqliteStoreOptions } from '../src/index.ts'
import { temporaryFolder } from './temporary-folder.ts'

const folder = temporaryFolder()

function refusalOf(options: SqliteStoreOptions): ConnectorError {
  try {
    void sqliteStore(options).close()
  } catch (error) {
    if (ConnectorError.is(error)) return error
    throw error
  }
  throw new Error('It was opened.')
}

it.skipIf(process.platform === 'win32')('only the owner may read the file, and what lies beside it', async () => {
  const file = folder.newFile()
  const store = sqliteStore({ file })
  await store.put('a', 'x')
  const rights = readdirSync(folder.path)
    .filter((name) => file.endsWith(name.replace(/-\w+$/, '')))
    .map((name) => [name.replace(/^.*\.db/, ''), (statSync(join(folder.path, name)).mode & 0o777).toString(8)])
  expect(rights).toEqual([
    ['', '600'],
    ['-shm', '600'],
    ['-wal', '600'],
  ])
  await store.close()
})

it('leaves no deleted or replaced data in the file', async () => {
  const file = folder.newFile()
  const store = sqliteStore({ file })
  await store.put('a', 'old-refresh-token')
  await store.put('a', 'new-refresh-token')
  await store.put('b', 'deleted-refresh-token')
  await store.delete('b')
  // Closing writes the log back and removes it.
  await store.close()
  const text = readFileSync(file, 'latin1')
  expect(text).toContain('new-refresh-token')
  expect(text).not.toMatch(/old-refresh-token|deleted-refresh-token/)
  expect(existsSync(`${file}-wal`)).toBe(false)
})

it('treats a path that looks like a URL as a path', async () => {
  const before = process.cwd()
  process.chdir(folder.path)
  try {
    await sqliteStore({ file: 'file:store.db?mode=memory' }).close()
    expect(existsSync(join(folder.path, 'file:store.db?mode=memory'))).toBe(true)
  } finally {
    process.chdir(before)
  }
})

describe('refuses', () => {
  it("another program's database, and does not change it", () => {
    const file = folder.newFile()
    const database = new DatabaseSync(file)
    database.exec('CREATE TABLE photos (name TEXT)')
    database.close()
    const before = readFileSync(file)
    expect(refusalOf({ file })).toMatchObject({
      code: 'CONFIGURATION_ERROR',
      message: expect.stringMatching(/another program/),
    })
    expect(readFileSync(file).equals(before)).toBe(true)
  })

  it('a file that is no database', () => {
    const file = folder.newFile()
    writeFileSync(file, 'Dear diary, '.repeat(1000))
    const refusal = refusalOf({ file })
    expect(refusal).toMatchObject({ code: 'CONFIGURATION_ERROR', advice: expect.stringMatching(/backup/) })
    expect(refusal.message).toContain(file)
    expect(readFileSync(file, 'utf8')).toBe('Dear diary, '.repeat(1000))
  })

  it('a store of a later version', async () => {
    const file = folder.newFile()
    await sqliteStore({ file }).close()
    const database = new DatabaseSync(file)
    database.exec('PRAGMA user_version = 9')
    database.close()
    const refusal = refusalOf({ file })
    expect(refusal).toMatchObject({
      code: 'CONFIGURATION_ERROR',
      advice: expect.stringMatching(/Update @mcpclient\/sqlite/),
    })
    expect(refusal.message).toMatch(/schema 9; .* knows 1\.$/)
  })

  it('a missing folder, a folder instead of a file, and an empty path', () => {
    expect(refusalOf({ file: join(folder.path, 'none', 'a.db') })).toMatchObject({ advice: 'Create its folder first.' })
    mkdirSync(join(folder.path, 'folder'))
    expect(refusalOf({ file: join(folder.path, 'folder') }).code).toBe('CONFIGURATION_ERROR')
    expect(refusalOf({ file: '' }).code).toBe('CONFIGURATION_ERROR')
  })

  it.each(['', '1st', 'sqlite_mine', 'a"b', 'a:b', 'a b', 'x'.repeat(64)])('the table name %j', (table) => {
    const refusal = refusalOf({ file: ':memory:', table })
    expect([refusal.code, refusal.message]).toEqual([
      'CONFIGURATION_ERROR',
      expect.stringContaining('name of the table is invalid'),
    ])
  })
})

it('reports a file that was damaged while open with advice and without the value', async () => {
  const file = folder.newFile()
  const store = sqliteStore({ file })
  for (let index = 0; index < 200; index++) await store.put(`k/${index}`, 'secret '.repeat(100))
  await store.close()
  const bytes = readFileSync(file)
  // The first page stays, and with it the header and the schema.
  writeFileSync(file, bytes.fill(0xa5, 4096))
  const damaged = sqliteStore({ file })
  const error: unknown = await damaged.list('').catch((reason: unknown) => reason)
  expect(error).toMatchObject({ code: 'CONFIGURATION_ERROR', advice: expect.stringMatching(/backup/) })
  expect(JSON.stringify(error) + String(error)).not.toMatch(/secret/)
  await damaged.close()
})

describe('node:sqlite', () => {
  const run = (script: string): string =>
    execFileSync(process.execPath, ['--conditions=@mcpclient/source', '--input-type=module', '-e', script], {
      cwd: import.meta.dirname,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 20_000,
    })
  const loaded = `console.log(process.moduleLoadList.some((name) => /\\bsqlite$/.test(name)))`

  it('is loaded by the first store, with the warning of Node, and not by the import', () => {
    const script = `const { sqliteStore } = await import('@mcpclient/sqlite')
      ${loaded}
      await sqliteStore({ file: ':memory:' }).close()
      ${loaded}`
    expect(run(script).trim().split('\n')).toEqual(['false', 'true'])
  })

  it('is reported with advice if it is missing', () => {
    const script = `process.getBuiltinModule = () => undefined
      const { sqliteStore } = await import('@mcpclient/sqlite')
      try { sqliteStore({ file: ':memory:' }) } catch (error) { console.log(error.code, error.advice) }`
    expect(run(script).trim()).toBe('CONFIGURATION_ERROR Use Node 22.13 or later, or another store.')
  })
})
