import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { codeTable, reasonTable } from './error-tables.ts'
import { eventsPage } from './events-page.ts'
import { publishedPackages } from './manifest.ts'
import type { WorkspacePackage } from './manifest.ts'
import { declaredIn, exportGroups } from './public-declarations.ts'
import type { Declared, ExportGroup, Imported } from './public-declarations.ts'
import { isDescriptive, referenceEntry, typesShownBy } from './reference-entry.ts'
import { readTree, root } from './tree.ts'
import type { Tree } from './tree.ts'

export const REFERENCE_FOLDER = 'docs/reference'

/** A page whose tables are generated and whose other parts are written by hand. */
export const TROUBLESHOOTING_PAGE = 'docs/guide/troubleshooting.md'

const GENERATED = 'Generated from the code by `npm run reference`.'

/** Writes a page for each entry point of each published package, and a page that lists them, by file name. */
export function referencePages(tree: Tree): ReadonlyMap<string, string> {
  const entries = publishedPackages(tree).flatMap((each) => entryPoints(tree, each))
  const places = placesOf(entries)
  const pages = new Map(entries.map((entry) => [entry.file, page(tree, entry, places)]))
  const rows = entries.map(({ specifier, file, summary, groups }) => {
    const options = groups.flatMap(({ exports }) => exports).filter(({ name }) => name.endsWith('Options'))
    const links = options.map(({ name }) => `[\`${name}\`](${file}#${places.anchorOf(file, name)})`)
    return `| [\`${specifier}\`](${file}) | ${summary.replaceAll('\n', ' ')} | ${links.join(', ')} |`
  })
  const events = eventsPage(tree)
  if (events !== undefined) {
    pages.set('events.md', events)
    rows.push('| [Events](events.md) | Every event that `mcp.on` listens to, with its payload. | |')
  }
  const table = ['| entry point | what it is for | options |', '| --- | --- | --- |', ...rows].join('\n')
  pages.set('README.md', `# API reference\n\n${GENERATED}\n\n${table}\n`)
  return pages
}

/** The pages and anchors of all public names. */
interface Places {
  /** Returns the page that describes a declaration: the first one that exports it. */
  fileOf(declared: Declared): string | undefined
  /** Returns the anchor of a name that a page exports. */
  anchorOf(file: string, name: string): string
  /** Returns the relative link to a type, or undefined if no page describes it. */
  linkTo(target: Declared | Imported): string | undefined
}

function placesOf(entries: readonly EntryPoint[]): Places {
  const homes = new Map<string, { readonly file: string; readonly name: string }>()
  const anchors = new Map(entries.map((entry) => [entry.file, anchorsOf(entry)]))
  const files = new Map(entries.map(({ specifier, file }) => [specifier, file]))
  for (const { file, groups } of entries) {
    for (const { name, target } of groups.flatMap(({ exports }) => exports)) {
      if (target === undefined || !('declarations' in target) || homes.has(keyOf(target))) continue
      homes.set(keyOf(target), { file, name })
    }
  }
  const anchorOf = (file: string, name: string): string => anchors.get(file)?.get(name) ?? name.toLowerCase()
  return {
    fileOf: (declared) => homes.get(keyOf(declared))?.file,
    anchorOf,
    linkTo(target) {
      if ('declarations' in target) {
        const home = homes.get(keyOf(target))
        return home && `${home.file}#${anchorOf(home.file, home.name)}`
      }
      const file = files.get(target.specifier)
      const anchor = file && anchors.get(file)?.get(target.name)
      return anchor && `${file}#${anchor}`
    },
  }
}

/** Returns the anchor of each name on a page. GitHub numbers equal headings, whatever their level and case. */
function anchorsOf({ specifier, groups }: EntryPoint): ReadonlyMap<string, string> {
  const anchor = anchorMaker()
  anchor(specifier.replaceAll(/[@/]/g, ''))
  return new Map(
    groups.flatMap(({ title, exports }) => {
      if (title !== '') anchor(title.replaceAll(/[^\w -]/g, '').replaceAll(' ', '-'))
      return exports.map(({ name }) => [name, anchor(name)] as const)
    }),
  )
}

interface EntryPoint {
  /** The import path, such as `@mcpclient/core/define`. */
  readonly specifier: string
  readonly file: string
  readonly summary: string
  readonly groups: readonly ExportGroup[]
}

function entryPoints(tree: Tree, { folder, manifest }: WorkspacePackage): readonly EntryPoint[] {
  return Object.entries(manifest.exports ?? {}).map(([subpath, target]) => {
    const path = posix.join(folder, target['@mcpclient/source'])
    const specifier = posix.join(manifest.name, subpath)
    return {
      specifier,
      file: `${specifier.slice(specifier.indexOf('/') + 1).replaceAll('/', '-')}.md`,
      summary: summaryOf(tree.get(path) ?? ''),
      groups: exportGroups(tree, path),
    }
  })
}

/** Returns the comment at the top of an index, after the name of the entry point. */
function summaryOf(text: string): string {
  const comment = /^\s*\/\*\*(.*?)\*\//s.exec(text)?.[1] ?? ''
  const said = comment
    .replaceAll(/^\s*\* ?/gm, '')
    .trim()
    .replace(/^`[^`]+`: /, '')
  return said.charAt(0).toUpperCase() + said.slice(1)
}

function page(tree: Tree, { specifier, file, summary, groups }: EntryPoint, places: Places): string {
  const sections = groups.map(({ title, exports }) => {
    const entries = exports.map(({ name, target }) => ({ name, text: entry(name, target) }))
    const links = entries.map(({ name }) => `[\`${name}\`](#${places.anchorOf(file, name)})`).join(' · ')
    const heading = title === '' ? [] : [`## ${title.charAt(0).toUpperCase()}${title.slice(1)}`]
    return [...heading, links, ...entries.map(({ name, text }) => `### ${name}\n\n${text}`)].join('\n\n')
  })
  const hidden = hiddenTypes(
    tree,
    groups.flatMap(declaredNames).filter((each) => places.fileOf(each) === file),
    places,
  )
  const used = hidden.map((declared) => `### ${declared.name}\n\n${described(declared)}`)
  const more = used.length === 0 ? [] : ['## Types used above', 'They have no export of their own.', ...used]
  return `${[`# \`${specifier}\``, summary, GENERATED, ...sections, ...more].filter((part) => part !== '').join('\n\n')}\n`

  function entry(name: string, target: ExportGroup['exports'][number]['target']): string {
    if (target === undefined) throw new Error(`${specifier} exports ${name}, which nothing declares`)
    if ('specifier' in target) return `Re-exported from \`${target.specifier}\`.`
    if (places.fileOf(target) === file) return described(target)
    return `See [\`${target.name}\`](${places.linkTo(target)}).`
  }
  function described(declared: Declared): string {
    return [referenceEntry(tree, declared), typeLinks(declared), `[Source](../../${declared.path})`]
      .filter((part) => part !== '')
      .join('\n\n')
  }
  /** Links the types that a declaration is written with, because a code block cannot. */
  function typeLinks({ declarations, path, name }: Declared): string {
    const shown = new Set(declarations.flatMap(typesShownBy))
    shown.delete(name)
    const found = [...shown].flatMap((each) => {
      const target = declaredIn(tree, path, each)
      const link = target && places.linkTo(target)
      return link === undefined ? [] : [`[\`${each}\`](${link.replace(file, '')})`]
    })
    return found.length === 0 ? '' : `Types: ${found.join(' · ')}`
  }
}

/** Types that the public ones are written with and that no entry point exports, such as a part of some options. */
function hiddenTypes(tree: Tree, shown: readonly Declared[], places: Places): readonly Declared[] {
  const found = new Map<string, Declared>()
  const queue = [...shown]
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    for (const name of new Set(next.declarations.flatMap(typesShownBy))) {
      const target = declaredIn(tree, next.path, name)
      if (
        target === undefined ||
        !('path' in target) ||
        places.fileOf(target) !== undefined ||
        found.has(keyOf(target))
      )
        continue
      if (!target.declarations.every(isDescriptive)) continue
      found.set(keyOf(target), target)
      queue.push(target)
    }
  }
  return [...found.values()].toSorted((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1))
}

const declaredNames = ({ exports }: ExportGroup): readonly Declared[] =>
  exports.flatMap(({ target }) => (target !== undefined && 'declarations' in target ? [target] : []))

const keyOf = ({ path, name }: Declared): string => `${name} ${path}`

/** Numbers headings that differ in case only, as GitHub does. */
function anchorMaker(): (name: string) => string {
  const counts = new Map<string, number>()
  return (name) => {
    const slug = name.toLowerCase()
    const count = counts.get(slug) ?? 0
    counts.set(slug, count + 1)
    return count === 0 ? slug : `${slug}-${count}`
  }
}

/**
 * Returns a page with its tables of errors replaced: each stands between `<!-- codes -->` and `<!-- end of codes -->`, or
 * the same with `reasons`.
 * @throws Error if the page lacks one of the comments
 */
export function withErrorTables(tree: Tree, page: string): string {
  const tables = { codes: codeTable(tree), reasons: reasonTable(tree) }
  return Object.entries(tables).reduce((text, [name, table]) => {
    const [begin, end] = [`<!-- ${name} -->`, `<!-- end of ${name} -->`]
    const [before, rest] = text.split(begin)
    const [, after] = rest?.split(end) ?? []
    if (before === undefined || after === undefined) throw new Error(`The page has no ${begin} and ${end}.`)
    return `${before}${begin}\n${table}\n${end}${after}`
  }, page)
}

/** Writes the pages, and removes those of entry points that are gone. */
export function writeReference(): void {
  const folder = join(root, REFERENCE_FOLDER)
  mkdirSync(folder, { recursive: true })
  const tree = readTree(root)
  const pages = referencePages(tree)
  for (const file of readdirSync(folder)) if (!pages.has(file)) rmSync(join(folder, file))
  for (const [file, text] of pages) writeFileSync(join(folder, file), text)
  const troubleshooting = join(root, TROUBLESHOOTING_PAGE)
  writeFileSync(troubleshooting, withErrorTables(tree, readFileSync(troubleshooting, 'utf8')))
}

if (import.meta.main) writeReference()
