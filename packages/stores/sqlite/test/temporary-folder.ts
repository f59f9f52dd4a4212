import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'

/** Creates a folder that is removed after the tests of this file. */
export function temporaryFolder(): { readonly path: string; readonly newFile: () => string } {
  const path = mkdtempSync(join(tmpdir(), 'mcpclient-sqlite-'))
  let files = 0
  afterAll(() => {
    rmSync(path, { recursive: true, force: true })
  })
  return { path, newFile: () => join(path, `store-${String(++files)}.db`) }
}
