import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'

export interface BundleSize {
  /** Minified and gzipped, all chunks together: what comes on first use counts too. */
  readonly bytes: number
  /** Of it, what loading the entry loads. */
  readonly initialBytes: number
}

/** Bundles everything that a specifier exports as a browser would get it. A module of Node's in it is an error. */
export async function bundleSize(folder: string, specifier: string, without: readonly string[]): Promise<BundleSize> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: `export * from '${specifier}'`, resolveDir: folder, sourcefile: 'entry.js' },
    absWorkingDir: folder,
    outdir: 'out',
    bundle: true,
    splitting: true,
    format: 'esm',
    target: 'es2023',
    platform: 'browser',
    minify: true,
    write: false,
    metafile: true,
    external: without.flatMap((name) => [name, `${name}/*`]),
    logLevel: 'silent',
  })
  const sizes = new Map(outputFiles.map(({ path, contents }) => [path, gzipSync(contents, { level: 9 }).length]))
  const size = (output: string): number => [...sizes].find(([path]) => path.endsWith(output))?.[1] ?? 0
  const initial = new Set(
    Object.keys(metafile.outputs).filter((path) => metafile.outputs[path]?.entryPoint === 'entry.js'),
  )
  for (const output of initial) {
    for (const { path, kind, external } of metafile.outputs[output]?.imports ?? []) {
      if (kind === 'import-statement' && external !== true) initial.add(path)
    }
  }
  const sum = (outputs: Iterable<string>): number => [...outputs].reduce((total, output) => total + size(output), 0)
  return { bytes: sum(Object.keys(metafile.outputs)), initialBytes: sum(initial) }
}
