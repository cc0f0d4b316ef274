// A package registry on loopback that knows this package and what is installed here, so that `npm install` can be tried without publishing.
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'

interface Manifest {
  readonly name: string
  readonly version: string
}

/** A running registry. */
export interface Registry {
  readonly url: string
  close(): void
}

/** Serves the package files of `root` and of its node_modules, every version that is installed there. */
export async function startRegistry(root: string): Promise<Registry> {
  const own = manifestIn(root)
  const server = createServer((req, res) => {
    const name = decodeURIComponent(req.url ?? '').slice(1)
    try {
      const manifests = name === own.name ? [own] : installed(root, name)
      res.end(JSON.stringify(packument(name, manifests)))
    } catch {
      res.writeHead(404).end('{}')
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/`,
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

function manifestIn(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
}

/** The one that everybody finds, then those that packages keep for themselves. */
function installed(root: string, name: string): Manifest[] {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as { packages: object }
  const nested = Object.keys(packages).filter((path) => path.endsWith(`/node_modules/${name}`))
  return [`node_modules/${name}`, ...nested].map((path) => manifestIn(join(root, path)))
}

function packument(name: string, manifests: readonly Manifest[]): object {
  const dist = { tarball: `http://127.0.0.1:9/${name}.tgz`, shasum: '0'.repeat(40) }
  const versions = Object.fromEntries(manifests.map((manifest) => [manifest.version, { ...manifest, dist }]))
  return { name, 'dist-tags': { latest: manifests[0]!.version }, versions }
}
