import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'

/**
 * Bytes of a program with everything it imports, minified and gzipped: all chunks, those for first use included.
 * @param folder from where its imports are resolved
 */
export async function bundledSize(program: string, folder: string): Promise<number> {
  const { outputFiles } = await build({
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
    logLevel: 'silent',
  })
  return outputFiles.reduce((bytes, { contents }) => bytes + gzipSync(contents, { level: 9 }).length, 0)
}
