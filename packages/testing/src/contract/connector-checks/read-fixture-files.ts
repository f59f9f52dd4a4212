/** A file of fixtures: one, or a list of them. */
export interface FixtureFile {
  /** The file's name, for sentences. */
  readonly source: string
  readonly content: unknown
  /** The reason why the file could not be read. */
  readonly problem?: string | undefined
}

/**
 * Reads `fixtures/*.json` beside a test.
 * @param moduleUrl the test's own `import.meta.url`
 */
export async function readFixtureFiles(moduleUrl: string): Promise<readonly FixtureFile[]> {
  const { readFile, readdir } = await import('node:fs/promises')
  const folder = new URL('./fixtures/', moduleUrl)
  const names = await readdir(folder).catch((error: unknown) => {
    if (isMissing(error)) return []
    throw error
  })
  return Promise.all(
    names
      .filter((name) => name.endsWith('.json'))
      .toSorted()
      .map(async (source): Promise<FixtureFile> => {
        const text = await readFile(new URL(encodeURIComponent(source), folder), 'utf8')
        try {
          return { source, content: JSON.parse(text) as unknown }
        } catch (error) {
          return { source, content: undefined, problem: `${source} is not JSON: ${String(error)}` }
        }
      }),
  )
}

const isMissing = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT'
