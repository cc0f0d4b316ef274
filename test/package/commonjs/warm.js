// Runs the installed program: it loads an application of this project and warms through it.
const assert = require('node:assert/strict')
const { spawnSync } = require('node:child_process')

const args = ['warm', '/', 'https://shop.example/', '--app', 'site.js', '--host', 'shop.example']
const { status, stdout, stderr } = spawnSync('tiercache', args, {
  encoding: 'utf8',
  shell: process.platform === 'win32',
})
// Without Redis nothing outlives the program, and it says so.
assert.equal(status, 1, stderr)
assert.match(stdout, /^2 requests in .*: 2 stored, 0 there already, 0 not stored, 0 failed$/m)
assert.match(stderr, /has no Redis/)

console.log('CommonJS: the program warms through a Koa application')
