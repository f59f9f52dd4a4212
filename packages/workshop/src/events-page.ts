import ts from 'typescript'
import { publishedPackages } from './manifest.ts'
import { declaredIn, exportGroups } from './public-declarations.ts'
import type { Declared } from './public-declarations.ts'
import { memberLines, summaryLine } from './reference-entry.ts'
import type { Tree } from './tree.ts'

interface EventMap {
  readonly declared: Declared
  readonly node: ts.InterfaceDeclaration
  /** The entry point that exports it, such as `@mcpclient/core`. */
  readonly specifier: string
}

interface Event {
  readonly name: string
  readonly when: string
  readonly payload: readonly string[]
}

/** Renders a page of every event with its payload, or returns undefined if no package exports a map of events. */
export function eventsPage(tree: Tree): string | undefined {
  const maps = eventMaps(tree)
  const inherited = new Set(maps.flatMap(({ node }) => heritageOf(node)))
  const shown = maps.filter(({ declared }) => !inherited.has(declared.name))
  if (shown.length === 0) return undefined
  return `${[
    '# Events',
    'Generated from the code by `npm run reference`.',
    'Listen with `mcp.on(event, listener)`; it returns a function that stops the listener. Events of a connector have its server id in' +
      ' front, such as `docs.tools_changed`, and the payload is `{ serverId, data }`. No event holds a credential.',
    ...shown.map((map) => section(tree, map)),
  ].join('\n\n')}\n`
}

/** Returns the exported interfaces whose name ends in `Events`. */
function eventMaps(tree: Tree): readonly EventMap[] {
  const found = new Map<ts.Node, EventMap>()
  for (const { folder, manifest } of publishedPackages(tree)) {
    for (const [subpath, target] of Object.entries(manifest.exports ?? {})) {
      const path = `${folder}/${target['@mcpclient/source'].replace('./', '')}`
      for (const { name, target: declared } of exportGroups(tree, path).flatMap(({ exports }) => exports)) {
        if (!name.endsWith('Events') || declared === undefined || !('path' in declared)) continue
        const node = declared.declarations.find(ts.isInterfaceDeclaration)
        if (node === undefined || found.has(node)) continue
        found.set(node, { declared, node, specifier: `${manifest.name}${subpath.replace(/^\./, '')}` })
      }
    }
  }
  return [...found.values()]
}

const heritageOf = (node: ts.InterfaceDeclaration): readonly string[] =>
  (node.heritageClauses ?? []).flatMap(({ types }) => types.map(({ expression }) => expression.getText()))

function section(tree: Tree, { declared, node, specifier }: EventMap): string {
  const events = eventsOf(tree, declared.path, node)
  const rows = events.map(
    ({ name, when }) => `| [\`${name}\`](#${name.replaceAll('.', '')}) | ${when.replaceAll('|', '\\|')} |`,
  )
  return [
    `## ${declared.name}`,
    [`From \`${specifier}\`.`, summaryLine(node)].filter((part) => part !== '').join(' '),
    ['| event | when |', '| --- | --- |', ...rows].join('\n'),
    ...events.map(({ name, when, payload }) =>
      [`### ${name}`, when, payload.join('\n')].filter((part) => part !== '').join('\n\n'),
    ),
  ].join('\n\n')
}

function eventsOf(tree: Tree, path: string, node: ts.InterfaceDeclaration): readonly Event[] {
  const inherited = heritageOf(node).flatMap((name) => {
    const base = interfaceNamed(tree, path, name)
    return base === undefined ? [] : eventsOf(tree, base.path, base.node)
  })
  const own = node.members.filter(ts.isPropertySignature).map((member) => ({
    name: member.name.getText().replaceAll("'", ''),
    when: summaryLine(member),
    payload: member.type === undefined ? [] : payloadOf(tree, path, member.type),
  }))
  return [...own, ...inherited]
}

/** Returns the fields of a payload, with those of every interface that it is written with. */
function payloadOf(tree: Tree, path: string, type: ts.TypeNode): readonly string[] {
  if (ts.isIntersectionTypeNode(type)) return type.types.flatMap((each) => payloadOf(tree, path, each))
  if (ts.isTypeLiteralNode(type)) return memberLines([...type.members])
  if (!ts.isTypeReferenceNode(type)) return [`- \`${type.getText()}\``]
  const found = interfaceNamed(tree, path, type.typeName.getText())
  return found === undefined ? [`- \`${type.getText()}\``] : memberLines([...found.node.members])
}

function interfaceNamed(
  tree: Tree,
  path: string,
  name: string,
): { readonly path: string; readonly node: ts.InterfaceDeclaration } | undefined {
  const found = declaredIn(tree, path, name)
  if (found === undefined || !('path' in found)) return undefined
  const node = found.declarations.find(ts.isInterfaceDeclaration)
  return node && { path: found.path, node }
}
