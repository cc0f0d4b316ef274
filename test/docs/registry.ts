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

/** Serves the package files of `root` and of its node_modules, one version of each. */
export async function startRegistry(root: string): Promise<Registry> {
  const own = manifestIn(root)
  const server = createServer((req, res) => {
    const name = decodeURIComponent(req.url ?? '').slice(1)
    try {
      const manifest = name === own?.name ? own : manifestIn(join(root, 'node_modules', name))
      res.end(JSON.stringify(packument(manifest)))
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

function packument(manifest: Manifest): object {
  const { name, version } = manifest
  const dist = { tarball: `http://127.0.0.1:9/${name}.tgz`, shasum: '0'.repeat(40) }
  return { name, 'dist-tags': { latest: version }, versions: { [version]: { ...manifest, dist } } }
}
