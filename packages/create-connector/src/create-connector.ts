import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fillTemplate } from './fill-template.ts'
import type { Files } from './fill-template.ts'
import { spellingsOf } from './spellings.ts'

export interface CreateConnectorOptions {
  /** The name in kebab-case, with or without a scope: `acme-mail` or `@my-org/acme-mail`. */
  readonly name: string
  /**
   * The https URL that every path of the API starts with.
   * @default 'https://api.<name>.example/v1/'
   */
  readonly baseUrl?: string | undefined
  /**
   * The folder of the package, which must be empty if it exists.
   * @default the name without its scope, in the working folder
   */
  readonly folder?: string | undefined
}

export interface CreatedConnector {
  readonly packageName: string
  /** Absolute path of the package. */
  readonly folder: string
  /** Paths of the files, relative to the folder. */
  readonly files: readonly string[]
}

/**
 * Writes a connector package with one read tool, one write tool, their fixtures and a test that runs the contract.
 * @throws Error if the name or the base URL is not valid, or if the folder is not empty
 */
export async function createConnector(options: CreateConnectorOptions): Promise<CreatedConnector> {
  const names = spellingsOf(options.name)
  const baseUrl = options.baseUrl === undefined ? undefined : normalizedUrl(options.baseUrl)
  const folder = resolve(options.folder ?? names.kebab)
  const files = fillTemplate(await readTemplate(), names, baseUrl, await readRanges())
  await assertEmpty(folder)
  for (const [path, text] of files) {
    const file = join(folder, path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, text, { flag: 'wx' })
  }
  return { packageName: names.packageName, folder, files: [...files.keys()].toSorted() }
}

const here = dirname(fileURLToPath(import.meta.url))

async function readTemplate(): Promise<Files> {
  const folder = join(here, '../template')
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return new Map(
    await Promise.all(
      paths.map(async (path) => {
        const name = relative(folder, path).replaceAll(sep, '/')
        return [name, await readFile(path, 'utf8')] as const
      }),
    ),
  )
}

/** Reads the ranges that the template is tested with: they stand in this package's own manifest, for development. */
async function readRanges(): Promise<Readonly<Record<string, string>>> {
  const manifest = JSON.parse(await readFile(join(here, '../package.json'), 'utf8')) as {
    readonly devDependencies: Readonly<Record<string, string>>
  }
  return manifest.devDependencies
}

async function assertEmpty(folder: string): Promise<void> {
  let entries: readonly string[]
  try {
    entries = await readdir(folder)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ENOENT') return
    if (code === 'ENOTDIR')
      throw new Error(`${folder} is a file. Choose another name, or move the file.`, { cause: error })
    throw error
  }
  if (entries.length > 0) throw new Error(`${folder} is not empty. Choose another name, or move its files.`)
}

/** Returns the URL as `defineConnector` takes it, with a slash at its end. */
function normalizedUrl(text: string): string {
  const refuse = (problem: string): Error =>
    new Error(`The base URL "${text}" ${problem}. Write it like https://api.acme.example/v1/.`)
  const url = URL.parse(text)
  if (url === null) throw refuse('is not a URL')
  if (url.protocol !== 'https:') throw refuse('is not an https URL')
  if (url.username !== '' || url.password !== '') throw refuse('holds a credential')
  if (url.search !== '' || url.hash !== '') throw refuse('has a query or a fragment')
  const { href } = url
  // The template writes it between single quotes.
  return (href.endsWith('/') ? href : `${href}/`).replaceAll("'", '%27')
}
