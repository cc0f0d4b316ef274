// Reads the files of src/ and what each imports.
import { readdirSync, readFileSync } from 'node:fs'
import { join, posix, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

/** One file of src/. */
export interface SourceFile {
  /** Relative to src/, with slashes. */
  readonly path: string
  /** Without comments. */
  readonly code: string
  /** The files of src/ that it names, type-only imports and re-exports included. */
  readonly imports: readonly string[]
  /** The packages that it names, without a path inside them; Node's own modules are left out. */
  readonly packages: readonly string[]
}

/** `import … from 'x'`, `export … from 'x'`, `import 'x'` and `import('x')`, over several lines too. */
const SPECIFIER = /(?:\bfrom|\bimport)\s*\(?\s*'([^']+)'/g

/** Reads all of src/. */
export function readSources(): SourceFile[] {
  const root = fileURLToPath(new URL('../../src/', import.meta.url))
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => parseSource(name.split(sep).join('/'), readFileSync(join(root, name), 'utf8')))
    .sort((a, b) => a.path.localeCompare(b.path))
}

/** Takes apart one file's text. */
export function parseSource(path: string, text: string): SourceFile {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '')
  const specifiers = [...code.matchAll(SPECIFIER)].map(([, specifier = '']) => specifier)
  const relative = specifiers.filter((specifier) => specifier.startsWith('.'))
  const others = specifiers.filter((specifier) => !specifier.startsWith('.') && !specifier.startsWith('node:'))
  return {
    path,
    code,
    imports: [...new Set(relative.map((specifier) => posix.join(posix.dirname(path), specifier)))],
    packages: [...new Set(others.map(packageName))],
  }
}

/** Returns the first cycle as a path that ends where it began. */
export function findCycle(files: readonly SourceFile[]): string[] | undefined {
  const imports = new Map(files.map((file) => [file.path, file.imports]))
  const done = new Set<string>()

  function visit(path: string, trail: readonly string[]): string[] | undefined {
    if (trail.includes(path)) return [...trail.slice(trail.indexOf(path)), path]
    if (done.has(path)) return undefined
    for (const next of imports.get(path) ?? []) {
      const cycle = visit(next, [...trail, path])
      if (cycle !== undefined) return cycle
    }
    done.add(path)
    return undefined
  }

  for (const { path } of files) {
    const cycle = visit(path, [])
    if (cycle !== undefined) return cycle
  }
  return undefined
}

/** Tells whether a file does nothing but hand on what others export. */
export function isBarrel({ code }: SourceFile): boolean {
  if (!/\bexport\b/.test(code)) return false
  const rest = code
    .replace(/^(?:import|export)\b[^;'=(]*\bfrom\s*'[^']+'/gm, '')
    .replace(/^import\s*'[^']+'/gm, '')
    .replace(/^export\s+(?:type\s+)?\{[^}]*\}/gm, '')
  return rest.trim() === ''
}

function packageName(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}
