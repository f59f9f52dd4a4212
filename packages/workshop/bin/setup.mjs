#!/usr/bin/env node
// Brings everything the workspace needs to a machine that has only Node >= 18 and npm, and does nothing when it is there.
// Usage: setup.mjs [command [arguments]]: after the set-up the command runs with the workspace's own commands first on PATH.
// A shell remembers where it found `node`, so in `node setup.mjs && node main.ts` the second `node` would still be the
// machine's: a script that needs the pinned Node is therefore started from here.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { constants } from 'node:os'
import { delimiter, dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { PNPM, pnpm } from './pnpm.mjs'

const OLDEST_NODE = 18

const self = fileURLToPath(import.meta.url)
const root = resolve(dirname(self), '../../..')
const modules = join(root, 'node_modules')
const bin = join(modules, '.bin')
const stampFile = join(modules, '.setup-stamp')
const windows = process.platform === 'win32'

function fail(message) {
  process.stderr.write(`${message}\n`)
  process.exit(1)
}

const byName = (one, other) => (one < other ? -1 : 1)

function manifests() {
  const found = []
  const visit = (folder, depth) => {
    const manifest = join(root, folder, 'package.json')
    if (existsSync(manifest)) {
      found.push(`${folder}/package.json`)
      return
    }
    if (depth === 0 || !existsSync(join(root, folder))) return
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      if (entry.isDirectory() && entry.name !== 'node_modules') visit(`${folder}/${entry.name}`, depth - 1)
    }
  }
  visit('packages', 2)
  visit('examples', 1)
  return ['package.json', 'pnpm-workspace.yaml', 'pnpm-lock.yaml', ...found.sort(byName)]
}

function fingerprint() {
  const hash = createHash('sha256').update(`${PNPM} ${process.platform} ${process.arch}\n`).update(readFileSync(self))
  for (const file of manifests()) hash.update(`\n${file}\n`).update(readFileSync(join(root, file)))
  return hash.digest('hex')
}

/** The Node that the workspace pins for this platform, or undefined before the first install. */
function pinnedNode() {
  const require = createRequire(join(root, 'package.json'))
  const { optionalDependencies = {} } = require('./package.json')
  for (const name of Object.keys(optionalDependencies)) {
    const manifest = join(modules, name, 'package.json')
    if (!existsSync(manifest)) continue
    return realpathSync(join(dirname(manifest), JSON.parse(readFileSync(manifest, 'utf8')).bin.node))
  }
  return undefined
}

/** pnpm's shim keeps a shell alive between parent and child, so a signal would not reach Node; a link has no such gap. */
function linkNode(node) {
  if (windows) return
  const link = join(bin, 'node')
  const found = lstatSync(link, { throwIfNoEntry: false })
  if (found?.isSymbolicLink() && existsSync(link) && realpathSync(link) === node) return
  rmSync(link, { force: true })
  symlinkSync(relative(bin, node), link)
}

function install() {
  const began = Date.now()
  process.stderr.write('Setting up the workspace ...\n')
  const result = pnpm([
    'install',
    '--frozen-lockfile',
    '--prod=false',
    '--config.confirm-modules-purge=false',
    '--reporter=append-only',
  ])
  if (result.error) fail(`Set-up needs npm (npx) on PATH: ${result.error.message}`)
  if (result.status !== 0) {
    const hint = result.stdout.includes('OUTDATED_LOCKFILE')
      ? ` After a change of dependencies: npx --yes ${PNPM} install`
      : ''
    fail(`${result.stdout}${result.stderr}\nSet-up failed: ${PNPM} install ended with ${result.status}.${hint}`)
  }
  return Math.round((Date.now() - began) / 1000)
}

if (Number(process.versions.node.split('.')[0]) < OLDEST_NODE) {
  fail(`Node ${OLDEST_NODE} or later is needed to set the workspace up; this is ${process.version}.`)
}

const wanted = fingerprint()
const stamp = existsSync(stampFile) ? readFileSync(stampFile, 'utf8') : ''
let node = pinnedNode()
if (stamp !== wanted || node === undefined) {
  const seconds = install()
  node = pinnedNode()
  if (node === undefined) {
    fail(
      `No Node was installed for ${process.platform} ${process.arch}. See optionalDependencies in package.json; ` +
        'if npm is told to omit optional packages, allow them for this workspace.',
    )
  }
  const probe = spawnSync(node, ['--version'], { encoding: 'utf8' })
  if (probe.status !== 0)
    fail(`The workspace's Node does not run on this machine (${node}): ${probe.error?.message ?? probe.stderr}`)
  mkdirSync(bin, { recursive: true })
  linkNode(node)
  // vitest remembers where packages were found, and an install may have moved them.
  rmSync(join(modules, '.vitest-cache'), { recursive: true, force: true })
  writeFileSync(stampFile, wanted)
  process.stderr.write(`Ready in ${seconds} s: Node ${probe.stdout.trim()}.\n`)
} else {
  linkNode(node)
}

const [command, ...rest] = process.argv.slice(2)
if (command !== undefined) {
  const child = spawn(command === 'node' ? node : command, rest, {
    env: { ...process.env, PATH: [bin, process.env.PATH ?? ''].join(delimiter) },
    shell: windows && command !== 'node',
    stdio: 'inherit',
  })
  // A terminal sends Ctrl-C to the child as well; a second one would turn its orderly end into a hasty one.
  process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'))
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('error', (error) => fail(`${command}: ${error.message}`))
  child.on('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)))
}
