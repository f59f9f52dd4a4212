import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Metafile, Plugin } from 'esbuild'

/**
 * Keeps what an entry loads at first in few files. The bundler makes a file for every set of modules that the same entries
 * and the same late parts need, and a fresh process takes longer to find twenty small files than to read one large one. So
 * each part that one entry loads late is said to need the whole of that entry, which is there by then anyway.
 */
export const gathering: Plugin = {
  name: 'gathering',
  async setup({ esbuild, initialOptions, onLoad }) {
    const { entryPoints, conditions = [] } = initialOptions
    const { metafile } = await esbuild.build({
      entryPoints: entryPoints ?? [],
      conditions,
      outdir: 'unwritten',
      bundle: true,
      format: 'esm',
      packages: 'external',
      write: false,
      metafile: true,
      logLevel: 'silent',
    })
    const homes = homesOf(metafile)
    onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const home = homes.get(path)
      if (home === undefined) return undefined
      return { contents: `${await readFile(path, 'utf8')}\nimport ${JSON.stringify(home)}`, loader: 'ts' }
    })
  },
}

/** Maps each part that is loaded late, and by one entry only, to that entry. */
export function homesOf({ inputs, outputs }: Metafile): ReadonlyMap<string, string> {
  const entries = Object.values(outputs).flatMap(({ entryPoint }) => (entryPoint === undefined ? [] : [entryPoint]))
  const reach = (entry: string, later: boolean): ReadonlySet<string> => {
    const reached = new Set([entry])
    for (const file of reached) {
      for (const { path, kind, external } of inputs[file]?.imports ?? []) {
        if (external !== true && (later || kind !== 'dynamic-import')) reached.add(path)
      }
    }
    return reached
  }
  const reaches = entries.map((entry) => ({ entry, first: reach(entry, false), all: reach(entry, true) }))
  const late = Object.values(inputs).flatMap(({ imports }) =>
    imports.flatMap(({ path, kind, external }) => (kind === 'dynamic-import' && external !== true ? [path] : [])),
  )
  const homes = new Map<string, string>()
  for (const part of late) {
    const [home, ...others] = reaches.filter(({ all }) => all.has(part))
    // Where several load it, one of them would bring another along; where it is exported, it is not late.
    if (home !== undefined && others.length === 0 && !home.first.has(part))
      homes.set(resolve(part), resolve(home.entry))
  }
  return homes
}
