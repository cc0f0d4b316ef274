// A folder of static files, for what serves them.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export const text = 'A line of text.\n'.repeat(200)

/** Makes the folder before the tests of a `describe` and removes it after them; call the result for its path. */
export function folder(): () => string {
  let path = ''
  before(async () => {
    path = await mkdtemp(join(tmpdir(), 'tiercache-files-'))
    await mkdir(join(path, 'sub'))
    await writeFile(join(path, 'a.txt'), text)
    await writeFile(join(path, 'a.json'), '{"a":1}')
    await writeFile(join(path, 'empty.txt'), '')
    await writeFile(join(path, 'large.bin'), Buffer.alloc(1_500_000, 7))
    await writeFile(join(path, 'sub', 'index.html'), '<p>index</p>')
  })
  after(() => rm(path, { recursive: true, force: true }))
  return () => path
}
