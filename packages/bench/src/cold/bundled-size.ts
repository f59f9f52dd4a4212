import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'

export interface BundledSize {
  /** All chunks, including those for first use. */
  readonly bytes: number
  /** The chunks that the program loads at its start. */
  readonly initialBytes: number
}

/**
 * Measures the size of a program with all its imports, minified and gzipped.
 * @param folder the folder from which its imports are resolved
 */
export async function bundledSize(program: string, folder: string): Promise<BundledSize> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: program, resolveDir: folder, sourcefile: 'program.js' },
    absWorkingDir: folder,
    outdir: 'out',
    bundle: true,
    splitting: true,
    format: 'esm',
    target: 'es2023',
    platform: 'node',
    minify: true,
    write: false,
    metafile: true,
    logLevel: 'silent',
  })
  const { outputs } = metafile
  const initial = new Set(Object.keys(outputs).filter((output) => outputs[output]?.entryPoint === 'program.js'))
  for (const output of initial) {
    for (const { path, kind, external } of outputs[output]?.imports ?? []) {
      if (kind === 'import-statement' && external !== true) initial.add(path)
    }
  }
  let bytes = 0
  let initialBytes = 0
  for (const { path, contents } of outputFiles) {
    const size = gzipSync(contents, { level: 9 }).length
    bytes += size
    if ([...initial].some((output) => path.endsWith(output))) initialBytes += size
  }
  return { bytes, initialBytes }
}
