import { join } from 'node:path'
import ts from 'typescript'
import { root } from '../tree.ts'

/** Returns whether a changed file still has no type errors. The program is built once. */
export type Compiles = (path: string, text: string) => boolean

export function typeChecker(): Compiles {
  const configuration = join(root, 'packages/workshop/tsconfig/all.json')
  const host = { ...ts.sys, onUnRecoverableConfigFileDiagnostic: refuse }
  const parsed = ts.getParsedCommandLineOfConfigFile(configuration, {}, host)
  if (parsed === undefined) throw new Error(`${configuration} cannot be read.`)
  const changed = new Map<string, { readonly text: string; readonly version: number }>()
  let version = 0
  const service = ts.createLanguageService({
    getCompilationSettings: () => parsed.options,
    getScriptFileNames: () => parsed.fileNames,
    getScriptVersion: (file) => String(changed.get(file)?.version ?? 0),
    getScriptSnapshot: (file) => {
      const text = changed.get(file)?.text ?? ts.sys.readFile(file)
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text)
    },
    getCurrentDirectory: () => root,
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    fileExists: ts.sys.fileExists,
    readFile: ts.sys.readFile,
    readDirectory: ts.sys.readDirectory,
    directoryExists: ts.sys.directoryExists,
    getDirectories: ts.sys.getDirectories,
  })
  return (path, text) => {
    const file = join(root, path).replaceAll('\\', '/')
    const original = ts.sys.readFile(file) ?? ''
    changed.set(file, { text, version: ++version })
    const found = [...service.getSyntacticDiagnostics(file), ...service.getSemanticDiagnostics(file)]
    changed.set(file, { text: original, version: ++version })
    return found.length === 0
  }
}

function refuse(diagnostic: ts.Diagnostic): never {
  throw new Error(ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n'))
}
