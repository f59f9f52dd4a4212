import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { compileFunction } from 'node:vm'
import type { Replica } from '@mcpclient/sync'
import ts from 'typescript'

const page = readFileSync(join(import.meta.dirname, '../../../../docs/guide/replicas.md'), 'utf8')

/** The table and the replica that a section of the guide shows. */
export interface DocumentedTable<Database> {
  readonly sql: string
  readonly open: (database: Database) => Replica
}

/** Returns what a section shows, unchanged, as a reader copies it. */
export function documentedTable<Database>(section: string, name: string): DocumentedTable<Database> {
  const text = page.split(/^## /m).find((each) => each.startsWith(`${section}\n`)) ?? ''
  const block = (language: string): string =>
    new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'ms').exec(text)?.[1] ?? ''
  const { outputText } = ts.transpileModule(block('ts'), {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2023 },
  })
  const exported: Record<string, (database: Database) => Replica> = {}
  compileFunction(outputText, ['exports'])(exported)
  const open = exported[name]
  const sql = block('sql')
  if (open === undefined || sql === '') throw new Error(`The section "${section}" shows no ${name}.`)
  return { sql, open }
}
