import type { ContractFactory } from './subject.ts'
import { withToolTable } from './tool-table.ts'

/**
 * Reads the README.md of the package that a test belongs to. With `UPDATE_README=1` in the environment, writes the current
 * table of tools into it first.
 * @param moduleUrl the test's own `import.meta.url`
 */
export async function readReadme(moduleUrl: string, factory: ContractFactory): Promise<string | undefined> {
  const { readFile, writeFile } = await import('node:fs/promises')
  const { env } = await import('node:process')
  const read = (url: URL) => readFile(url, 'utf8').catch(() => undefined)
  let folder = new URL('./', moduleUrl)
  while ((await read(new URL('package.json', folder))) === undefined) {
    const parent = new URL('../', folder)
    if (parent.href === folder.href) return undefined
    folder = parent
  }
  const path = new URL('README.md', folder)
  const text = await read(path)
  const current = text === undefined ? undefined : withToolTable(text, factory)
  if (env['UPDATE_README'] !== '1' || current === undefined || current === text) return text
  await writeFile(path, current)
  return current
}
