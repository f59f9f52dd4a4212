import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createConnector } from '@mcpclient/create-connector'

const root = join(import.meta.dirname, '..')
let workspace = ''

beforeAll(() => {
  workspace = mkdtempSync(join(tmpdir(), 'create-connector-'))
})
afterAll(() => rmSync(workspace, { recursive: true, force: true }))

let folders = 0
const newFolder = (): string => join(workspace, String(++folders))

function readFiles(folder: string): Readonly<Record<string, string>> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const paths = entries.map((entry) => join(entry.parentPath, entry.name))
  return Object.fromEntries(paths.map((path) => [path.slice(folder.length + 1), readFileSync(path, 'utf8')]))
}

async function create(name: string, baseUrl?: string): Promise<Readonly<Record<string, string>>> {
  const folder = newFolder()
  await createConnector({ name, baseUrl, folder })
  return readFiles(folder)
}

describe('a created package', () => {
  it('has its own files, under its own name', async () => {
    const folder = newFolder()
    const created = await createConnector({ name: 'acme-mail', folder })
    expect(created).toEqual({
      packageName: 'mcpclient-acme-mail',
      folder,
      files: [
        '.gitignore',
        'README.md',
        'package.json',
        'src/acme-mail.ts',
        'src/index.ts',
        'test/contract.test.ts',
        'test/fixtures/create_note.json',
        'test/fixtures/get_note.json',
        'tsconfig.build.json',
        'tsconfig.json',
      ],
    })
    expect(Object.keys(readFiles(folder)).toSorted()).toEqual(created.files)
  })

  it('is the template itself if it has the name of the example', async () => {
    const { 'package.json': manifest, ...created } = await create('example-service')
    const template = readFiles(join(root, 'template'))
    const { _package: written, ...rest } = Object.fromEntries(
      Object.entries(template).map(([path, text]) => [
        path === '_package.json' ? '_package' : path.replace(/^_/, ''),
        text,
      ]),
    )
    expect(created).toEqual(rest)
    expect(Object.keys(JSON.parse(manifest ?? ''))).toEqual(Object.keys(JSON.parse(written ?? '')))
  })

  it('spells the name in each way and leaves nothing of the example', async () => {
    const files = await create('@my-org/acme-mail', 'https://mail.acme.example/api')
    const text = Object.entries(files)
      .map(([path, content]) => `${path}\n${content}`)
      .join('\n')
    expect(text).not.toMatch(/example[- ]?service/i)
    expect(files['src/acme-mail.ts']).toContain("baseUrl: 'https://mail.acme.example/api/'")
    expect(files['src/acme-mail.ts']).toContain("id: 'acme-mail',\n  name: 'Acme Mail'")
    expect(files['src/acme-mail.ts']).toContain('export const acmeMail: NamedFactory<typeof definition, AcmeMailTypes>')
    expect(files['README.md']).toContain("import { acmeMail } from '@my-org/acme-mail'")
    expect(JSON.parse(files['package.json'] ?? '')).toMatchObject({ name: '@my-org/acme-mail' })
  })

  it('asks for the versions that the template is tested with', async () => {
    const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    const manifest = JSON.parse((await create('acme'))['package.json'] ?? '')
    expect(Object.keys(manifest.devDependencies)).toContain('@mcpclient/testing')
    for (const list of ['dependencies', 'devDependencies', 'peerDependencies']) {
      expect(Object.keys(manifest[list])).not.toEqual([])
      expect(devDependencies).toMatchObject(manifest[list])
    }
  })

  it.each(['acme', 'acme-2-mail', 'x', 'await-it', 'note-book'])('parses if it is called %s', async (name) => {
    for (const [path, text] of Object.entries(await create(name))) {
      if (!path.endsWith('.ts')) continue
      const { diagnostics = [] } = ts.transpileModule(text, { fileName: path, reportDiagnostics: true })
      expect(diagnostics.map(({ messageText }) => messageText)).toEqual([])
    }
  })
})

describe('createConnector', () => {
  it.each([
    ['', 'not a valid name'],
    ['Acme', 'not a valid name'],
    ['acme_mail', 'not a valid name'],
    ['-acme', 'not a valid name'],
    ['acme-', 'not a valid name'],
    ['acme--mail', 'not a valid name'],
    ['../acme', 'not a valid name'],
    ['a/b', 'not a valid name'],
    ['@acme', 'not a valid name'],
    ['@my-org/../acme', 'not a valid name'],
    ['2captcha', 'start with a letter'],
    ['a'.repeat(300), 'longer than 214 characters'],
    ['delete', 'reserved word. Choose another name: delete-api'],
    ['index', 'reserved word'],
    ['tool', 'The template uses "tool" itself. Choose another name: tool-api.'],
    ['define-connector', 'The template uses "defineConnector" itself'],
    ['z', 'The template uses "z" itself'],
    ['definition', 'The template uses "definition" itself'],
    ['mcp', 'The template uses "mcp" itself'],
  ])('refuses the name "%s"', async (name, problem) => {
    const folder = newFolder()
    await expect(createConnector({ name, folder })).rejects.toThrow(problem)
    expect(readdirSync(workspace)).not.toContain(folder.slice(workspace.length + 1))
  })

  it.each([
    ['acme.example', 'is not a URL'],
    ['http://api.acme.example', 'is not an https URL'],
    ['javascript:alert(1)', 'is not an https URL'],
    ['https://ada:secret@api.acme.example', 'holds a credential'],
    ['https://api.acme.example/?v=1', 'has a query or a fragment'],
    ['https://api.acme.example/#v1', 'has a query or a fragment'],
  ])('refuses the base URL %s', async (baseUrl, problem) => {
    await expect(createConnector({ name: 'acme', baseUrl, folder: newFolder() })).rejects.toThrow(problem)
  })

  it.each([
    ['https://api.acme.example', 'https://api.acme.example/'],
    ['https://API.acme.example/v1', 'https://api.acme.example/v1/'],
    ["https://api.acme.example/it's/", 'https://api.acme.example/it%27s/'],
    ['https://api.acme.example/$&/${x}', 'https://api.acme.example/$&/$%7Bx%7D/'],
  ])('writes the base URL %s as %s', async (baseUrl, written) => {
    expect((await create('acme', baseUrl))['src/acme.ts']).toContain(`baseUrl: '${written}',`)
  })

  it('writes into an empty folder and overwrites nothing', async () => {
    const folder = newFolder()
    mkdirSync(folder)
    await createConnector({ name: 'acme', folder })
    writeFileSync(join(folder, 'src/acme.ts'), '// mine')
    await expect(createConnector({ name: 'acme', folder })).rejects.toThrow(`${folder} is not empty.`)
    expect(readFiles(folder)['src/acme.ts']).toBe('// mine')
  })

  it('refuses a file in place of the folder', async () => {
    const folder = newFolder()
    writeFileSync(folder, '')
    await expect(createConnector({ name: 'acme', folder })).rejects.toThrow(`${folder} is a file.`)
  })
})

describe('the command', () => {
  const run = (...input: readonly string[]) =>
    spawnSync(process.execPath, [join(root, 'src/main.ts'), ...input], { cwd: workspace, encoding: 'utf8' })

  it('creates a package in a folder of the name and says what is next', () => {
    const { status, stdout, stderr } = run('acme', '--base-url', 'https://api.acme.example')
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toContain('Created mcpclient-acme:\n  acme/.gitignore\n')
    expect(stdout).toContain('cd acme\n  npm install\n  npm test\n')
    expect(readFiles(join(workspace, 'acme'))['src/acme.ts']).toContain("'https://api.acme.example/'")
    expect(run('acme')).toMatchObject({ status: 1, stderr: expect.stringMatching(/acme is not empty\./) })
  })

  it.each([
    [[], 'The name of the connector is missing.'],
    [
      ['acme', 'https://api.acme.example'],
      'Unexpected argument "https://api.acme.example". npm needs -- before options.',
    ],
    [['acme', '--baseurl', 'https://api.acme.example'], '--baseurl'],
    [['acme', '--base-url'], '--base-url'],
  ])('explains its usage after the arguments %j', (input, problem) => {
    const { status, stderr } = run(...input)
    expect(status).toBe(2)
    expect(stderr).toContain(problem)
    expect(stderr).toContain('Usage: npm create @mcpclient/connector <name>')
  })

  it('prints its usage with --help', () => {
    expect(run('--help')).toMatchObject({ status: 0, stdout: expect.stringMatching(/^Usage/), stderr: '' })
  })
})
