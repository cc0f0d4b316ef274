// A process that locks a key, says what becomes of the lock, and lets go when it is told to; `lock.test.ts` freezes and kills it.
import { createInterface } from 'node:readline'
import { locks } from '../../src/index.ts'

const [, , url = '', key = '', ttl = ''] = process.argv
const tell = (what: object) => void process.stdout.write(`${JSON.stringify(what)}\n`)

const { lock, close } = locks(url)
const handle = await lock(key, { ttl: ttl as '1s' })
if (handle === undefined) throw new Error('Another holds it')
handle.lost.addEventListener('abort', () => tell({ lost: String(handle.lost.reason) }))
tell({ fencing: handle.fencing })
for await (const _line of createInterface({ input: process.stdin })) {
  tell({ released: await handle.release() })
  break
}
await close()
process.stdin.destroy()
