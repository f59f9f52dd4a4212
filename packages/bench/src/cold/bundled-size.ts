import { basename } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import type { BuildOptions, Metafile, OutputFile } from 'esbuild'

/** The size of a program with its imports, minified and gzipped. */
export interface BundledSize {
  /** The chunks that the program loads at its start. */
  readonly startBytes: number
  /** All chunks that the program can load. */
  readonly reachableBytes: number
  /** The whole program in a single file. */
  readonly oneFileBytes: number
}

/** A program, and how it is bundled. */
export interface Program {
  readonly source: string
  /** The packages that are not counted. */
  readonly external?: readonly string[] | undefined
}

/**
 * Measures the size of a program.
 * @param folder the folder from which its imports are resolved
 */
export async function bundledSize({ source, external = [] }: Program, folder: string): Promise<BundledSize> {
  const options = {
    stdin: { contents: source, resolveDir: folder, sourcefile: 'program.js' },
    absWorkingDir: folder,
    outdir: 'out',
    external: external.flatMap((name) => [name, `${name}/*`]),
    bundle: true,
    format: 'esm',
    target: 'es2023',
    platform: 'node',
    minify: true,
    write: false,
    metafile: true,
    logLevel: 'silent',
  } satisfies BuildOptions
  const { outputFiles, metafile } = await build({ ...options, splitting: true })
  const oneFile = await build({ ...options, splitting: false })
  const chunks = new Map(outputFiles.map((file) => [basename(file.path), file]))
  const start = startOf(metafile)
  return {
    startBytes: sumOf(start, chunks),
    reachableBytes: sumOf(reachableFrom(start, chunks), chunks),
    oneFileBytes: oneFile.outputFiles.reduce((sum, { contents }) => sum + gzipped(contents), 0),
  }
}

/** Returns the names of the entry and of the chunks that it imports statically. */
function startOf({ outputs }: Metafile): ReadonlySet<string> {
  const start = new Set(Object.keys(outputs).filter((output) => outputs[output]?.entryPoint === 'program.js'))
  for (const output of start) {
    for (const { path, kind, external } of outputs[output]?.imports ?? []) {
      if (kind === 'import-statement' && external !== true) start.add(path)
    }
  }
  return new Set([...start].map((output) => basename(output)))
}

/**
 * Returns the names of the chunks that the code of others names. esbuild emits a chunk for every `import()` that it
 * parses, even in a function that it drops, and lists it among the imports of the output.
 */
function reachableFrom(start: ReadonlySet<string>, chunks: ReadonlyMap<string, OutputFile>): ReadonlySet<string> {
  const reachable = new Set(start)
  for (const name of reachable) {
    const text = chunks.get(name)?.text ?? ''
    // The names end in a hash, so a string that contains one is an import.
    for (const other of chunks.keys()) if (text.includes(`/${other}`)) reachable.add(other)
  }
  return reachable
}

const sumOf = (names: ReadonlySet<string>, chunks: ReadonlyMap<string, OutputFile>): number =>
  [...names].reduce((sum, name) => sum + gzipped(chunks.get(name)?.contents ?? new Uint8Array()), 0)

const gzipped = (contents: Uint8Array): number => gzipSync(contents, { level: 9 }).length
