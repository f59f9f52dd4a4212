import { readFileSync } from 'node:fs'
import { build } from 'tsup'
import { gathering } from './gathering.ts'
import { inlined, inlining } from './inlined.ts'
import type { Manifest } from './manifest.ts'

// The one recipe, for the package in the working folder: it builds what the exports map and bin name.
const { exports: subpaths = {}, bin = {} } = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest
const sources = [
  ...Object.values(subpaths).map((target) => target['@mcpclient/source']),
  ...Object.values(bin).map((program) => program.replace(/^dist\/(.+)\.js$/, './src/$1.ts')),
]

await build({
  config: false,
  entry: Object.fromEntries(sources.map((source) => [source.replace(/^\.\/src\/(.+)\.tsx?$/, '$1'), source])),
  format: 'esm',
  target: 'es2023',
  platform: 'neutral',
  splitting: true,
  sourcemap: true,
  // Names stay, so stacks are readable. An import reads and parses a third less.
  minifyWhitespace: true,
  minifySyntax: true,
  clean: true,
  silent: true,
  dts: true,
  // As written: not every runtime knows Node's modules without their prefix.
  external: [/^node:/],
  removeNodeProtocol: false,
  noExternal: [...inlined],
  esbuildPlugins: [inlining, gathering],
})
