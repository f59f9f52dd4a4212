import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Files by path from the root, always with forward slashes. A plain map, so that a rule can be shown to fail on a made-up one. */
export type Tree = ReadonlyMap<string, string>

const SKIPPED = new Set(['node_modules', 'dist', 'coverage', '.git'])
const READ = /\.(?:[cm]?[jt]sx?|json|md)$/

/** Reads the workspace's files; sources, JSON and Markdown with their text, the rest as an empty string. */
export function readTree(root: string): Tree {
  const tree = new Map<string, string>()
  const visit = (folder: string): void => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (SKIPPED.has(entry.name)) continue
      if (entry.isDirectory()) visit(path)
      else if (entry.isFile()) tree.set(path, READ.test(entry.name) ? readFileSync(join(root, path), 'utf8') : '')
    }
  }
  visit('')
  return tree
}

/** The workspace's root, seen from this file. */
export const root = join(import.meta.dirname, '../../..')
