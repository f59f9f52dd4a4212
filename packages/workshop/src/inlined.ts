import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import type { Plugin } from 'esbuild'

/**
 * Packages that are copied into the build: so small that a fresh process takes longer to find them than to read them.
 * They are devDependencies of who uses them; what they depend on is copied as well.
 */
export const inlined: ReadonlySet<string> = new Set(['eventemitter3', 'p-limit', 'p-retry'])

const NOTICES = 'THIRD-PARTY-NOTICES.txt'

export interface Inlined {
  readonly name: string
  readonly version: string
  /** The text of its licence. */
  readonly license: string
}

/** Copies those packages, and puts their licences beside them. */
export const inlining: Plugin = {
  name: 'inlining',
  setup(build) {
    build.initialOptions.metafile = true
    // Its ES module only wraps its CommonJS file, which would bring a shim and a chunk of its own to every entry.
    build.onResolve({ filter: /^eventemitter3$/ }, ({ resolveDir }) => {
      const manifest = createRequire(join(resolveDir, 'importer.js')).resolve('eventemitter3/package.json')
      return { path: join(dirname(manifest), 'dist/eventemitter3.esm.js') }
    })
    build.onEnd(async ({ metafile }) => {
      const folders = new Set(Object.keys(metafile?.inputs ?? {}).flatMap(packageFolder))
      if (folders.size === 0) return
      const found = await Promise.all([...folders].map(readInlined))
      const { outdir = '' } = build.initialOptions
      await mkdir(outdir, { recursive: true })
      await writeFile(join(outdir, NOTICES), noticesOf(found))
    })
  },
}

/** Returns the folder of the installed package of a file, or undefined for a file of this workspace. */
const packageFolder = (path: string): readonly string[] =>
  /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path) ?? []

async function readInlined(folder: string): Promise<Inlined> {
  const { name, version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Inlined
  const file = (await readdir(folder)).find((each) => /^licen[cs]e(?:\.(?:md|txt))?$/i.test(each))
  if (file === undefined) throw new Error(`${name} has no licence file: it cannot be copied into ${resolve('.')}.`)
  return { name, version, license: (await readFile(join(folder, file), 'utf8')).trim() }
}

/** Returns one text for all packages. A shared licence appears once. */
export function noticesOf(packages: readonly Inlined[]): string {
  const sorted = packages.toSorted((one, other) => (one.name < other.name ? -1 : 1))
  const parts = [...Map.groupBy(sorted, ({ license }) => license)].map(
    ([license, holders]) => `${holders.map(({ name, version }) => `${name} ${version}`).join('\n')}\n\n${license}\n`,
  )
  return `The modules in this folder contain these packages.\n\n${parts.join(`\n${'-'.repeat(80)}\n\n`)}`
}
