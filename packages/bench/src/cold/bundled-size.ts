import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'

export interface BundledSize {
  /** All chunks, those for first use included. */
  readonly bytes: number
  /** Of them, what loading the program loads. */
  readonly initialBytes: number
}

/**
 * What a program with everything it imports weighs, minified and gzipped.
 * @param folder from where its imports are resolved
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
