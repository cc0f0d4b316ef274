// The few options of curl that the documents use: -i, -s, -X METHOD, -H FIELD, -d BODY.
import { request } from 'node:http'
import { parseArgs } from 'node:util'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    include: { type: 'boolean', short: 'i' },
    silent: { type: 'boolean', short: 's' },
    request: { type: 'string', short: 'X' },
    header: { type: 'string', short: 'H', multiple: true, default: [] },
    data: { type: 'string', short: 'd' },
  },
})

const { data, request: method = data === undefined ? 'GET' : 'POST' } = values
const fields = values.header.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()])
const sending = request(positionals[0] ?? '', { method, headers: Object.fromEntries(fields) }, (res) => {
  if (values.include) {
    const lines = [`HTTP/${res.httpVersion} ${res.statusCode} ${res.statusMessage}`]
    for (let i = 0; i < res.rawHeaders.length; i += 2) lines.push(`${res.rawHeaders[i]}: ${res.rawHeaders[i + 1]}`)
    process.stdout.write(`${lines.join('\r\n')}\r\n\r\n`)
  }
  res.pipe(process.stdout)
})
sending.end(data)
